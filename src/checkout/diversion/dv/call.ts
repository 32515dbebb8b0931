import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { Clock } from '../../../clock.ts';
import { RemoteError } from '../../../errors.ts';
import { keptSecrets } from './credentials.ts';
import { textOf } from './texts.ts';
import { failureIn, plainOf, type Said } from './words.ts';

export type Program = {
  readonly file: string;
  /** Folder that is ours alone, for what it says. */
  readonly folder: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly token: string;
  readonly clock: Clock;
};

export type Call = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Longest time. */
  readonly ms: number;
  readonly signal: AbortSignal;
};

/** From TERM to KILL; whoever ends the run does not wait so long, nor does the disk. */
const graceMs = { late: 10_000, stopped: 1000, endless: 0 };
const mostRead = 1024 * 1024;
/** Who finds nobody to answer may ask for ever. */
const mostSaid = 32 * 1024 * 1024;
const lookMs = 250;

/**
 * Runs the program once. It is given nothing to read, for it asks questions whether or not anybody is there; and it
 * writes to files, for its agent keeps what it inherits open. Rejects with a RemoteError.
 */
export async function call(program: Program, { args, cwd, ms, signal }: Call): Promise<Said> {
  const { file, folder, home, env, token, clock } = program;
  // `authenticate` is followed by the token.
  const what = args.slice(0, args[0] === 'workspace' ? 2 : 1).join(' ');
  const files = ['out', 'err'].map((name) => join(folder, name));
  const isEndless = (): boolean => files.some((path) => statSync(path).size > mostSaid);
  const [out = 0, err = 0] = files.map((path) => openSync(path, 'w', 0o600));
  try {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', out, err] });
    const ended = await endOf(child, { ms, signal, clock, what, isEndless });
    const [said = '', complaint = ''] = files.map((path) => plainOf(textOf(path, mostRead)));
    const all = `${said}\n${complaint}`;
    if (ended.why) throw ended.why;
    const secrets = [token, ...keptSecrets(home)];
    const failure = failureIn(what, { out: said, all, code: ended.code }, secrets);
    if (failure) throw failure;
    return { out: said, all, code: ended.code };
  } finally {
    for (const each of [out, err]) closeSync(each);
    for (const path of files) rmSync(path, { force: true });
  }
}

type Limits = Pick<Call, 'ms' | 'signal'> & {
  readonly clock: Clock;
  readonly what: string;
  isEndless(): boolean;
};
type End = { readonly code: number | null; readonly why?: RemoteError };

/** Once it has ended, by itself or by us. */
async function endOf(child: ChildProcess, limits: Limits): Promise<End> {
  const { ms, signal, clock, what, isEndless } = limits;
  const over = new AbortController();
  const exited = new Promise<End>((resolve) => {
    child.once('error', (error) => {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      const why = new RemoteError(`dv cannot be started (${code})`, { kind: 'refused' });
      resolve({ code: null, why });
    });
    child.once('exit', (code) => resolve({ code }));
  }).finally(() => over.abort());
  const either = AbortSignal.any([signal, over.signal]);
  for (let left = ms; left > 0 && !either.aborted && !isEndless(); left -= lookMs) {
    await clock.pause(Math.min(left, lookMs), either);
  }
  if (over.signal.aborted) return exited;
  const how = signal.aborted ? 'stopped' : isEndless() ? 'endless' : 'late';
  const reasons = {
    late: `did not end within ${Math.ceil(ms / 1000)} s`,
    stopped: 'was interrupted',
    endless: 'went on talking without end: it may have asked a question',
  };
  await endGroup(child.pid, exited, graceMs[how], clock);
  const message = `dv ${what} ${reasons[how]}`;
  return { code: null, why: new RemoteError(message, { kind: 'unavailable' }) };
}

async function endGroup(
  group: number | undefined,
  exited: Promise<unknown>,
  ms: number,
  clock: Clock,
): Promise<void> {
  if (group === undefined) return;
  signalGroup(group, 'SIGTERM');
  const over = new AbortController();
  await Promise.race([exited, clock.pause(ms, over.signal)]);
  over.abort();
  signalGroup(group, 'SIGKILL');
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    kill(-group, name);
  } catch {
    // It has gone by itself.
  }
}
