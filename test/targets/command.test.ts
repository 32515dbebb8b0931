import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { SettingsError, type Stop } from '../../src/errors.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import { command } from '../../src/targets/command.ts';
import type { Job, TargetDeps, Verdict } from '../../src/targets/target.ts';
import { createNotes, order, type Recorded, recordJob } from '../support/job.ts';
import { noHttp } from '../support/no-http.ts';
import { testTarget } from './contract.ts';

const open = (settings: Readonly<Record<string, string>>, deps: TargetDeps) => {
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(command.settings, [fromEnv(settings, 'PLUGIN_')], reading);
  assert.equal(loaded.faults, []);
  return command.open(loaded, deps);
};

const scripts = {
  success: 'echo begun >> begun; echo done',
  failure: 'echo begun >> begun; echo sorry >&2; exit 3',
  endless: 'echo begun >> begun; sleep 60',
};
testTarget('command', {
  entry: command,
  stage: async (fate) => {
    const tree = mkdtempSync(join(tmpdir(), 'command-'));
    const secret = 'hunter2-hunter2';
    return {
      open: (deps) =>
        open(
          { PLUGIN_COMMAND: scripts[fate], PLUGIN_COMMAND_ENV: JSON.stringify({ TOKEN: secret }) },
          deps,
        ),
      begun: () => {
        const file = join(tree, 'begun');
        return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
      },
      secrets: [secret],
      job: { tree },
      deps: { env: { PATH: process.env.PATH } },
      close: async () => rmSync(tree, { recursive: true }),
    };
  },
});

const running = suite('command');

type Played = Recorded & {
  readonly verdict: Verdict;
  readonly lines: readonly string[];
  readonly tree: string;
  readonly ms: number;
};
type Extra = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly job?: Partial<Job>;
  readonly deps?: Partial<TargetDeps>;
  /** Called when the command has written something. */
  readonly onOutput?: (recorded: Recorded, tree: string) => void;
};

/** One command in a folder of its own. */
async function run(script: string, extra: Extra = {}): Promise<Played> {
  const tree = mkdtempSync(join(tmpdir(), 'command-'));
  const { log, lines } = createNotes();
  const deps = {
    http: noHttp,
    clock: systemClock,
    log,
    cwd: tree,
    env: { PATH: process.env.PATH },
    ...extra.deps,
  };
  const recorded: Recorded = recordJob({
    tree,
    ...(extra.onOutput
      ? {
          output: async (bytes) => {
            recorded.pieces.push(Buffer.from(bytes));
            extra.onOutput?.(recorded, tree);
          },
        }
      : {}),
    ...extra.job,
  });
  const began = performance.now();
  try {
    const target = open({ PLUGIN_COMMAND: script, ...extra.settings }, deps);
    const verdict = await target.deploy(recorded.job);
    const ms = performance.now() - began;
    return { ...recorded, verdict, tree, ms, lines: lines.map(({ text }) => text) };
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const stopBy =
  (stop: Stop) =>
  (recorded: Recorded): void =>
    recorded.stop(stop);
const sigterm: Stop = { kind: 'signal', name: 'SIGTERM' };
const person: Stop = { kind: 'person', reason: 'enough' };

const isAlive = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
async function dies(pid: number): Promise<boolean> {
  for (let i = 0; i < 50 && isAlive(pid); i++) await pause(10);
  return !isAlive(pid);
}
const pidIn = (text: string): number => Number(/pid (\d+)/.exec(text)?.[1]);

running('streams stdout and stderr in the order in which they were written', async () => {
  const { verdict, text } = await run(
    'for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done; printf end',
  );
  assert.equal(verdict, { outcome: 'success', description: '' });
  assert.is(text(), `${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `o${i}\ne${i}\n`).join('')}end`);
});

running('lets a script write to /dev/stdout and /dev/stderr by name', async () => {
  const { verdict, text } = await run('echo a > /dev/stdout; echo b | tee /dev/stderr');
  assert.is(verdict.outcome, 'success');
  assert.is(text(), 'a\nb\nb\n');
});

running('passes binary output to the letter', async () => {
  const { pieces } = await run(`printf '\\377\\000\\342\\202'; sleep 0.05; printf '\\254\\r'`);
  assert.equal([...Buffer.concat(pieces)], [255, 0, 0xe2, 0x82, 0xac, 13]);
});

running('gives the command no input', async () => {
  const { verdict, text } = await run('cat; echo over');
  assert.is(verdict.outcome, 'success');
  assert.is(text(), 'over\n');
});

running('stops at the first command that fails', async () => {
  const { verdict, text } = await run('echo a\nfalse\necho b');
  assert.equal(verdict, { outcome: 'failure', description: 'The command exited with code 1' });
  assert.is(text(), 'a\n');
});

for (const [script, description] of [
  ['exit 78', 'The command exited with code 78'],
  [
    'no-such-tool --x',
    'The command exited with code 127: a program in it was not found. Is the workspace mounted and the file in it, or does the image lack it (FROM slipway)?',
  ],
  ['kill -KILL $$', 'The command was killed by SIGKILL, most likely for lack of memory'],
  ['kill -HUP $$', 'The command was killed by SIGHUP'],
  [
    "sh -c 'kill -KILL $$'",
    'The command exited with code 137: a process in it was killed by SIGKILL, most likely for lack of memory',
  ],
] as const) {
  running(`says how it failed: ${script}`, async () => {
    const { verdict } = await run(script);
    assert.equal(verdict, { outcome: 'failure', description });
  });
}

running('keeps commas, quotes, lines and a leading dash of a script', async () => {
  const { text } = await run(`-x 2>/dev/null || true\necho 'a,b' "c\\"d"\necho {x,y}, é\n`);
  assert.is(text(), 'a,b c"d\n{x,y}, é\n');
});

running('runs a script longer than one argument may be', async () => {
  const { verdict, text } = await run(`${`# ${'x'.repeat(1000)}\n`.repeat(200)}echo long; exit 4`);
  assert.is(verdict.description, 'The command exited with code 4');
  assert.is(text(), 'long\n');
});

running('runs no program of PATH before the command', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'path-'));
  const stolen = join(folder, 'stolen');
  writeFileSync(join(folder, 'mkfifo'), `#!/bin/sh\nenv > ${stolen}\n`, { mode: 0o755 });
  const { verdict } = await run('/bin/echo hi', {
    settings: { PLUGIN_COMMAND_ENV: '{"DB_PASSWORD":"hunter2"}' },
    deps: { env: { PATH: `${folder}:/usr/bin:/bin` } },
  });
  assert.is(verdict.outcome, 'success');
  assert.not.ok(existsSync(stolen));
  rmSync(folder, { recursive: true });
});

