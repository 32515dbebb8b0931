import { messageOf } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import { find, lookFor, severalBegan, workerMs } from './adopt.ts';
import { briefly } from './brief.ts';
import type { Asking, Begun, Deploying } from './deploying.ts';
import { lacksVariables, wantedVariables } from './variables.ts';
import { isVerdict, notKnown } from './verdicts.ts';
import type { Verified } from './verify.ts';

/** An earlier process of this run ended between its preparations and Divio's answer. */
export async function goOn(
  d: Deploying,
  step: 'variables' | 'variables set' | 'starting',
  asking: Asking,
): Promise<Begun | Verdict | undefined> {
  const { log } = d.deps;
  log.info(
    'An earlier run of this deploy ended while it asked Divio: looking what has begun since',
  );
  const found = await find(d, asking);
  if (!found) log.info('Nothing has: asking Divio now');
  if (!found || isVerdict(found)) return found;
  if (step === 'variables') {
    const why = 'began before all variables were set, or is of somebody else';
    return notKnown(d, `what was deployed: deployment ${found.uuid} ${why}`);
  }
  return { uuid: found.uuid, redeploys: asking.redeploys };
}

/** The forge's clock and Divio's may differ; a run begins well before it asks. */
const skewMs = 5000;

/** A killed run left no word of what it did: Divio is asked what began while it may have lived. */
export async function predecessors(d: Deploying): Promise<Begun | Verdict | undefined> {
  const { job, deps, service } = d;
  const { predecessorSince, order } = job;
  const began = predecessorSince ?? order.buildCreatedAt;
  const longest = order.expiry - order.seq;
  const ahead = service.now() - deps.clock.now();
  // Without either it began no longer ago than a run may take.
  const since = (began ?? order.seq - longest) + ahead - skewMs;
  const until = Math.min(service.now(), since + longest) + workerMs;
  const found = await lookFor(d, { since, until, seen: [] }).catch((error: unknown) =>
    notKnown(d, `whether an earlier run has started a deployment: ${messageOf(error)}`),
  );
  if (isVerdict(found)) return found;
  const [first, ...others] = found;
  const killed = 'An earlier run of this deploy was killed';
  if (!first) {
    deps.log.info(`${killed}; Divio has begun no deployment since`);
    return undefined;
  }
  if (await lacksVariables(d)) {
    deps.log.info(
      `${killed}, before it had set the variables: what has begun since is of somebody else`,
    );
    return undefined;
  }
  if (others.length > 0) return severalBegan(d, found.length);
  deps.log.warn(
    `${killed}; deployment ${first.uuid} has begun since, and may be its or somebody else's: what it brings is compared`,
  );
  await keep(d, { step: 'started', deployment: first.uuid, redeploys: 0, isGuess: true });
  return { uuid: first.uuid, redeploys: 0, isGuess: true };
}

/** What somebody else may have begun stands for ours only where it has brought all that is ordered. */
export async function hasBrought(
  d: Deploying,
  uuid: string,
  commit: Verified | undefined,
): Promise<boolean> {
  const { service, values, ending } = d;
  // It may have taken an image that was there.
  if (values.divioBuildMode === 'FORCE') return false;
  if (commit?.is !== 'same' && commit?.is !== 'newer') return false;
  const wanted = wantedVariables(values);
  if (wanted.length === 0) return true;
  const read = (signal: AbortSignal) => service.has(uuid, wanted, signal);
  return briefly(d, ending.signal, read).catch(() => false);
}
