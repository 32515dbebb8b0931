import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startRack } from '../test/support/convox/fake-rack.ts';
import { fakeDivio } from '../test/support/divio/fake-divio.ts';
import { entryChecks } from './entries/checks.ts';
import { serveChecks } from './serve/checks.ts';

/** What the image promises, asked of the built image: `node .ci/image-checks.ts IMAGE`. */
const image = process.argv[2] ?? 'slipway:local';
const docker = process.env.DOCKER ?? 'docker';
const mebibyte = 2 ** 20;

type Ran = { status: number | null; said: string };
const run = (...args: string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(docker, ['run', '--rm', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, said: stdout + stderr };
};
/** The same beside a server in this process. */
const later = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(docker, ['run', '--rm', ...args], { timeout: 60_000 });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    child.on('close', (status) => resolve({ status, said }));
  });
const inShell = (script: string): string =>
  run('--entrypoint', '/bin/sh', image, '-c', script).said.trim();
/** The program of the image with code of ours at the moment when it is handed to V8. */
const watched = (code: string, flags: readonly string[], args: readonly string[]): Ran => {
  const hook = `const vm = process.getBuiltinModule('vm');
    vm.Script = class extends vm.Script { constructor(...parts) { ${code} } };`;
  return run(
    ...[...flags, '--entrypoint', '/usr/local/bin/node', image],
    ...['--import', `data:text/javascript,${encodeURIComponent(hook)}`],
    ...['/opt/slipway/slipway.mjs', ...args],
  );
};
const settings = (values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
const deploys = (command: string): Record<string, string> => ({
  PLUGIN_COMMAND: command,
  PLUGIN_ENVIRONMENT: 'test',
  PLUGIN_REPO: 'octo/hello',
  PLUGIN_COMMIT: 'a'.repeat(40),
});

function expect(good: boolean, otherwise: string): void {
  if (!good) throw new Error(otherwise.slice(0, 2000));
}

/** Starts a deploy that would go on for a minute, sends the signal once it runs, and tells how it ended. */
async function endedBy(signal: string, command: string): Promise<Ran & { seconds: number }> {
  const name = `slipway-check-${process.pid}-${signal}`;
  const child = spawn(docker, [
    ...['run', '--rm', '--name', name],
    ...settings(deploys(command)),
    image,
  ]);
  let said = '';
  const running = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
        if (said.includes('deploying now')) resolve();
      });
    }
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await Promise.race([running, ended, pause(30_000, undefined, { ref: false })]);
  const start = performance.now();
  spawnSync(docker, ['kill', '--signal', signal, name]);
  const status = await Promise.race([ended, pause(20_000, undefined, { ref: false })]);
  spawnSync(docker, ['rm', '--force', name]);
  return { status: status ?? null, said, seconds: (performance.now() - start) / 1000 };
}

