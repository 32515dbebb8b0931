import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { durationText } from '../../../duration.ts';
import { CheckoutError } from '../../../errors.ts';
import type { Fetching } from '../../checkout.ts';
import { emptyParts } from '../home.ts';
import { openManifest } from '../manifest.ts';
import { excess, type Fetched, homeOf, type Source } from '../source.ts';
import { call } from './call.ts';
import { clearAway } from './clear.ts';
import { type Cloned, clone, itemsIn } from './clone.ts';
import { briefMs, newMark, type Ours, programOf } from './own.ts';
import { cloneOf, dropNote, leaveNote, remainsIn, takeRemains } from './remains.ts';
import { settle } from './settle.ts';

/**
 * A clone in a workspace of its own, which is deleted before anything is deployed: what a build writes into the tree
 * then can no longer be sent to Diversion, and no new commit gets in.
 */
export async function fetchByProgram(
  source: Source,
  file: string,
  fetching: Fetching,
): Promise<Fetched> {
  const { place, deps, ref } = source;
  const { clock, log } = deps;
  const startedAt = clock.now();
  // It refuses to work below /tmp.
  const places = [deps.cwd, deps.env.HOME ?? ''];
  const home = await homeOf(source, places);
  const manifest = openManifest(join(home.beside, 'manifest'), home.tree);
  const release = (): Promise<void> => {
    manifest.close();
    return home.leave();
  };
  try {
    const earlier = [...(await remainsIn(home.beside, source))];
    const mark = newMark();
    const note = (): void => leaveNote(home.beside, { mark, ids: earlier }, place.token);
    note();
    await takeRemains(places, source, (ids) => {
      earlier.push(...ids);
      note();
    });
    const parts = emptyParts(home.beside);
    const folder = cloneOf(parts);
    const { commit, branch } = await cloneAlone(source, programOf(source, file, parts, mark), {
      ...{ ...fetching, parts, folder, earlier },
      over: () => dropNote(home.beside),
    });
    const isOwnName = ref === undefined || !ref.startsWith('dv.');
    const name = isOwnName ? (ref ?? branch) : branch;
    fetching.found({ repo: place.repo, commit, ...(name ? { ref: name } : {}) });
    const tooLarge = (bytes: number) => excess(source, bytes);
    const settling = { folder, home, manifest, signal: fetching.signal, tooLarge };
    const { files, warnings } = await settle(settling);
    rmSync(parts, { recursive: true, force: true });
    for (const warning of warnings) log.warn(warning);
    const took = durationText(clock.now() - startedAt);
    log.info(`the tree of ${commit} has ${files} files, cloned by dv in ${took}`);
    return { tree: home.tree, release };
  } catch (error) {
    await release();
    throw error;
  }
}

type Alone = Fetching & {
  readonly parts: string;
  readonly folder: string;
  /** Workspaces that killed runs have left. */
  readonly earlier: readonly string[];
  /** Called when nothing is left for the next run to end. */
  over(): void;
};

async function cloneAlone(
  source: Source,
  { program, home, mark }: Ours,
  { signal, until, progress, parts, folder, earlier, over }: Alone,
): Promise<Cloned> {
  const { place, deps, ref } = source;
  const { clock, log } = deps;
  const heard: string[] = [];
  let isBegun = false;
  const syncMs = Math.max(until - clock.now(), briefMs);
  let cloned: Cloned | undefined;
  try {
    const cloning = { repo: place.repo, ref, token: place.token, home, folder, syncMs };
    cloned = await clone({
      ...cloning,
      warn: (text) => log.warn(text),
      async dv(args, { cwd = home, ms = briefMs } = {}) {
        const [verb = ''] = args;
        isBegun ||= verb === 'clone';
        if (verb === 'clone') progress(`dv clones ${place.repo}`);
        const said = await call(program, { args, cwd, ms, signal });
        heard.push(said.all);
        return said;
      },
    });
  } finally {
    const isEnded = await clearAway({
      ...{ source, parts, home, folder, mark, isBegun, earlier, said: heard.join('\n'), signal },
      dv: (calling) => call(program, { ...calling, cwd: home }),
    });
    if (!isEnded) cloned = undefined;
    else if (!signal.aborted) over();
    try {
      rmSync(home, { recursive: true, force: true });
    } catch {
      log.warn(`the credentials of dv could not be removed: they are in ${home}`);
    }
  }
  if (cloned && itemsIn(folder) !== cloned.items) {
    throw new CheckoutError(
      'dv changed the tree while its workspace was deleted: nothing is deployed',
    );
  }
  if (cloned) return cloned;
  throw new CheckoutError(
    'The agent of dv goes on, and would send to Diversion what the deploy writes: nothing is deployed',
  );
}
