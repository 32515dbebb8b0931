import { ask, idIn } from './asking.ts';
import { type CommitStatuses, readEach } from './commit-statuses.ts';
import type { Patience } from './forge.ts';
import type { ForgeHttp } from './forge-http.ts';
import type { Site } from './reading.ts';
import { shortRef } from './ref.ts';
import { shorten } from './text.ts';

/** How a forge is asked for commits, each of which it is then asked about. */
export type CommitList = Pick<CommitStatuses, 'read'> & {
  readonly place: Site;
  readonly forge: ForgeHttp;
  /** Of the list, newest first; without a start it is the forge's to say which branch. */
  readonly url: string;
  /** Parameter that names the branch, tag or commit to start at. */
  readonly start: string;
  /** What else is asked for: not more than are looked at. */
  readonly query: string;
  /** Throws a TypeError where the answer is none. */
  idsIn(body: unknown): readonly unknown[];
};

/** How far back one look sees. */
export const commitsSeen = 10;
/** Of a description. */
const longest = 255;

export function fromCommits({ place, forge, read, ...list }: CommitList) {
  const idsIn = (body: unknown) => list.idsIn(body).map(idIn);

  /** undefined: there is no such branch, tag or commit, or no repository that we could see. */
  const listFrom = (start: string, patience: Patience) => {
    const url = `${list.url}?${list.start}=${encodeURIComponent(shortRef(start))}&${list.query}`;
    return ask(forge, place, { url, thing: 'a list of commits', ...patience }, idsIn);
  };

  /** Nobody may take a repository that is not to be seen for one in which nothing was left. */
  const listAll = async (patience: Patience) => {
    const question = { url: `${list.url}?${list.query}`, absent: [], ...patience };
    return (await ask(forge, place, question, idsIn)) ?? [];
  };

  return {
    repo: place.repo,
    now: forge.now,
    ahead: forge.ahead,
    read,
    shorten: (text) => shorten(text, longest),
    history: (where, patience) =>
      readEach(
        where,
        async (start) => (start && (await listFrom(start, patience))) || listAll(patience),
        (sha) => read(sha, patience),
      ),
  } satisfies Partial<CommitStatuses>;
}
