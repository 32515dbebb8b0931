import { RemoteError } from '../../errors.ts';
import { ask } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { GiteaPlace } from './place.ts';

export const gogsText = (host: string): string =>
  `${host} answers as Gogs does, which has no commit statuses: name another reporter, or none`;

/** Gogs has many of Gitea's routes, but neither statuses nor this. */
export async function isGogs(
  forge: ForgeHttp,
  place: GiteaPlace,
  patience: Patience,
): Promise<boolean> {
  const question = { url: place.versionUrl, thing: 'the version', ...patience };
  return (await ask(forge, place, question, () => true)) === undefined;
}

/** A 404 leaves much open; that the server is a Gogs is asked of it only then. */
export async function orGogs<T>(
  forge: ForgeHttp,
  place: GiteaPlace,
  patience: Patience,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RemoteError) || error.status !== 404) throw error;
    if (!(await isGogs(forge, place, patience).catch(() => false))) throw error;
    throw new RemoteError(`${error.message}; ${gogsText(place.host)}`, {
      kind: 'refused',
      status: 404,
      cause: error,
    });
  }
}
