import { accessSync, constants, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { durationText } from '../duration.ts';
import { type Fault, quoted, SettingsError, type Stop } from '../errors.ts';
import type { Table, Values } from '../settings/define.ts';
import { duration, map, script, text, url } from '../settings/rules.ts';
import { type Exit, startChild } from './command/child.ts';
import { drain } from './command/drain.ts';
import { readResults } from './command/results.ts';
import { createScratch, type Scratch } from './command/scratch.ts';
import { findShell, type Shell, scriptArguments } from './command/shell.ts';
import { inherited, orderVariables, variableFault } from './command/variables.ts';
import {
  stopped,
  stoppedBefore,
  verdictOf,
  verdictOfCheckpoint,
  verdictOfStart,
} from './command/verdict.ts';
import {
  defineTarget,
  findingsOf,
  type Job,
  type Target,
  type TargetDeps,
  type Verdict,
} from './target.ts';

const settings = {
  command: {
    is: script,
    about: 'Script that deploys; write it as a block scalar.',
    required: true,
  },
  shell: {
    is: text,
    about: 'Program that runs the script, with its arguments.',
    default: '/bin/sh -e',
  },
  workdir: {
    is: text,
    about: 'Folder to run in, relative to the source tree.',
    default: '.',
  },
  commandEnv: {
    is: map,
    about: 'Variables for the command; the only way to hand it secrets of Slipway.',
    secret: true,
  },
  grace: {
    is: duration,
    about: 'Time from TERM to KILL; 4s at most where the container or `timeout` ends.',
    default: 10_000,
  },
} as const satisfies Table;

type Settings = Values<typeof settings>;
type Kit = Settings & {
  readonly program: Shell;
  readonly deps: TargetDeps;
  readonly nameOf: (key: keyof Settings) => string;
};

/** Whoever ends the container, or the deadline, leaves time for the last status only. */
const shortGraceMs = 4000;

export const command = defineTarget({
  id: 'command',
  about: 'Runs a script in the container.',
  deploysTree: true,
  runsHere: true,
  settings,
  credentials: () => [],
  faults(values, nameOf, { env }) {
    const { shell, commandEnv = {} } = values;
    const faults = Object.entries(commandEnv)
      .map(([name, value]) => variableFault(name, value))
      .filter((message) => message !== undefined)
      .map((message) => ({ name: nameOf('commandEnv'), message }));
    if (findShell(shell, env.PATH)) return faults;
    const message = `must name a program by its absolute path or by a name on PATH, got ${quoted(shell)}; add it to the image (FROM slipway)`;
    return [{ name: nameOf('shell'), message }, ...faults];
  },
  open(values, deps, nameOf) {
    const program = findShell(values.shell, deps.env.PATH);
    if (!program) throw new Error('faults were not heeded');
    return createTarget({ ...values, program, deps, nameOf });
  },
});

function createTarget(kit: Kit): Target {
  const { deps, program } = kit;
  return {
    id: 'command',
    plan: () => [
      `run a script of ${linesOf(kit.command)} with ${[program.file, ...program.args].join(' ')} in ${kit.workdir}`,
      `to stop it, send TERM, and KILL after ${durationText(kit.grace)}`,
    ],
    check: async () => {
      if (deps.fetchesTree) {
        const text = `whether ${kit.workdir} is in the tree shows when the tree is fetched`;
        return kit.workdir === '.' ? [] : [{ ok: 'not provable', text, ofSetting: true }];
      }
      const fault = folderFault(resolve(deps.cwd, kit.workdir), kit);
      return fault ? findingsOf(new SettingsError([fault])) : [];
    },
    deploy: async (job) => {
      if (job.checkpoint) return verdictOfCheckpoint(job.checkpoint);
      if (job.signal.aborted) return stoppedBefore(job);
      if (job.predecessor) {
        deps.log.warn(
          'an earlier run of this deploy has not ended (killed, or still at work); what its command did is not known, and it is run again',
        );
      }
      const cwd = resolve(job.tree ?? deps.cwd, kit.workdir);
      const fault = folderFault(cwd, kit);
      if (fault) throw new SettingsError([fault]);
      const temporary = [deps.env.TMPDIR ?? '', '/tmp', '/dev/shm', cwd].filter(isAbsolute);
      const scratch = createScratch(temporary);
      try {
        return await runCommand(kit, job, cwd, scratch);
      } finally {
        await scratch?.remove();
      }
    },
  };
}

function folderFault(folder: string, { workdir, nameOf }: Kit): Fault | undefined {
  try {
    accessSync(join(folder, '.'), constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT'
        ? `names no folder of the source tree: ${workdir}; check the checkout too`
        : `names a folder that cannot be used (${code}): ${workdir}`;
    return { name: nameOf('workdir'), message };
  }
}

async function runCommand(
  kit: Kit,
  job: Job,
  cwd: string,
  scratch: Scratch | undefined,
): Promise<Verdict> {
  const { program, deps } = kit;
  const args = scriptArguments(program, kit.command, scratch?.folder);
  if (typeof args === 'string') return { outcome: 'failure', description: args };
  const outputs = scratch && createOutputs(scratch.folder);
  if (!outputs)
    deps.log.warn('no folder can be written: what the command writes to $SLIPWAY_OUTPUT is lost');
  const env = {
    ...inherited(deps.env),
    ...orderVariables(job.order, deps.log.warn),
    ...kit.commandEnv,
    SLIPWAY_OUTPUT: outputs ?? '/dev/null',
  };
  await job.before({ step: 'starting' });
  if (job.signal.aborted) return stoppedBefore(job);
  const start = { file: program.file, args, cwd, env, scratch: scratch?.folder };
  const ended = await follow(kit, job, start);
  if ('outcome' in ended) return ended;
  const { exit, isStopped } = ended;
  await job.after({ step: 'ended', ...exit }).catch((error: unknown) => {
    deps.log.warn('the end of the command could not be stored', { reason: String(error) });
  });
  const said = outputs ? publish(outputs, exit.code === 0 && !isStopped, job, deps) : undefined;
  return isStopped ? stopped(job) : verdictOf(exit, said);
}

function createOutputs(folder: string): string | undefined {
  const file = join(folder, 'output');
  try {
    writeFileSync(file, '', { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}

type Followed = { readonly exit: Exit; readonly isStopped: boolean };

/** Runs it to its end, passes on what it writes, and stops its whole group when the run must end. */
async function follow(
  { deps, grace }: Kit,
  job: Job,
  start: Parameters<typeof startChild>[0],
): Promise<Followed | Verdict> {
  const { signal } = job;
  const { clock, log } = deps;
  const child = await startChild(start).catch(verdictOfStart);
  if ('outcome' in child) return child;
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    const { kind } = signal.reason as Stop;
    const isShort = kind !== 'request' && kind !== 'person';
    stopping = child.stop(isShort ? Math.min(grace, shortGraceMs) : grace, clock);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const { exited, output } = child;
  const ending = exited.then((exit) => ({ exit, isStopped: stopping !== undefined }));
  // Who is told to stop may say its last words after the shell is gone.
  const over = exited.then(() => stopping);
  const isClosed = await drain(output, { take: job.output, over, signal, clock });
  const ended = await ending;
  signal.removeEventListener('abort', stop);
  await stopping;
  // A deploy may leave a daemon behind; killing it is not ours to decide.
  if (!isClosed && !stopping) {
    log.warn('the command has ended, but something it started holds its output open; going on');
  } else if (!stopping && child.lives()) {
    log.info('the command left processes running; they end with this container');
  }
  return ended;
}

/** Hands on what the command wrote to `$SLIPWAY_OUTPUT`; resolves with its own description of the deploy. */
function publish(path: string, isGood: boolean, job: Job, { log }: TargetDeps): string | undefined {
  const { pairs, faults } = readResults(path);
  for (const fault of faults) log.warn(fault);
  for (const [name, value] of pairs) {
    if (name === 'environment_url') {
      const link = url.read(value);
      if (!link) log.warn(`environment_url in $SLIPWAY_OUTPUT ${url.must}`);
      else if (isGood) job.serves(link);
    } else if (name !== 'description') {
      job.result(name, value);
    }
  }
  return pairs.get('description')?.trim() || undefined;
}

const linesOf = (script: string): string => {
  const { length } = script.trimEnd().split('\n');
  return length === 1 ? '1 line' : `${length} lines`;
};
