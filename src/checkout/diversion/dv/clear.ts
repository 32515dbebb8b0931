import { join } from 'node:path';
import { delayed } from '../../../clock.ts';
import { messageOf } from '../../../errors.ts';
import { isKey } from '../../../forges/diversion/place.ts';
import { readRepository } from '../../../forges/diversion/repository.ts';
import { createSession } from '../../../forges/diversion/session.ts';
import type { Source } from '../source.ts';
import { endAgent } from './agent.ts';
import type { Call } from './call.ts';
import { textsIn } from './texts.ts';
import { type Said, statusIn, workspacesIn } from './words.ts';

export type Clearing = {
  readonly source: Source;
  /** Folder that is this run's alone; home and clone are in it. */
  readonly parts: string;
  readonly home: string;
  readonly folder: string;
  readonly mark: string;
  /** Whether a clone was begun. */
  readonly isBegun: boolean;
  /** What the program has said so far. */
  readonly said: string;
  /** Workspaces that killed runs have left. */
  readonly earlier: readonly string[];
  /** The run's: when it aborts, there is little time left. */
  readonly signal: AbortSignal;
  /** Calls the program from its home, for the workspace that one stands in is not deleted. */
  dv(call: Pick<Call, 'args' | 'ms' | 'signal'>): Promise<Said>;
};

/** Longest time for each way of deleting; of a run that was stopped, so little. */
const longestMs = 15_000;
const hurriedMs = 1500;

/**
 * Deletes the workspace at Diversion, where they gather, and ends the agent: from here on nothing can be sent there.
 * Resolves to whether the agent has ended. Never rejects.
 */
export async function clearAway(clearing: Clearing): Promise<boolean> {
  const { source, parts, home, mark, isBegun, earlier, signal } = clearing;
  const { log, clock } = source.deps;
  const id = isBegun ? workspaceOf(clearing) : undefined;
  if (id) await deleteWorkspace(clearing, id);
  for (const each of earlier) {
    if (signal.aborted) log.warn(staying(each, 'this run was ended'));
    else await deleteWorkspace(clearing, each);
  }
  const agents = { mark, parts, home, isHurried: signal.aborted };
  const isEnded = await endAgent(agents, clock).catch(() => false);
  if (!isEnded) log.warn('the agent of dv could not be ended: is /proc there?');
  return isEnded;
}

/**
 * The one that this run has made: deleting is for good, and whoever owns the token may have others, with work in them,
 * which the program may name as well. Where it is not certain, a person has to look.
 */
function workspaceOf({ source, home, folder, said }: Clearing): string | undefined {
  const { log } = source.deps;
  const { workspace } = statusIn(said);
  if (workspace) return workspace;
  return keptIn(folder, home, (warning) => log.warn(warning));
}

/** The one workspace that such folders of a run's own name: nobody else has that home. */
export function keptIn(
  folder: string,
  home: string,
  warn: (text: string) => void,
): string | undefined {
  const kept = [folder, home].map((each) => workspacesIn(textsIn(join(each, '.diversion'))));
  const [found = []] = kept.filter(({ length }) => length > 0);
  const [id] = found;
  if (found.length === 1) return id;
  const which = found.length > 0 ? `; it may be any of ${found.join(', ')}` : '';
  warn(`dv may have left a workspace at Diversion, and does not say which${which}: look there`);
  return undefined;
}

const staying = (id: string, why: string): string =>
  `workspace ${id} stays at Diversion (${why}): delete it with dv workspace delete ${id} -f`;

async function deleteWorkspace(clearing: Clearing, id: string): Promise<void> {
  const { source, signal, dv } = clearing;
  const { log, clock } = source.deps;
  const failures: string[] = [];
  const ways = [
    (within: AbortSignal) =>
      dv({ args: ['workspace', 'delete', id, '-f'], ms: longestMs, signal: within }),
    (within: AbortSignal) =>
      deleteByApi(source, id, AbortSignal.any([within, AbortSignal.timeout(longestMs)])),
  ];
  for (const way of ways) {
    const hurry = delayed(clock, hurriedMs, signal);
    try {
      await way(hurry.signal);
      log.debug(`workspace ${id} is deleted`);
      return;
    } catch (error) {
      failures.push(messageOf(error));
    } finally {
      hurry.done();
    }
  }
  log.warn(staying(id, failures.join('; ')));
}

async function deleteByApi(
  { place, deps }: Source,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  if (isKey(place.token)) throw new Error('a key is not taken by the API');
  const session = createSession(place, deps);
  const repository = await readRepository(session, place.repo, signal);
  const url = `${place.apiUrl}/repos/${repository.id}/workspaces/${id}`;
  await session.signedIn(signal, (headers) =>
    deps.http.request({
      ...{ method: 'DELETE', url, headers, repeat: 'safe', signal },
      // Gone already.
      accept: (status) => status === 204 || status === 200 || status === 404,
    }),
  );
}
