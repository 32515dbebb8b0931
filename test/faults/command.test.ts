/** Children that do not behave, under dist/slipway.mjs. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Env, isTerminal, onStage, pause, type Stage, type Step } from './stage.ts';

const Command = suite('a command that does not behave');

/** The run's end as GitHub shows it: one deployment, one last word. */
function endOf(stage: Stage): string | undefined {
  const [only, ...more] = stage.deployments();
  assert.is(more.length, 0);
  const told = only ? stage.states(only.id) : [];
  assert.is(told.filter(isTerminal).length, 1, told.join());
  return told.at(-1);
}

async function stopped(
  stage: Stage,
  step: Step,
  signals: readonly NodeJS.Signals[],
  says: string,
): Promise<{ code: number | null; ms: number; log: string }> {
  await step.says(says);
  const at = Date.now();
  for (const signal of signals) {
    step.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { code, log } = await step.ended;
  assert.is(endOf(stage), 'failure', log);
  return { code, ms: Date.now() - at, log };
}

const deaf = `trap '' TERM INT HUP; echo deaf; echo $$ > pid; while :; do sleep 0.2; done`;
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

Command('is killed in time when it ignores TERM', () =>
  onStage(async (stage) => {
    const { code, ms } = await stopped(stage, stage.start({ command: deaf }), ['SIGTERM'], 'deaf');
    assert.is(code, 143);
    assert.ok(ms > 3500 && ms < 8000, `${ms} ms`);
    assert.not(isAlive(Number(stage.left('pid'))));
  }),
);

Command('ends no sooner and no otherwise for a second signal', () =>
  onStage(async (stage) => {
    const impatient = ['SIGINT', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    const { code, ms } = await stopped(stage, stage.start({ command: deaf }), impatient, 'deaf');
    assert.is(code, 130);
    assert.ok(ms < 8000, `${ms} ms`);
    assert.not(isAlive(Number(stage.left('pid'))));
  }),
);

Command('is waited for when it closes its output and lives on', () =>
  onStage(async (stage) => {
    const command = 'echo bye; exec >&- 2>&-; sleep 1; : > lived; exit 3';
    const { code } = await stage.run({ command });
    assert.is(code, 1);
    assert.is(endOf(stage), 'failure');
    assert.is(stage.left('lived'), '');
  }),
);

Command('is stopped when it has closed its output', () =>
  onStage(async (stage) => {
    const command = 'echo bye; exec >&- 2>&-; exec sleep 60';
    const { code, ms } = await stopped(stage, stage.start({ command }), ['SIGTERM'], 'bye');
    assert.is(code, 143);
    assert.ok(ms < 4000, `${ms} ms`);
  }),
);

Command('does not hold the step by what it left running', () =>
  onStage(async (stage) => {
    const { code, ms, log } = await stage.run({ command: 'sleep 20 & echo left; exit 0' });
    assert.is(code, 0);
    assert.ok(ms < 8000, `${ms} ms`);
    assert.match(log, /something it started holds its output open/);
    assert.is(endOf(stage), 'success');
  }),
);

Command('may leave its last line open', () =>
  onStage(async (stage) => {
    const { code, log } = await stage.run({ command: 'printf "no end"' });
    assert.is(code, 0);
    assert.match(log, /^no end\nsuccess after/m);
    assert.is(endOf(stage), 'success');
  }),
);

/** What the step writes between its own first and last lines, byte by byte. */
async function outputOf(
  stage: Stage,
  settings: Env,
): Promise<{ code: number | null; out: Buffer; bytes: number; ms: number }> {
  const chunks: Buffer[] = [];
  let kept = 0;
  const take = (chunk: Buffer): void => {
    if (kept < 8 * 1024 * 1024) chunks.push(chunk);
    kept += chunk.length;
  };
  const { code, bytes, ms } = await stage.run(settings, { take });
  return { code, bytes, ms, out: Buffer.concat(chunks) };
}

Command('passes binary output on as it is', () =>
  onStage(async (stage) => {
    const seed = 'i=0; while [ $i -lt 256 ]; do printf "\\\\%03o" $i; i=$((i+1)); done';
    const { code, out } = await outputOf(stage, {
      command: `all=$(${seed}); i=0; while [ $i -lt 64 ]; do printf "$all"; i=$((i+1)); done; echo; echo END`,
    });
    assert.is(code, 0);
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const whole = Buffer.concat(Array.from({ length: 64 }, () => every));
    assert.ok(out.includes(Buffer.concat([whole, Buffer.from('\nEND\n')])));
    assert.is(endOf(stage), 'success');
  }),
);

Command('passes 200 MB through', () =>
  onStage(async (stage) => {
    const size = 200_000_000;
    const command = `head -c ${size} /dev/zero | tr '\\0' x; echo; echo END`;
    const { code, bytes } = await outputOf(stage, { command });
    assert.is(code, 0);
    assert.ok(bytes > size && bytes < size + 4096, `${bytes}`);
    assert.is(endOf(stage), 'success');
  }),
);

Command('is stopped in the middle of a flood that nobody reads', () =>
  onStage(async (stage) => {
    const step = stage.start({ command: 'echo flood; exec yes' });
    await step.says('flood');
    const at = Date.now();
    step.kill('SIGTERM');
    const { code } = await step.ended;
    assert.is(code, 143);
    assert.ok(Date.now() - at < 8000, `${Date.now() - at} ms`);
    assert.is(endOf(stage), 'failure');
  }),
);

Command('is ended truly when nobody reads the log, whose last line is open', () =>
  onStage(async (stage) => {
    // A pipe holds 64 KiB: more of it would stop the deploy itself.
    const command =
      "head -c 65000 /dev/zero | tr '\\0' x; : > done; sleep 1; head -c 4000 /dev/zero";
    const step = stage.start({ command }, { unread: true });
    await stage.arrived('POST', /statuses$/, 3);
    assert.is(endOf(stage), 'success');
    step.kill('SIGTERM');
    const { code } = await step.ended;
    assert.is(code, 0);
  }),
);

Command('is stopped when nobody reads the log', () =>
  onStage(async (stage) => {
    const step = stage.start({ command: ': > begun; exec yes' }, { unread: true });
    await stage.arrived('POST', /statuses$/, 2);
    await pause(500);
    const at = Date.now();
    step.kill('SIGTERM');
    const { code } = await step.ended;
    assert.is(code, 143);
    assert.ok(Date.now() - at < 8000, `${Date.now() - at} ms`);
    assert.is(endOf(stage), 'failure');
  }),
);

Command('is ended truly when the reader of the log goes away', () =>
  onStage(async (stage) => {
    const step = stage.start({ command: 'echo one; sleep 1; echo two; : > done' });
    await step.says('one');
    step.deafen();
    const { code } = await step.ended;
    assert.is(code, 0);
    assert.is(endOf(stage), 'success');
  }),
);

Command('is cancelled, not failed, when it ends by itself after the signal', () =>
  onStage(async (stage) => {
    const command = `trap 'echo rolled back; exit 7' TERM; echo at work; while :; do sleep 0.1; done`;
    const { code, log } = await stopped(stage, stage.start({ command }), ['SIGTERM'], 'at work');
    assert.is(code, 143);
    assert.match(log, /rolled back/);
  }),
);

Command('that cannot be found, run or read is a failure with its reason', () =>
  onStage(async (stage) => {
    const { code, log } = await stage.run({ command: 'no-such-tool --deploy' });
    assert.is(code, 1);
    assert.match(log, /a program in it was not found/);
    assert.is(endOf(stage), 'failure');
  }),
);

Command.run();
