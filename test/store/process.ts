import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export type Writer = {
  /** Lines that it wrote so far, whole ones only. */
  lines(): readonly string[];
  /** Resolves once it has written such a line; rejects when it ends before. */
  saw(line: RegExp): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** How it ends by itself. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
};

/** A real process of one of the programs beside this file. */
export function start(
  program: string,
  args: readonly string[],
  through: readonly string[] = [],
): Writer {
  const script = path.join(import.meta.dirname, program);
  const [file = '', ...rest] = [...through, process.execPath, script, ...args];
  const child: ChildProcess = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let said = '';
  const wake = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of wake) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const closed = once(child, 'close').then(() => undefined);
  const lines = (): readonly string[] => text.split('\n').slice(0, -1);
  return {
    lines,
    async saw(wanted) {
      const seen = new Promise<void>((resolve) => {
        const look = (): void => {
          if (lines().some((line) => wanted.test(line))) resolve();
        };
        wake.add(look);
        look();
      });
      const isSeen = await Promise.race([seen.then(() => true), closed]);
      if (!isSeen && !lines().some((line) => wanted.test(line))) {
        throw new Error(`${program} ended before it wrote ${wanted}: ${said}`);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    ended: closed.then(() => ({ code: child.exitCode, said })),
  };
}
