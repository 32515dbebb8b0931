import { durationText } from '../duration.ts';
import type { Stop } from '../errors.ts';
import { isRollback, type Order, shortCommit } from '../order.ts';
import { exits, type Outcome } from '../outcome.ts';

/** How a run came to its end, before anybody is told. */
export type Ending = {
  readonly outcome: Outcome;
  /** One line for people. */
  readonly description: string;
  /** Where it differs from the outcome's own. */
  readonly exit?: number;
  /** `nothing`: what stands at the forge is not ours to change. */
  readonly tell: 'terminal' | 'nothing';
};

const longestLine = 1000;
/** One line of what anybody said. Redact first: half a secret is not found any more. */
export function lineOf(redacted: string): string {
  const line = redacted.replace(/\s+/g, ' ').trim();
  return line.length <= longestLine ? line : `${line.slice(0, longestLine).toWellFormed()}…`;
}

const place = (order: Order): string =>
  [order.environment, order.component].filter(Boolean).join('/') || 'the environment';
const version = (order: Order): string | undefined =>
  (order.commit && shortCommit(order.commit)) ?? order.ref;
const sentence = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join(' ');

export const words = {
  queued: (order: Order): string =>
    order.description ??
    sentence('Waiting to', isRollback(order) ? 'roll back' : 'deploy to', place(order)),
  started: (order: Order): string =>
    order.description ??
    (isRollback(order)
      ? sentence('Rolling back', place(order), 'to', version(order) ?? 'what it was')
      : sentence('Deploying', version(order), 'to', place(order))),
  done: (order: Order): string =>
    order.description ??
    (isRollback(order)
      ? sentence('Rolled back', place(order), 'to', version(order) ?? 'what it was')
      : sentence('Deployed', version(order), 'to', place(order))),
  orphan: 'Outcome not known: its run ended without saying how',
  forgotten: 'Deployed; the CI server that was to say so did not',
  overtaken: 'Outcome not known: a newer run has deployed since',
  maybeMade: (id: string): string =>
    `${id} was stopped while it created a deployment, and does not know whether there is one: the next run of this build adopts it, and \`reap\` closes it once its time is over`,
  telling: (ms: number): string =>
    `the deploy is over; still trying to deliver its last status after ${durationText(ms)}`,
  still: (order: Order, ms: number, last: string | undefined): string =>
    `still deploying to ${place(order)} after ${durationText(ms)}${last ? `: ${last}` : ''}`,
};

export function endingOf(stop: Stop, timeoutMs: number): Ending {
  switch (stop.kind) {
    case 'timeout':
      return {
        outcome: 'timed_out',
        tell: 'terminal',
        description: `Timed out after ${durationText(timeoutMs)} (timeout)`,
      };
    case 'shutdown':
      return {
        outcome: 'error',
        tell: 'terminal',
        description: 'The server was stopped, and this deploy cannot be gone on with',
      };
    case 'person':
      return { outcome: 'cancelled', tell: 'terminal', description: stop.reason };
    case 'request':
      return { outcome: 'cancelled', tell: 'terminal', description: `Cancelled: ${stop.reason}` };
    case 'signal':
      return {
        outcome: 'cancelled',
        tell: 'terminal',
        description: `Cancelled by ${stop.name}`,
        exit: stop.name === 'SIGTERM' ? exits.terminated.code : exits.interrupted.code,
      };
  }
}

export const refusal = (reason: string): Ending => ({
  outcome: 'refused',
  description: `Refused: ${reason}`,
  tell: 'nothing',
});
