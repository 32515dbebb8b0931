import type { Fault } from '../errors.ts';
import type { RunDeps } from '../run/session.ts';
import type { Target } from '../targets/target.ts';
import { openReporters } from './audience.ts';
import { openAll, type Parts } from './parts.ts';
import type { Prepared } from './prepare.ts';
import { credentialLine, introduction, reportLine, targetDeps } from './wiring.ts';

export type Opened = Parts & { readonly target: Target };

/** Opens everything that a deploy is made of, and says what it is. Throws a SettingsError, with the `known` faults too. */
export function openParts(prepared: Prepared, known: readonly Fault[] = []): Opened {
  const { log, target: entry } = prepared;
  const { target, ...parts } = openAll(prepared, 'deploy', known);
  if (!entry || !target) throw new Error('a deploy was prepared without a target');
  log.info(introduction(prepared, entry));
  log.info(credentialLine(prepared));
  log.info(reportLine(prepared));
  return { ...parts, target };
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
