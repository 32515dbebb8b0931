import { join } from 'node:path';
import { messageOf } from '../../../errors.ts';
import { isKey } from '../../../forges/diversion/place.ts';
import { readRepository } from '../../../forges/diversion/repository.ts';
import { createSession } from '../../../forges/diversion/session.ts';
import { walk } from '../../tree/walk.ts';
import type { Source } from '../source.ts';
import { endAgent } from './agent.ts';
import { headOf } from './head.ts';
import { type Said, workspacesIn } from './words.ts';

export type Clearing = {
  readonly source: Source;
  readonly home: string;
  readonly folder: string;
  readonly mark: string;
  /** Whether a clone was begun. */
  readonly isBegun: boolean;
  /** What the program has said so far. */
  readonly said: string;
  /** Calls the program from its home, for the workspace that one stands in is not deleted. */
  dv(args: readonly string[]): Promise<Said>;
};

/** Whoever ended the run does not wait longer. */
export const longestMs = 15_000;

/**
 * Deletes the workspace at Diversion, where they gather, and ends the agent: from here on nothing can be sent there.
 * Resolves to whether the agent has ended. Never rejects.
 */
export async function clearAway(clearing: Clearing): Promise<boolean> {
  const { source, home, folder, mark, isBegun, said } = clearing;
  const { log, clock } = source.deps;
  if (isBegun) {
    // Whatever its home names is this run's: nobody else has that home.
    const ids = workspacesAt(folder, home, said);
    if (ids.length === 0) {
      log.warn('dv may have left a workspace at Diversion, and does not say which: look there');
    }
    for (const id of ids) await deleteWorkspace(clearing, id);
  }
  const isEnded = await endAgent(mark, clock).catch(() => false);
  if (!isEnded) log.warn('the agent of dv could not be ended: is /proc there?');
  return isEnded;
}

/** Whatever stands in the clone, in the program's home, or in what it has said. */
export const workspacesAt = (folder: string, home: string, said = ''): readonly string[] =>
  workspacesIn(
    [said, textIn(join(folder, '.diversion')), textIn(join(home, '.diversion'))].join('\n'),
  );

async function deleteWorkspace({ source, dv }: Clearing, id: string): Promise<void> {
  const { log } = source.deps;
  const failures: string[] = [];
  const ways = [
    async () => void (await dv(['workspace', 'delete', id, '-f'])),
    () => deleteByApi(source, id, AbortSignal.timeout(longestMs)),
  ];
  for (const way of ways) {
    try {
      await way();
      log.debug(`workspace ${id} is deleted`);
      return;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  log.warn(
    `workspace ${id} stays at Diversion (${failures.join('; ')}): delete it with dv workspace delete ${id} -f`,
  );
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

const mostFiles = 1000;
const largestFile = 64 * 1024;

/** Of the small files in a folder: where the program keeps its ids is nowhere documented. */
function textIn(folder: string): string {
  const texts: string[] = [];
  try {
    for (const { path, item } of walk(folder)) {
      texts.push(item.name, item.isFile() ? headOf(path, largestFile) : '');
      if (texts.length > 2 * mostFiles) break;
    }
  } catch {
    // It has not come so far.
  }
  return texts.join('\n');
}