running('runs with another shell, found on PATH', async () => {
  const { text } = await run('set -o | grep pipefail', {
    settings: { PLUGIN_SHELL: 'bash -eo pipefail' },
  });
  assert.match(text(), /pipefail\s+on/);
});

for (const shell of ['/no/such/sh -e', 'no-such-sh', 'bin/sh', '/etc/passwd', '/bin']) {
  running(`calls the shell ${shell} a fault of the setting`, async () => {
    const error = await run('true', { settings: { PLUGIN_SHELL: shell } }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.instance(error, SettingsError);
    assert.is((error as SettingsError).faults[0]?.name, 'PLUGIN_SHELL');
    assert.match((error as SettingsError).message, JSON.stringify(shell));
  });
}

running('calls variables that cannot be set a fault, without their values', async () => {
  const variables = JSON.stringify({ 'A=B': 'hush-1', C: 'hush-2\0', D: 'x'.repeat(130_000) });
  const error = await run('true', { settings: { PLUGIN_COMMAND_ENV: variables } }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, SettingsError);
  const { faults, message } = error as SettingsError;
  assert.equal(
    faults.map(({ name }) => name),
    Array(3).fill('PLUGIN_COMMAND_ENV'),
  );
  assert.not.match(message, /hush|xxx/);
});

running('runs in the folder of the setting, relative to the tree', async () => {
  const { text } = await run('pwd', { settings: { PLUGIN_WORKDIR: '..' } });
  assert.is(text().trim(), tmpdir());
});

running('says which folder does not exist, before it begins', async () => {
  const error = await run('true', { settings: { PLUGIN_WORKDIR: 'deploy/x' } }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, SettingsError);
  const message = 'names no folder of the source tree: deploy/x; check the checkout too';
  assert.equal((error as SettingsError).faults, [{ name: 'PLUGIN_WORKDIR', message }]);
});

const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

running('tells the command what is deployed, and adds nothing else', async () => {
  const payload = { who: 'me', 'a-b': [1, { c: 2 }], n: 3, nul: 'x\0y', none: null, 'PATH=x': '!' };
  const { text } = await run('env -0', {
    settings: { PLUGIN_COMMAND_ENV: '{"TOKEN":"given","DEPLOY_TASK":"mine"}' },
    job: { order: { ...order, payload, runId: 'run-1', deploymentId: '42' } },
    deps: {
      env: {
        PATH: '/usr/bin:/bin',
        HOME: '/root',
        NONE: undefined,
        DEPLOY_PAYLOAD_FORGED: 'x',
        DEPLOY_SHA: 'forged',
        SLIPWAY_OUTPUT: 'forged',
      },
    },
  });
  const { SLIPWAY_OUTPUT, PWD, OLDPWD, SHLVL, _, ...rest } = variablesOf(text());
  assert.match(SLIPWAY_OUTPUT ?? '', /\/slipway-\w+\/output$/);
  assert.equal(rest, {
    PATH: '/usr/bin:/bin',
    HOME: '/root',
    DEPLOY_ENVIRONMENT: 'production',
    DEPLOY_REPO: 'octo/hello',
    DEPLOY_SHA: order.commit,
    DEPLOY_REF: 'main',
    DEPLOY_TASK: 'mine',
    DEPLOY_ID: '42',
    DEPLOY_RUN_KEY: order.runKey,
    DEPLOY_RUN_ID: 'run-1',
    DEPLOY_PAYLOAD: JSON.stringify(payload),
    DEPLOY_PAYLOAD_WHO: 'me',
    DEPLOY_PAYLOAD_A_B: '[1,{"c":2}]',
    DEPLOY_PAYLOAD_N: '3',
    DEPLOY_PAYLOAD_NUL: 'xy',
    DEPLOY_PAYLOAD_NONE: '',
    DEPLOY_PAYLOAD_PATH_X: '!',
    TOKEN: 'given',
  });
});

running('leaves out what a variable cannot hold, and says so', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`k${i}`, 'y'.repeat(100_000)]),
  );
  const payload = { big: 'x'.repeat(200_000), ...many, 'a-b': '1', 'a.b': '2' };
  const { verdict, text, lines } = await run('env | cut -c1-40', {
    job: { order: { ...order, payload } },
  });
  assert.is(verdict.outcome, 'success');
  assert.not.match(text(), /^DEPLOY_PAYLOAD(_BIG)?=/m);
  assert.match(text(), /^DEPLOY_PAYLOAD_K0=yyy/m);
  assert.match(text(), /^DEPLOY_PAYLOAD_A_B=1$/m);
  assert.equal(
    lines.filter((line) => line.startsWith('not passed')),
    [
      'not passed to the command, because another key has the same name of a variable: the payload\'s "a.b"',
      'not passed to the command, because it is too large for a variable: the payload as a whole, the payload\'s "big", the payload\'s "k5" and 24 more of its keys',
    ],
  );
});

