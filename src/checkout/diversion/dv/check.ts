import { RemoteError } from '../../../errors.ts';
import type { Finding } from '../../../targets/target.ts';
import { emptyParts } from '../home.ts';
import { homeOf, type Source } from '../source.ts';
import { call } from './call.ts';
import { clearAway } from './clear.ts';
import { briefMs, newMark, programOf } from './own.ts';
import { inert } from './words.ts';

/** Whether it is there and takes the token. Nothing is cloned, so whether the repository can be seen is not known. */
export async function checkProgram(
  source: Source,
  file: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { place, deps } = source;
  const home = await homeOf({ ...source, path: undefined }, deps.scratch);
  const parts = emptyParts(home.beside);
  const { program, mark, ...own } = programOf(source, file, parts, newMark());
  const dv = (args: readonly string[]) =>
    call(program, { args, cwd: own.home, ms: briefMs, signal });
  try {
    const { out } = await dv(['version']);
    await dv(['authenticate', place.token]);
    const version = inert(out.split('\n')[0] ?? '', [place.token]);
    return [
      { ok: true, text: `${version} takes the token` },
      { ok: 'not provable', text: `whether it may clone ${place.repo} is seen when it does` },
    ];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return [{ ok: error.kind === 'unavailable' ? 'not provable' : false, text: error.message }];
  } finally {
    await clearAway({
      ...{
        source,
        parts,
        home: own.home,
        folder: home.tree,
        mark,
        isBegun: false,
        earlier: [],
        said: '',
        signal,
      },
      dv: ({ args }) => dv(args),
    });
    await home.leave();
  }
}
