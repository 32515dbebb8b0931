import type { RunDeps } from '../run/session.ts';
import type { Target } from '../targets/target.ts';
import { openReporters } from './audience.ts';
import type { Prepared } from './prepare.ts';
import { openCheckout } from './tree.ts';
import { credentialLine, introduction, type Parts, reportLine, targetDeps } from './wiring.ts';

export type Opened = Parts & { readonly target: Target };

/** Opens everything that a deploy is made of, and says what it is. Throws a SettingsError. */
export function openParts(prepared: Prepared): Opened {
  const { log, target, loaded } = prepared;
  if (!target) throw new Error('a deploy was prepared without a target');
  const opened = target.open(loaded, targetDeps(prepared));
  const checkout = openCheckout(prepared);
  const reporters = openReporters(prepared, 'deploy');
  log.info(introduction(prepared, target));
  log.info(credentialLine(prepared));
  log.info(reportLine(prepared));
  return { target: opened, checkout, reporters };
}

/** The same without a word and without a tree: for a run that ends, or waits, before it deploys anything. */
export function openAudience(prepared: Prepared): Opened {
  const { target, loaded } = prepared;
  if (!target) throw new Error('a deploy was prepared without a target');
  return {
    target: target.open(loaded, targetDeps(prepared)),
    checkout: undefined,
    reporters: openReporters(prepared, 'deploy'),
  };
}

export const runDeps = (
  { host, log, values, redactor }: Prepared,
  { target, checkout, reporters }: Opened,
): RunDeps => ({
  ...{ target, checkout, reporters, log },
  clock: host.clock,
  redact: (text) => redactor.text(text),
  tail: () => log.lastTail(),
  signal: host.signal,
  timeoutMs: values.timeout,
  heartbeatMs: values.heartbeat,
  whenBusy: values.whenBusy,
  supersede: values.supersede,
  requireStatus: values.requireStatus,
  httpTimeoutMs: values.httpTimeout,
});