const checks: Record<string, () => void | Promise<void>> = {
  'prints its version'() {
    const { status, said } = run(image, '--version');
    expect(status === 0 && /^\d+\.\d+\.\d+\n$/.test(said), said);
  },
  'says what to do when nothing is set, and exits 2'() {
    const { status, said } = run(image);
    expect(status === 2 && said.includes('slipway') && !/^\s+at /m.test(said), `${status} ${said}`);
    expect(said.split('\n').length < 30, 'the text is long');
  },
  'deploys by a command, with /bin/sh'() {
    const { status, said } = run(...settings(deploys('echo hello from $0')), image);
    expect(status === 0 && said.includes('hello from'), `${status} ${said}`);
  },
  async 'deploys by divio, and tells a failure with its reason'() {
    for (const ends of ['success', 'failure'] as const) {
      const divio = await fakeDivio({ course: { ends, lasts: 2000, log: 'no space left\n' } });
      divio.world.pull('a'.repeat(40));
      const { status, said } = await later(
        ...['--network', 'host'],
        ...settings({
          ...{ PLUGIN_TARGET: 'divio', PLUGIN_DIVIO_API_URL: divio.url },
          ...{ PLUGIN_DIVIO_APPLICATION: 'hello', PLUGIN_DIVIO_TOKEN: divio.token },
          ...{ PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPO: 'octo/hello' },
          PLUGIN_COMMIT: 'a'.repeat(40),
        }),
        image,
      );
      const { deployments } = divio.world;
      await divio.close();
      const wanted = ends === 'success' ? /deployment dep\w+ succeeded/ : /failed: no space left/;
      expect(status === (ends === 'success' ? 0 : 1) && wanted.test(said), `${status} ${said}`);
      expect(deployments.length === 1 && !said.includes(divio.token), said);
      expect(divio.complaints.length === 0, divio.complaints.join());
    }
  },
  'passes a failure on as exit 1'() {
    const { status, said } = run(...settings(deploys('exit 9')), image);
    expect(status === 1, `${status} ${said}`);
  },
  async 'ends a run at SIGTERM as PID 1: 143 inside 6 s'() {
    const { status, said, seconds } = await endedBy('TERM', 'echo deploying now; sleep 60');
    expect(status === 143 && seconds < 6, `${status} after ${seconds} s: ${said}`);
  },
  async 'ends a run at SIGINT as PID 1: 130 inside 6 s'() {
    const { status, said, seconds } = await endedBy('INT', 'echo deploying now; sleep 60');
    expect(status === 130 && seconds < 6, `${status} after ${seconds} s: ${said}`);
  },
  async 'ends a command that ignores SIGTERM inside 6 s'() {
    const { status, said, seconds } = await endedBy(
      'TERM',
      "trap '' TERM; echo deploying now; while :; do sleep 1; done",
    );
    expect(status === 143 && seconds < 6, `${status} after ${seconds} s: ${said}`);
  },
  async 'deploys by convox, with its archive and its sockets, on a read-only root'() {
    const rack = await startRack({ build: ['complete'], rollout: ['updating', 'running'] });
    const dir = mkdtempSync(path.join(tmpdir(), 'slipway-check-'));
    chmodSync(dir, 0o755);
    writeFileSync(path.join(dir, 'convox.yml'), 'services:\n  web:\n    build: .\n');
    try {
      const { status, said } = await later(
        ...['--network', 'host', '--read-only', '--user', '12345:12345', '--cap-drop', 'ALL'],
        ...['-v', `${dir}:/work:ro`, '-w', '/work'],
        ...settings({
          ...{ PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_RACK_URL: rack.rackUrl },
          ...{ PLUGIN_CONVOX_APP: 'app1', PLUGIN_ENVIRONMENT: 'test', PLUGIN_REPO: 'octo/hello' },
          PLUGIN_COMMIT: 'a'.repeat(40),
        }),
        image,
      );
      expect(status === 0 && said.includes('release RNEWBAAA is running'), `${status} ${said}`);
      expect(said.includes('line1'), `the build's log is not there: ${said}`);
      expect(rack.complaints.length === 0, rack.complaints.join());
    } finally {
      await rack.close();
      rmSync(dir, { recursive: true });
    }
  },
  'has Node as PID 1'() {
    const { said } = run(...settings(deploys("tr '\\0' ' ' < /proc/1/cmdline")), image);
    expect(said.includes('/usr/local/bin/node /opt/slipway/'), said);
  },
  'runs as any user, on a read-only root, without capabilities'() {
    const { status, said } = run(
      ...['--user', '12345:12345', '--read-only', '--cap-drop', 'ALL'],
      ...['--security-opt', 'no-new-privileges'],
      ...settings(deploys('id -u')),
      image,
    );
    expect(status === 0 && said.includes('12345'), `${status} ${said}`);
  },
  'lets no variable change the code that runs'() {
    const dir = mkdtempSync(path.join(tmpdir(), 'slipway-check-'));
    writeFileSync(path.join(dir, 'evil.cjs'), "console.log('EVIL ran'); process.exit(0);\n");
    const { status, said } = run(
      ...['-v', `${dir}:/evil:ro`],
      ...settings({
        ...deploys('echo deployed; env'),
        NODE_OPTIONS: '--require /evil/evil.cjs',
        NODE_PATH: '/evil',
        NODE_REPL_EXTERNAL_MODULE: '/evil/evil.cjs',
        NODE_EXTRA_CA_CERTS: '/evil/ca.pem',
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        NODE_CHANNEL_FD: '3',
        OPENSSL_CONF: '/evil/openssl.cnf',
        LD_PRELOAD: '/evil/evil.so',
        LD_AUDIT: '/evil/evil.so',
        LD_SHOW_AUXV: '1',
      }),
      image,
    );
    rmSync(dir, { recursive: true });
    expect(status === 0 && said.includes('deployed'), `${status} ${said}`);
    expect(!/EVIL|evil|AT_HWCAP|NODE_TLS_REJECT/.test(said), said);
  },
  'clears every variable that this Node knows to load or trust by'() {
    const { Entrypoint } = inspect().Config;
    const names = inShell(
      "grep -aohE '\\b(NODE|OPENSSL|SSL)_[A-Z0-9_]+\\b' /usr/local/bin/node | sort -u",
    );
    const telling =
      /^(NODE_(OPTIONS|PATH|.*(CA|CERT|TLS|DEBUG|REPL_EXT|ICU|COMPILE|PRESERVE|COVERAGE|CHANNEL|ENV_PROXY|REDIRECT).*)|OPENSSL_(CONF|MODULES|ENGINES).*|SSL_CERT_(FILE|DIR))$/;
    // Names of constants, not of variables.
    const harmless = /^NODE_(DEBUG_ENABLED|HANDLE.*|SOCKET.*|PERFORMANCE.*|USE_V8.*)$/;
    const open = names
      .split('\n')
      .filter((name) => telling.test(name) && !harmless.test(name) && !Entrypoint.includes(name));
    expect(names.includes('NODE_OPTIONS') && open.length === 0, `not cleared: ${open.join(', ')}`);
  },
  'clears the same variables where a job replaces the entry point'() {
    const script = '#!/bin/sh\nslipway version; tail -n +2 /usr/local/bin/slipway';
    const { said } = run(
      ...['--entrypoint', '', '-e', 'NODE_OPTIONS=--require /evil.cjs', image],
      ...['/bin/sh', '-c', script],
    );
    expect(/^\d+\.\d+\.\d+\n/.test(said), said);
    const cleared = inspect().Config.Entrypoint.filter((_, at, all) => all[at - 1] === '-u');
    const missing = cleared.filter((name) => !said.split(/\s+/).includes(name));
    expect(cleared.length > 40 && missing.length === 0, `not cleared: ${missing.join(', ')}`);
  },
  'need not be compiled: V8 takes what the build has left'() {
    const code = "super(...parts); console.log('rejected:', this.cachedDataRejected);";
    const { said } = watched(code, ['--read-only', '--user', '12345:12345'], ['--version']);
    expect(said.startsWith('rejected: false\n'), said);
  },
  'hears a SIGTERM that comes before its program is loaded, as PID 1'() {
    const code = "process.kill(1, 'SIGTERM'); super(...parts);";
    const { status, said } = watched(code, settings(deploys('sleep 9')), []);
    expect(status === 143, `${status} ${said}`);
  },
  'carries the labels of an image'() {
    const labels = inspect().Config.Labels;
    for (const label of [
      'title',
      'description',
      'licenses',
      'version',
      'source',
      'documentation',
    ]) {
      expect(`org.opencontainers.image.${label}` in labels, `no ${label}`);
    }
    const { version } = JSON.parse(spawnSync('cat', ['package.json'], { encoding: 'utf8' }).stdout);
    expect(labels['org.opencontainers.image.version'] === version, 'the label has another version');
  },
  'keeps the roots that curl and git look for, and no package lists'() {
    const seen = inShell('grep -c BEGIN /etc/ssl/certs/ca-certificates.crt; ls /var/lib/apt/lists');
    expect(Number(seen) > 100, seen);
  },
  'can be built upon: apt-get, and a tool of one’s own'() {
    const dir = mkdtempSync(path.join(tmpdir(), 'slipway-check-'));
    writeFileSync(path.join(dir, 'mytool'), '#!/bin/sh\necho my tool ran\n', { mode: 0o755 });
    writeFileSync(
      path.join(dir, 'Dockerfile'),
      `FROM ${image}\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends git\nCOPY mytool /usr/local/bin/\n`,
    );
    const built = spawnSync(
      docker,
      ['build', '--network=host', '-q', '-t', `${image}-tools`, dir],
      {
        encoding: 'utf8',
        env: { ...process.env, DOCKER_BUILDKIT: '1' },
      },
    );
    rmSync(dir, { recursive: true });
    expect(built.status === 0, built.stderr);
    const { status, said } = run(...settings(deploys('git --version && mytool')), `${image}-tools`);
    spawnSync(docker, ['rmi', '--force', `${image}-tools`]);
    expect(status === 0 && /git version \d/.test(said) && said.includes('my tool ran'), said);
  },
  ...entryChecks(image, docker),
  ...serveChecks(image, docker),
  'is at most 72 MiB compressed'() {
    const sized = spawnSync('sh', ['-c', `${docker} save "$1" | gzip -9 | wc -c`, 'sh', image], {
      encoding: 'utf8',
    });
    const bytes = Number(sized.stdout);
    console.log(`    ${(bytes / mebibyte).toFixed(1)} MiB (${bytes} bytes)`);
    expect(bytes > 0 && bytes < 72 * mebibyte, `${bytes} bytes`);
  },
};

type Inspected = { Config: { Entrypoint: string[]; Labels: Record<string, string> } };
function inspect(): Inspected {
  const { stdout } = spawnSync(docker, ['image', 'inspect', image], { encoding: 'utf8' });
  return (JSON.parse(stdout) as Inspected[])[0] as Inspected;
}

let failed = 0;
const only = new RegExp(process.argv[3] ?? '');
const chosen = Object.entries(checks).filter(([title]) => only.test(title));
for (const [title, check] of chosen) {
  try {
    await check();
    console.log(`  ✓ ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`  ✘ ${title}\n    ${error instanceof Error ? error.message : error}`);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
