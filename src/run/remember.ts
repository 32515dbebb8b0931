import { messageOf } from '../errors.ts';
import type { Deployment } from '../forges/forge.ts';
import { isTerminal, type State } from '../status.ts';
import type { Channel } from './channel.ts';
import { stateOf } from './finish.ts';
import { lookAt, ownOf } from './look.ts';
import type { SavedEnding } from './saved.ts';
import type { Session } from './session.ts';
import { type Ending, lineOf } from './words.ts';

export const takenOver: Ending = {
  outcome: 'error',
  description: 'Another process goes on with this run',
  tell: 'nothing',
};

/** Writes down how the run ended, before anybody is told; false where it may not be told, for it is another's now. */
export async function remember(s: Session, ending: Ending): Promise<boolean> {
  const { store, log, redact } = s.deps;
  if (!store) return true;
  const { outcome, description, exit, tell } = ending;
  const saved: SavedEnding = {
    ...{ outcome, tell, started: s.started },
    description: lineOf(redact(description)),
    results: Object.fromEntries(s.results),
    ...(exit === undefined ? {} : { exit }),
    ...(s.environmentUrl ? { environmentUrl: s.environmentUrl } : {}),
  };
  try {
    await store({ ending: saved });
    return true;
  } catch (error) {
    log.warn(`the end is not told from here: ${messageOf(error)}`);
    return false;
  }
}

/** Goes on where an earlier process had ended and may not have told everybody: nothing is deployed. */
export async function recall(s: Session, saved: SavedEnding): Promise<Ending> {
  const { outcome, description, exit, tell, environmentUrl, results, started } = saved;
  s.environmentUrl = environmentUrl;
  s.started = started;
  for (const [name, value] of Object.entries(results)) s.results.set(name, value);
  const ending: Ending = { outcome, description, tell, ...(exit === undefined ? {} : { exit }) };
  await Promise.all(s.channels.map((channel) => findOwn(s, channel, stateOf(ending))));
  return ending;
}

/** Our deployment as it stands, ended or not: who has been told is not told again. */
async function findOwn(s: Session, channel: Channel, end: State): Promise<void> {
  const look = await lookAt(s, channel).catch(() => undefined);
  if (!look) return;
  const own =
    ownOf(s, channel, look) ?? look.others.find(({ owner }) => owner?.key === s.order.runKey);
  if (!own) return;
  channel.adopt(own);
  if (isOurEnd(own, s.order.runKey)) channel.knows(end);
}

const isOurEnd = ({ statuses: [last] }: Deployment, key: string): boolean =>
  isTerminal(last?.state) && last?.marker?.key === key && !last.marker.closure;