running('takes the outputs that the command wrote', async () => {
  const { verdict, results, served, lines } = await run(
    `{ echo environment_url=https://hello.example/; echo; echo 'version=1=2 é'; printf 'crlf=x\\r\\n';
      echo description=Hello 7; echo no equals; echo '2x=y'; printf 'last=z'; } >> "$SLIPWAY_OUTPUT"`,
  );
  assert.equal(verdict, { outcome: 'success', description: 'Hello 7' });
  assert.equal(served, ['https://hello.example/']);
  assert.equal(
    [...results],
    [
      ['version', '1=2 é'],
      ['crlf', 'x'],
      ['last', 'z'],
    ],
  );
  assert.equal(lines, [
    'line 6 of $SLIPWAY_OUTPUT is ignored: it is not name=value',
    'line 7 of $SLIPWAY_OUTPUT is ignored: it is not name=value',
  ]);
});

running('puts the command’s own word before how it failed, and serves nothing then', async () => {
  const { verdict, served } = await run(
    'echo environment_url=https://x.example >> $SLIPWAY_OUTPUT; echo description=No room >> $SLIPWAY_OUTPUT; exit 9',
  );
  assert.is(verdict.description, 'No room (the command exited with code 9)');
  assert.equal(served, []);
});

for (const [what, script, line] of [
  ['a link', 'ln -sf /etc/passwd $SLIPWAY_OUTPUT', /cannot be read \(ELOOP\)/],
  ['a pipe', 'rm $SLIPWAY_OUTPUT; mkfifo $SLIPWAY_OUTPUT', /is not a file any more/],
  ['a folder', 'rm $SLIPWAY_OUTPUT; mkdir $SLIPWAY_OUTPUT', /is not a file any more/],
  ['nothing', 'rm $SLIPWAY_OUTPUT', /cannot be read \(ENOENT\)/],
  ['too much', 'yes a=b | head -c 3000000 > $SLIPWAY_OUTPUT', /larger than 1 MiB/],
  [
    'no URL',
    'echo environment_url=javascript:x > $SLIPWAY_OUTPUT',
    /environment_url.* must be an absolute/,
  ],
] as const) {
  running(`succeeds although the outputs are ${what}`, async () => {
    const { verdict, served, lines } = await run(script);
    assert.is(verdict.outcome, 'success');
    assert.equal(served, []);
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? '', line);
  });
}

