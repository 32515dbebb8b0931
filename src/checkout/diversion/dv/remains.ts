import { createHmac, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { onDisk } from '../../tree/disk.ts';
import { ownPrefix } from '../../tree/folder.ts';
import { openManifest } from '../manifest.ts';
import type { Source } from '../source.ts';
import { endAgent } from './agent.ts';
import { keptIn } from './clear.ts';

/** What a run leaves word of before it starts the program, for it may be killed at any time after. */
type Note = {
  /** Of its agent. */
  readonly mark: string;
  /** Workspaces that those before it have left. */
  readonly ids: readonly string[];
};

export const cloneOf = (parts: string): string => join(parts, 'clone');
export const homeIn = (parts: string): string => join(parts, 'home');
const noteOf = (beside: string): string => join(beside, 'dv');

/**
 * By the token it is told from what a repository may hold in such a place: a stranger's note could name anybody's
 * workspace.
 */
const sealOf = (beside: string, text: string, token: string): string =>
  createHmac('sha256', token)
    .update(`${realpathSync(beside)}\n${text}`)
    .digest('hex');

export function leaveNote(beside: string, note: Note, token: string): void {
  const text = JSON.stringify(note);
  const file = noteOf(beside);
  onDisk(file, () =>
    writeFileSync(file, `${sealOf(beside, text, token)}\n${text}`, { mode: 0o600 }),
  );
}

function readNote(beside: string, token: string): Note | undefined {
  try {
    const [seal = '', text = ''] = readFileSync(noteOf(beside), 'utf8').split('\n');
    const right = sealOf(beside, text, token);
    if (seal.length !== right.length) return undefined;
    return timingSafeEqual(Buffer.from(seal), Buffer.from(right)) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

export const dropNote = (beside: string): void => rmSync(noteOf(beside), { force: true });

/**
 * Ends the agent of a run that was killed over the same folder, which must be locked; resolves to the workspaces that
 * it may have left.
 */
export async function remainsIn(
  beside: string,
  { place, deps }: Source,
): Promise<readonly string[]> {
  const note = readNote(beside, place.token);
  if (!note) return [];
  const parts = join(beside, 'parts');
  const home = homeIn(parts);
  const agents = { mark: note.mark, parts, home, isHurried: false };
  await endAgent(agents, deps.clock).catch(() => false);
  const id = keptIn(cloneOf(parts), home, (warning) => deps.log.warn(warning));
  return id === undefined ? note.ids : [...note.ids, id];
}

/** A folder that is just being made has no lock yet. */
const settledMs = 60_000;

/** Folders of killed runs in such places, each with what lies beside its tree. Those of living ones are locked. */
function* abandoned(
  places: readonly string[],
  { place: { token }, deps }: Source,
): Generator<readonly [string, string]> {
  for (const place of new Set(places.filter(isAbsolute))) {
    for (const name of namesIn(place).filter((each) => each.startsWith(ownPrefix))) {
      const folder = join(place, name);
      const own = namesIn(folder).find((each) => /^\..+\.slipway$/.test(each));
      const beside = join(folder, own ?? '');
      // Nothing of it is opened before its seal is seen to be ours.
      if (readNote(beside, token) && isFree(beside, deps.clock.now())) yield [folder, beside];
    }
  }
}

/**
 * Ends and removes what killed runs have left in such places. `keep` is told of the workspaces that they may have left
 * before what names them is removed.
 */
export async function takeRemains(
  places: readonly string[],
  source: Source,
  keep: (ids: readonly string[]) => void,
): Promise<void> {
  for (const [folder, beside] of abandoned(places, source)) {
    keep(await remainsIn(beside, source));
    rmSync(folder, { recursive: true, force: true });
    source.deps.log.info('removed what an earlier run, which was killed, had left of dv');
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFree(beside: string, now: number): boolean {
  const file = join(beside, 'manifest');
  try {
    if (now - statSync(file).mtimeMs < settledMs) return false;
    openManifest(file, beside).close();
    return true;
  } catch {
    return false;
  }
}
