import { systemClock } from './clock.ts';
import type { Stop } from './errors.ts';
import type { Host } from './host.ts';
import { exits } from './outcome.ts';
import { dispatch } from './verbs/dispatch.ts';

/** The only reader of process.*: from here on everything is an argument. */
const stopping = new AbortController();
const stop = (reason: Stop): void => stopping.abort(reason);
const listeners: Parameters<Host['hear']>[0][] = [];
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // As PID 1 nothing has a default: without a handler a signal is ignored.
  process.on(name, () => {
    if (listeners.length === 0) stop({ kind: 'signal', name });
    for (const listener of listeners) listener(name);
  });
}
// Whoever read our output is gone; the deploy and its status go on.
process.stdout.on('error', () => {});

let bug = false;
process.on('uncaughtException', (error) => {
  bug = true;
  // Its message may hold a secret, and nobody here knows them.
  const frames = error.stack?.match(/^\s+at .*$/gm) ?? [];
  process.stdout.write(`This is a bug in Slipway: ${[error.name, ...frames].join('\n')}\n`);
  stop({ kind: 'request', reason: 'a bug in Slipway' });
});

const host: Host = {
  argv: process.argv.slice(2),
  // A copy: every look into the live one is a system call.
  env: { ...process.env },
  cwd: process.cwd(),
  clock: systemClock,
  signal: stopping.signal,
  hear: (listener) => void listeners.push(listener),
  terminal: process.stdout.isTTY === true,
  write: (bytes) =>
    new Promise((resolve) => {
      // What is said in one moment is one call of the system.
      process.stdout.cork();
      process.stdout.write(bytes, () => resolve());
      process.nextTick(() => process.stdout.uncork());
    }),
  writeError: (text) =>
    new Promise((resolve) => {
      process.stderr.on('error', () => resolve());
      process.stderr.write(text, () => resolve());
    }),
};

void dispatch(host).then((code) => {
  process.exitCode = bug ? exits.bug.code : code;
  // Everything has been told; a reader that is slow or gone, and a pipe that a background process of the deploy still
  // holds, must not keep the step alive.
  const patienceMs = stopping.signal.aborted ? 500 : 10_000;
  setTimeout(() => process.exit(), patienceMs).unref();
  process.stdout.write('', () => setTimeout(() => process.exit(), 1000).unref());
});
