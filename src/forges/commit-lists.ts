import { ask, idIn } from './asking.ts';
import { type CommitStatuses, readEach } from './commit-statuses.ts';
import type { ForgeHttp } from './forge-http.ts';
import type { Site } from './reading.ts';
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
  return {
    repo: place.repo,
    now: forge.now,
    ahead: forge.ahead,
    read,
    shorten: (text) => shorten(text, longest),
    history: (where, patience) =>
      readEach(
        where,
        async (start) => {
          const from = start ? `${list.start}=${encodeURIComponent(start)}&` : '';
          const url = `${list.url}?${from}${list.query}`;
          const question = { url, thing: 'the list of commits', ...patience };
          const ids = await ask(forge, place, question, (body) => list.idsIn(body).map(idIn));
          return ids ?? [];
        },
        (sha) => read(sha, patience),
      ),
  } satisfies Partial<CommitStatuses>;
}
