import { RemoteError, type RemoteKind } from '../errors.ts';
import type { Archives, ArchivesDeps } from './archives.ts';
import { readFindings } from './checking.ts';

/** One repository of a forge that is asked with one header and nothing else. */
export type Site = {
  readonly repo: string;
  readonly host: string;
  /** What carries the credential; empty where there is none. */
  readonly headers: Readonly<Record<string, string>>;
  /** Setting that holds the credential. */
  readonly setting: string;
  /** What it takes to read, in the forge's own words. */
  readonly needs: string;
};

export type Place = Site & {
  /** Of the archive of one commit. */
  archiveUrl(commit: string): string;
  /** Of something small that shows that the commit (or any) can be read. */
  commitUrl(commit: string | undefined): string;
};

export function readingArchives(place: Place, { http }: ArchivesDeps): Archives {
  const { repo, host, headers } = place;
  return {
    place: `${repo} on ${host}`,
    fetch: ({ commit, until: _, ...wanted }) =>
      http
        .download({ ...wanted, url: place.archiveUrl(commit), headers })
        .catch((error: unknown) => {
          throw explained(error, place, thingOf(commit));
        }),
    check: (commit, signal) =>
      readFindings(async (found) => {
        const url = place.commitUrl(commit);
        const accept = 'application/json';
        await http
          .request({ method: 'GET', url, headers: { ...headers, accept }, signal })
          .catch((error: unknown) => {
            throw explained(error, place, thingOf(commit));
          });
        const what = commit ? `commit ${commit.slice(0, 8)}` : 'the newest commit';
        found({ ok: true, text: `${what} of ${repo} can be read on ${host}` });
      }),
  };
}

const thingOf = (commit: string | undefined) => (commit ? `commit ${commit}` : undefined);

/** The same failure with what would help; `thing` is what a 404 leaves open beside the repository. */
export function explained(error: unknown, site: Site, thing?: string): unknown {
  if (!(error instanceof RemoteError)) return error;
  const why = reasonOf(error, site, thing);
  if (!why) return error;
  const { message, status, answer, cause } = error;
  return new RemoteError(`${message}; ${why.text}`, {
    kind: why.kind,
    cause,
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });
}

function reasonOf(
  { status }: RemoteError,
  { repo, setting, needs, headers }: Site,
  thing: string | undefined,
): { readonly kind: RemoteKind; readonly text: string } | undefined {
  const isAsked = Object.keys(headers).length > 0;
  if (status === 401) {
    const text = isAsked ? `${setting} is wrong, expired or revoked` : `${setting} is required`;
    return { kind: 'credentials', text };
  }
  if (status === 403) {
    return {
      kind: 'permission',
      text: `${isAsked ? setting : `${setting}, which`} needs ${needs}`,
    };
  }
  if (status !== 404) return undefined;
  const who = isAsked ? `${setting} cannot see it` : `it is not public and ${setting} is not set`;
  const what = thing ? `${thing} is not in ${repo}` : `there is no ${repo}`;
  return { kind: 'permission', text: `${what}, or ${who}: it needs ${needs}` };
}