running('removes its private folder', async () => {
  const { text } = await run(
    'dirname "$SLIPWAY_OUTPUT"; stat -c %a "$(dirname "$SLIPWAY_OUTPUT")"',
  );
  const [folder = '', mode] = text().split('\n');
  assert.is(mode, '700');
  assert.is(existsSync(folder), false);
});

running('takes the next folder when TMPDIR cannot be written', async () => {
  const { text } = await run('echo $SLIPWAY_OUTPUT', {
    deps: { env: { PATH: process.env.PATH, TMPDIR: '/proc/none' } },
  });
  assert.match(text(), /^\/tmp\/slipway-/);
});

running('runs without a pipe of its own where mkfifo is not there', async () => {
  const { verdict, text } = await run('echo a; echo b >&2; /bin/echo c; exit 5', {
    deps: { env: { PATH: '/nowhere' } },
  });
  assert.is(verdict.description, 'The command exited with code 5');
  assert.is(text(), 'a\nb\nc\n');
});

running('saves where it is, and how the command ended', async () => {
  const { saved } = await run('exit 2');
  assert.equal(saved, [
    { when: 'before', state: { step: 'starting' } },
    { when: 'after', state: { step: 'ended', code: 2, signal: null } },
  ]);
});

running('knows the verdict of a command that ended before the crash', async () => {
  const ended = await run('touch ran', {
    job: { checkpoint: { step: 'ended', code: 2, signal: null } },
  });
  assert.is(ended.verdict.description, 'The command exited with code 2');
  const killed = await run('touch ran', { job: { checkpoint: { step: 'starting' } } });
  assert.equal(killed.verdict, {
    outcome: 'error',
    description: 'What the killed command did is not known',
  });
});

running('keeps its verdict when the end cannot be stored', async () => {
  const { verdict, lines } = await run('exit 2', {
    job: { after: () => Promise.reject(new Error('disk full')) },
  });
  assert.is(verdict.description, 'The command exited with code 2');
  assert.equal(lines, ['the end of the command could not be stored']);
});

running('gives a command the time to end by itself', async () => {
  const { verdict, text } = await run(
    "trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.05; done",
    {
      onOutput: stopBy(person),
    },
  );
  assert.is(verdict.outcome, 'cancelled');
  assert.match(text(), /^up\n(?:.*\n)?cleaned\n$/);
});

running('gives what the shell had started the same time, though the shell is gone', async () => {
  const { ms, text } = await run(
    "(trap 'sleep 0.4; echo cleaned; exit' TERM; echo up; while :; do sleep 0.05; done) & wait",
    {
      onOutput: stopBy(sigterm),
    },
  );
  assert.match(text(), /^up\n(?:.*\n)?cleaned\n$/);
  assert.ok(ms < 3000, String(ms));
});

for (const [stop, settings, least, most] of [
  [sigterm, {}, 3900, 4800],
  [{ kind: 'timeout' }, { PLUGIN_GRACE: '1' }, 900, 1800],
  [person, { PLUGIN_GRACE: '5' }, 4900, 5800],
] as const) {
  running(
    `kills a command that ignores TERM: ${stop.kind}, ${JSON.stringify(settings)}`,
    async () => {
      const { verdict, ms, text } = await run(
        "trap '' TERM; sh -c 'echo pid $$; while :; do sleep 1; done'",
        { settings, onOutput: stopBy(stop) },
      );
      assert.is(verdict.outcome, stop.kind === 'timeout' ? 'timed_out' : 'cancelled');
      assert.ok(ms >= least && ms <= most, String(ms));
      assert.ok(await dies(pidIn(text())));
    },
  );
}

