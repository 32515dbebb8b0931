import { durationText } from '../../duration.ts';
import { RemoteError } from '../../errors.ts';
import { probeTree } from '../../forges/diversion/entries.ts';
import { pin, readRepository } from '../../forges/diversion/repository.ts';
import { createSession } from '../../forges/diversion/session.ts';
import type { Finding } from '../../targets/target.ts';
import type { Fetching } from '../checkout.ts';
import { createPace } from './pace.ts';
import { excess, type Fetched, homeOf, type Method, type Source } from './source.ts';

/** No workspace is made at Diversion, so nothing has to be removed there, and nothing can be sent back. */
export function byRest(source: Source): Method {
  const { place, ref, deps } = source;
  const session = createSession(place, deps);
  const locate = async (signal: AbortSignal) => {
    const repository = await readRepository(session, place.repo, signal);
    return { repository, pinned: await pin(session, repository, ref, signal) };
  };

  async function fetch({ signal, progress, found }: Fetching): Promise<Fetched> {
    const { clock, log, scratch } = deps;
    const startedAt = clock.now();
    // Loaded with the first tree: nothing else needs what writes one.
    const { writeTree } = await import('./write.ts');
    const { repository, pinned } = await locate(signal);
    const { commit, kind, name } = pinned;
    found({ repo: place.repo, commit, ...(kind === 'commit' ? {} : { ref: name }) });
    progress(`${kind} ${name} of ${repository.name} is at ${commit}`);
    const home = await homeOf(source, scratch);
    try {
      const pace = createPace(clock, progress);
      const tooLarge = (bytes: number) => excess(source, bytes);
      const written = await writeTree({
        ...{ http: deps.http, session, repository, commit, signal, home, pace, tooLarge },
      });
      for (const warning of written.warnings) log.warn(warning);
      log.info(`the tree has ${pace.summary()} in ${durationText(clock.now() - startedAt)}`);
      return {
        tree: home.tree,
        release() {
          written.close();
          return home.leave();
        },
      };
    } catch (error) {
      await home.leave();
      throw error;
    }
  }

  return {
    how: 'by its API',
    fetch,
    async check(signal): Promise<readonly Finding[]> {
      try {
        const { repository, pinned } = await locate(signal);
        await probeTree(session, repository, pinned.commit, signal);
        const at = pinned.kind === 'commit' ? '' : `, where ${pinned.kind} ${pinned.name} is,`;
        const text = `${pinned.commit}${at} of ${repository.name} can be read on ${new URL(place.apiUrl).host}`;
        return [{ ok: true, text }];
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        return [{ ok: error.kind === 'unavailable' ? 'not provable' : false, text: error.message }];
      }
    },
  };
}
