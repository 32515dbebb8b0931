import type { Deployment } from '../deployments/config.ts';
import { limited } from '../ending.ts';
import {
  collect,
  type Fault,
  messageOf,
  RemoteError,
  SettingsError,
  type Stop,
} from '../errors.ts';
import type { FactsEntry, Patience } from '../forges/facts.ts';
import { factsEntries } from '../forges/witnesses.ts';
import type { HookEvent } from '../hooks/hook.ts';
import type { Order } from '../order.ts';
import type { SavedEnding } from '../run/saved.ts';
import { endingOf, lineOf, refusal } from '../run/words.ts';
import { named } from './audience.ts';
import { Contradiction } from './contradiction.ts';
import { type Claim, mustAsk, settle } from './facts.ts';
import { chooseReporters, type Prepared } from './prepare.ts';

export type Asking = {
  readonly deployment: Deployment;
  readonly kind: HookEvent['kind'] | undefined;
  /** How long the run may take from here. */
  readonly ms: number;
  progress(text: string): void;
};

export type Established =
  | { readonly prepared: Prepared; readonly isAsked: boolean }
  /** Nothing is deployed; whoever waits for this run at the forge is told so. */
  | { readonly ending: SavedEnding };

/** Makes the order what the forge itself says that it is, before anything is opened or deployed. */
export async function establish(prepared: Prepared, asking: Asking): Promise<Established> {
  const { order, log, loaded, host } = prepared;
  const { deployment, kind, ms } = asking;
  const claim = { order, deployment, kind };
  const entry = factsEntries.find(({ id }) => id === deployment.forge);
  if (!entry) throw new Error(`nobody can ask ${deployment.forge}`);
  const canAsk = order.ref !== undefined && entry.credentials(loaded, order).length > 0;
  if (!mustAsk(claim) && !canAsk) {
    if (order.ref) log.info(`ref ${order.ref} is taken at its word: there is nobody to ask with`);
    return { prepared, isAsked: false };
  }
  const limit = limited(host.clock, ms, host.signal);
  try {
    const settled = await askUntil(prepared, entry, claim, { ...asking, ...limit });
    return { prepared: withOrder(prepared, settled), isAsked: true };
  } catch (error) {
    return { ending: endingOfError(error, host.signal, ms) };
  } finally {
    limit.done();
  }
}

/** Another order may have another audience. */
export function withOrder(p: Prepared, order: Order): Prepared {
  const { entries: reporters, declined } = chooseReporters(p.loaded, p.values, order, 'deploy');
  return { ...p, order, reporters, declined };
}

const firstWaitMs = 2000;
const longestWaitMs = 30_000;

/** A forge that is away is asked again for as long as the run may take. */
async function askUntil(
  prepared: Prepared,
  entry: FactsEntry,
  claim: Claim,
  { signal, until, progress }: Patience & Pick<Asking, 'progress'>,
): Promise<Order> {
  const { host, forgeHttp: http, log, loaded, order } = prepared;
  const { clock } = host;
  const facts = openNamed(() => entry.open(loaded, order, { http, clock, log }), prepared);
  log.info(`asking ${facts.place} what is to be deployed`);
  for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
    try {
      return await settle(claim, { facts, log, now: clock.now(), patience: { signal, until } });
    } catch (error) {
      const mayPass = error instanceof RemoteError && error.kind === 'unavailable';
      if (!mayPass || signal.aborted || clock.now() + wait >= until) throw error;
      log.warn(`${facts.place} could not be asked, and is asked again: ${messageOf(error)}`);
      progress(`Waits for ${facts.place}, which does not answer as it should`);
      await clock.pause(wait, signal);
    }
  }
}

/** Faults by the names that the operator knows. */
function openNamed<T>(open: () => T, { loaded }: Prepared): T {
  const faults: Fault[] = [];
  const opened = collect(faults, open);
  if (opened === undefined) throw new SettingsError(faults.flatMap((each) => named(each, loaded)));
  return opened;
}

const saved = { results: {}, started: false, tell: 'terminal' } as const;

function endingOfError(error: unknown, signal: AbortSignal, ms: number): SavedEnding {
  if (signal.aborted) return { ...saved, ...endingOf(signal.reason as Stop, ms) };
  if (error instanceof Contradiction) {
    return { ...saved, ...refusal(error.message), tell: error.tell };
  }
  if (error instanceof SettingsError) {
    const faults = error.faults.map(({ name, message }) => `${name} ${message}`).join('; ');
    return { ...saved, outcome: 'error', description: `Settings are not usable: ${faults}` };
  }
  if (!(error instanceof RemoteError)) throw error;
  const description = lineOf(`The forge did not say what is to be deployed: ${error.message}`);
  return { ...saved, outcome: 'error', description };
}
