import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { Clock } from '../../clock.ts';
import { type Output, readOutput } from './output.ts';

export type Program = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Private folder, where there is one. */
  readonly scratch: string | undefined;
};

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program that leads a process group of its own. */
export type Child = {
  readonly exited: Promise<Exit>;
  /** stdout and stderr in the order in which they were written. */
  readonly output: Output;
  /** Whether anything of the group is still running. */
  lives(): boolean;
  /** TERM to the whole group, and after `graceMs` KILL to whoever is left of it. */
  stop(graceMs: number, clock: Clock): Promise<void>;
};

/** Rejects when the program cannot be started. */
export async function startChild(program: Program): Promise<Child> {
  const pipe = await openPipe(program);
  const child = pipe ? spawnOnto(program, pipe.writer) : spawnMerged(program);
  const group = await started(child)
    .finally(() => pipe && closeSync(pipe.writer))
    .catch((error) => {
      pipe?.reader.destroy();
      throw error;
    });
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const output = pipe?.reader ?? (child.stdout as Output);
  return {
    exited,
    output,
    lives: () => groupLives(group),
    stop: async (graceMs, clock) => {
      signalGroup(group, 'SIGTERM');
      // Whoever was stopped hears TERM only when it goes on.
      signalGroup(group, 'SIGCONT');
      const until = clock.now() + graceMs;
      while (clock.now() < until && groupLives(group)) await clock.pause(50);
      if (groupLives(group)) signalGroup(group, 'SIGKILL');
    },
  };
}

const options = ({ cwd, env }: Program) => ({ cwd, env: { ...env }, detached: true });

const spawnOnto = (program: Program, fd: number): ChildProcess =>
  spawn(program.file, program.args, { ...options(program), stdio: ['ignore', fd, fd] });

/** Without a folder for a pipe, a shell joins the two streams: apart, a secret cut in two could pass between. */
const spawnMerged = (program: Program): ChildProcess =>
  spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', program.file, ...program.args], {
    ...options(program),
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const started = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', reject);
  });

/**
 * A named pipe, because those that Node makes are sockets: scripts could not write to /dev/stdout or
 * /dev/stderr by name, as `tee /dev/stderr` does, and two of them lose the order of the lines.
 */
async function openPipe(
  program: Program,
): Promise<{ readonly reader: Output; readonly writer: number } | undefined> {
  if (!program.scratch) return undefined;
  const path = join(program.scratch, 'pipe');
  try {
    await makePipe(path);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const reader = readOutput(fd);
    return { reader, writer: openSync(path, constants.O_WRONLY) };
  } catch {
    return undefined;
  }
}

// Whoever promotes may choose PATH: no program of theirs is to run before the command does.
const plainEnv = { PATH: '/usr/bin:/bin' };
const makePipe = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    spawn('mkfifo', ['-m', '600', path], { env: plainEnv, stdio: 'ignore' })
      .once('error', reject)
      .once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo: ${code}`))));
  });

// Of other processes; nothing of our own is read or changed.
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return kill(-group, signal);
  } catch {
    return false;
  }
}

/** As PID 1 we inherit orphans and nobody collects them: the dead among them still count for `kill`. */
function groupLives(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  try {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return ids.some((id) => isLivingMember(id, group));
  } catch {
    return true;
  }
}

function isLivingMember(id: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // After the name, which may hold anything: state, parent, group.
    const [state = '', , member] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(member) === group && !'ZX'.includes(state);
  } catch {
    return false;
  }
}
