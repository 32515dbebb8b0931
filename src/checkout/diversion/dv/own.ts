import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Source } from '../source.ts';
import { markName } from './agent.ts';
import type { Program } from './call.ts';
import { homeIn } from './remains.ts';

/** What does not wait for files. */
export const briefMs = 60_000;

export const newMark = (): string => randomBytes(12).toString('hex');

export type Ours = { readonly program: Program; readonly home: string; readonly mark: string };

/** Its home is this run's alone, so what it keeps there of workspaces and credentials is ours. */
export function programOf(
  { place, deps }: Source,
  file: string,
  parts: string,
  mark: string,
): Ours {
  const home = homeIn(parts);
  mkdirSync(home, { mode: 0o700 });
  const env = {
    ...deps.env,
    ...{ HOME: home, USER_POOL_CLIENT_ID: place.clientId, LC_ALL: 'C', NO_COLOR: '1' },
    // A merge with conflicts opens one.
    BROWSER: 'true',
    [markName]: mark,
  };
  const { clock } = deps;
  return { program: { file, folder: parts, home, env, token: place.token, clock }, home, mark };
}
