import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundling } from '../build.ts';
import { fakeGitea } from './support/gitea/fake-gitea.ts';
import { archiveOf } from './support/tarball.ts';

const root = path.join(import.meta.dirname, '..');
const plain = { PATH: '/usr/bin:/bin' };

/** Runs dist/slipway.mjs alone in an empty folder, as the image does. */
function alone(args: string[], env: Record<string, string> = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-alone-'));
  copyFileSync(path.join(root, 'dist/slipway.mjs'), path.join(dir, 'slipway.mjs'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['slipway.mjs', ...args], {
    cwd: dir,
    env: { ...plain, ...env },
    encoding: 'utf8',
  });
  rmSync(dir, { recursive: true });
  return { status, said: stdout + stderr, stdout, stderr };
}

/** The same, while servers of this process answer it. */
async function aside(args: string[], env: Record<string, string>) {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-alone-'));
  copyFileSync(path.join(root, 'dist/slipway.mjs'), path.join(dir, 'slipway.mjs'));
  const child = spawn(process.execPath, ['slipway.mjs', ...args], {
    cwd: dir,
    env: { ...plain, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  rmSync(dir, { recursive: true });
  return { status, said };
}

const bundled = suite('dist/slipway.mjs');

bundled('prints its version, alone in an empty folder', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { status, said } = alone(['--version']);
  assert.equal({ status, said }, { status: 0, said: `${version}\n` });
});

bundled('brings its help along', () => {
  const { status, said } = alone(['help']);
  assert.is(status, 0);
  assert.match(said, 'deploy');
});

bundled('writes no fault into the file that its words go to', () => {
  const { status, stdout, stderr } = alone(['orca', '--spinaker', '2026.1']);
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.match(stderr, 'did you mean --spinnaker?');
});

bundled('deploys by a command', () => {
  const run = alone([], {
    PLUGIN_COMMAND: 'echo deployed',
    PLUGIN_ENVIRONMENT: 'test',
    PLUGIN_REPO: 'octo/hello',
    PLUGIN_COMMIT: 'a'.repeat(40),
  });
  assert.match(run.said, 'deployed');
  assert.is(run.status, 0);
});

bundled('deploys from the archive of a forge', async () => {
  const sha = 'a'.repeat(40);
  const gitea = await fakeGitea('octo/hello', 'gt-token');
  gitea.put(
    sha,
    archiveOf({ 'bin/deploy': { mode: 0o755, body: '#!/bin/sh\necho by $0\n' } }, { sha }),
  );
  const run = await aside([], {
    PLUGIN_CHECKOUT: 'archive',
    PLUGIN_COMMAND: 'find . | sort; bin/deploy',
    PLUGIN_ENVIRONMENT: 'test',
    PLUGIN_REPO: 'octo/hello',
    PLUGIN_COMMIT: sha,
    PLUGIN_GITEA_TOKEN: 'gt-token',
    PLUGIN_REPORT: 'none',
    PLUGIN_GITEA_URL: gitea.url,
  });
  assert.is(run.status, 0, run.said);
  assert.match(run.said, '\n.\n./bin\n./bin/deploy\nby bin/deploy\n');
  assert.equal(gitea.complaints, []);
  await gitea.close();
});

bundled('reads a slipway.yml', () => {
  const file = path.join(root, 'examples/slipway.yml');
  const { status, said } = alone(['orca', '--config', file, '--public-url=https://d.example.com']);
  assert.is(status, 0, said);
  assert.match(said, 'slipway-hello-production');
  const check = alone(['serve', '--check-config', '--config', file]);
  assert.is(check.status, 2);
  assert.match(check.said, 'tokens[0].value is the variable SPINNAKER_TOKEN, which is not set');
});

bundled('keeps the words of every package that it contains', () => {
  const words = readFileSync(path.join(root, 'dist/LICENSES.txt'), 'utf8');
  for (const name of ['got', 'pino', 'tar', 'ws', 'yaml', 'yargs', '@sindresorhus/is']) {
    assert.match(words, new RegExp(`^${name} \\d`, 'm'));
  }
});

bundled('keeps what few runs need out of the program that every run compiles', () => {
  const text = readFileSync(path.join(root, 'dist/slipway.mjs'), 'latin1');
  const program = text.slice(0, text.indexOf('*/', text.indexOf('/* program ')));
  for (const name of ['pino', 'yaml', 'yargs']) {
    assert.match(text, `\n/* part ${name}\n`);
    assert.not.match(program, `node_modules/${name}/`);
  }
});

bundled('loads neither undici nor TLS to say its version', () => {
  const listed = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `process.argv[2] = '--version';
       await import(${JSON.stringify(path.join(root, 'dist/slipway.mjs'))});
       process.stderr.write(process.moduleLoadList.join('\\n'));`,
    ],
    { env: plain, encoding: 'utf8' },
  );
  const loaded = listed.stderr.split('\n');
  assert.ok(loaded.includes('NativeModule events'));
  const heavy = ['internal/deps/undici/undici', 'https', '_tls_wrap', 'http2', 'internal/tls/wrap'];
  assert.equal(
    heavy.filter((name) => loaded.includes(`NativeModule ${name}`)),
    [],
  );
});

/** Loaded first; tells what the start makes of the compiled program, or does something just before. */
const watching = (code: string): string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    `const vm = process.getBuiltinModule('vm');
     vm.Script = class extends vm.Script { constructor(...parts) { ${code} } };`,
  )}`,
];
const whole = path.join(root, 'dist/slipway.mjs');
const deploys = {
  ...{ ...plain, PLUGIN_COMMAND: 'sleep 9', PLUGIN_ENVIRONMENT: 'test' },
  ...{ PLUGIN_REPO: 'octo/hello', PLUGIN_COMMIT: 'a'.repeat(40) },
};

bundled('need not be compiled by the Node that built it', () => {
  const { stdout } = spawnSync(
    process.execPath,
    [
      ...watching("super(...parts); console.log('rejected:', this.cachedDataRejected);"),
      ...[whole, '--version'],
    ],
    { env: plain, encoding: 'utf8' },
  );
  assert.match(stdout, /^rejected: false\n\d/);
});

// As PID 1 a signal that nobody listens for is lost; any other process would end by it.
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  bundled(`hears a ${signal} that comes before the program is loaded`, () => {
    const kill = `process.kill(process.pid, '${signal}'); super(...parts);`;
    const run = spawnSync(process.execPath, [...watching(kill), whole], {
      env: deploys,
      encoding: 'utf8',
    });
    assert.is(run.signal, null);
    assert.is(run.status, code, run.stdout + run.stderr);
  });
}

bundled('names its own lines in a stack', () => {
  const { stderr } = spawnSync(
    process.execPath,
    [
      ...watching("super(...parts); process.on = () => { throw new Error('here'); };"),
      ...[whole, '--version'],
    ],
    { env: plain, encoding: 'utf8' },
  );
  const [, line, column] = /slipway\.mjs:(\d+):(\d+)\)?\n/.exec(stderr) ?? [];
  const text = readFileSync(whole, 'utf8').split('\n')[Number(line) - 1] ?? '';
  assert.match(text.slice(Number(column) - 1 - 'process.'.length), /^process\.on\(/, stderr);
});

bundled.run();

const client = suite('the client as it is bundled');

// What build/ leaves out must not be missed: the client's own tests, bundled by the same rules.
for (const file of readdirSync(path.join(root, 'test/http')).filter(isTest)) {
  client(`passes test/http/${file}`, async () => {
    const out = path.join(root, 'test/http', file.replace('.test.ts', '.bundled.mjs'));
    try {
      await build({
        ...bundling,
        entryPoints: [`test/http/${file}`],
        outfile: out,
        format: 'esm',
        external: ['uvu', 'uvu/assert'],
        metafile: true,
      });
      const { status, stdout, stderr } = spawnSync(process.execPath, [out], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.is(status, 0, stdout + stderr);
      const [, total] = /^ {2}Total: +(\d+)$/m.exec(stdout) ?? [];
      const [, passed] = /^ {2}Passed: +(\d+)$/m.exec(stdout) ?? [];
      assert.ok(Number(total) > 0);
      assert.is(passed, total);
    } finally {
      rmSync(out, { force: true });
    }
  });
}

client.run();

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}