running('stops a command that is suspended', async () => {
  const { verdict, ms } = await run('echo up; kill -STOP $$', {
    onOutput: (recorded) => setTimeout(recorded.stop, 100, sigterm),
  });
  assert.is(verdict.outcome, 'cancelled');
  assert.ok(ms < 2000, String(ms));
});

running('stops a command that has closed its output', async () => {
  const { verdict, tree, ms } = await run(
    'echo up; exec >/dev/null 2>&1; while :; do sleep 0.05; done',
    { onOutput: (recorded) => setTimeout(recorded.stop, 200, sigterm) },
  );
  assert.is(verdict.outcome, 'cancelled');
  assert.ok(ms < 2000, String(ms));
  assert.is(existsSync(tree), false);
});

running('waits for a command that has closed its output', async () => {
  const { verdict, ms } = await run('exec >&- 2>&-; sleep 0.5; exit 6');
  assert.is(verdict.description, 'The command exited with code 6');
  assert.ok(ms >= 500, String(ms));
});

running('is not held up by a daemon that keeps its output open, and lets it live', async () => {
  const { verdict, text, ms, lines } = await run(
    "sh -c 'echo pid $$; exec sleep 20' & sleep 0.1; echo over",
  );
  const pid = pidIn(text());
  try {
    assert.is(verdict.outcome, 'success');
    assert.match(text(), 'over');
    assert.ok(ms > 1000 && ms < 2500, String(ms));
    assert.equal(lines, [
      'the command has ended, but something it started holds its output open; going on',
    ]);
    assert.ok(isAlive(pid));
  } finally {
    process.kill(pid);
  }
});

running('is not held up by a daemon that goes on writing', async () => {
  const { verdict, text, ms, saved } = await run(
    "(echo pid $(sh -c 'echo $PPID'); exec yes) & sleep 0.1",
  );
  try {
    assert.is(verdict.outcome, 'success');
    assert.ok(ms < 4000, String(ms));
    assert.is(saved.length, 2);
  } finally {
    process.kill(pidIn(text()));
  }
});

running('says that a silent daemon was left', async () => {
  const { text, lines } = await run('sleep 20 >/dev/null 2>&1 & echo pid $!');
  assert.equal(lines, ['the command left processes running; they end with this container']);
  process.kill(pidIn(text()));
});

running('is not held up by a reader that takes nothing more, once it must end', async () => {
  const controller = new AbortController();
  const { verdict, ms } = await run('echo up; exec yes', {
    job: {
      signal: controller.signal,
      output: () => {
        setTimeout(() => controller.abort(sigterm), 100);
        return new Promise(() => {});
      },
    },
  });
  assert.is(verdict.outcome, 'cancelled');
  assert.ok(ms < 2000, String(ms));
});

running('waits for a slow reader to the last byte', async () => {
  let bytes = 0;
  const { verdict } = await run('head -c 400000 /dev/zero', {
    job: {
      output: async (piece) => {
        bytes += piece.length;
        await pause(120);
      },
    },
  });
  assert.is(verdict.outcome, 'success');
  assert.is(bytes, 400_000);
});

running('has ended well when the stop comes after its end', async () => {
  const { verdict } = await run('sleep 20 & echo up', {
    onOutput: (recorded) => setTimeout(recorded.stop, 500, sigterm),
  });
  assert.is(verdict.outcome, 'success');
});

running('passes 200 MB on in flat memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flood-'));
  // As one file, the way the product runs: Node's own reading of TypeScript takes 40 MiB.
  const outfile = join(folder, 'flood.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'flood.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pino'],
  });
  const child = spawn(process.execPath, [outfile], { cwd: folder });
  let bytes = 0;
  let report = '';
  child.stdout.on('data', (piece: Buffer) => (bytes += piece.length));
  child.stderr.on('data', (piece: Buffer) => (report += piece));
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  const { outcome, peakMiB, megabytesPerSecond } = JSON.parse(report);
  assert.is(outcome, 'success');
  assert.is(bytes, 200_000_000);
  assert.ok(peakMiB <= 120, `${peakMiB} MiB`);
  assert.ok(megabytesPerSecond > 20, `${megabytesPerSecond} MB/s`);
});

running.run();
