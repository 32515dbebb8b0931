import { createHash } from 'node:crypto';
import type { Order } from '../../order.ts';
import type { State } from '../../status.ts';
import { ask, send } from '../asking.ts';
import { commitsSeen, fromCommits } from '../commit-lists.ts';
import { type CommitReading, type CommitStatuses, commitState } from '../commit-statuses.ts';
import type { ForgeState, Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { commitPosted } from '../posted.ts';
import { shortRef } from '../ref.ts';
import { shorten } from '../text.ts';
import type { BitbucketPlace } from './place.ts';

type Row = {
  readonly key: string;
  readonly name: string | null;
  readonly state: string;
  readonly url: string | null;
  readonly description: string | null;
  readonly updated_on: string;
};

const longestKey = 40;
const rows = 'values.key,values.name,values.state,values.url,values.description,values.updated_on';

const words = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', error: 'STOPPED' };
const states = new Map<string, ForgeState>(
  Object.entries(words).map(([state, word]) => [word, state as ForgeState]),
);

/**
 * Build statuses, of which a commit has one per key.
 * https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commit-statuses/
 */
export function createCommitStatuses(
  place: BitbucketPlace,
  forge: ForgeHttp,
  { order: { ref } }: { readonly order: Pick<Order, 'ref'> },
): CommitStatuses {
  const { api, webUrl } = place;

  async function read(sha: string, patience: Patience): Promise<CommitReading> {
    const query = `pagelen=100&sort=-updated_on&fields=${rows}`;
    const url = `${api}/commit/${sha}/statuses?${query}`;
    const posted = await ask(forge, place, { url, thing: `commit ${sha}`, ...patience }, (body) =>
      (body as { readonly values: readonly Row[] }).values.map(shownOf),
    );
    return { posted: posted ?? [] };
  }

  return {
    ...fromCommits({
      ...{ place, forge, read, url: `${api}/commits`, start: 'include' },
      query: `pagelen=${commitsSeen}&fields=values.hash`,
      idsIn: (body) =>
        (body as { readonly values: readonly { readonly hash: unknown }[] }).values.map(
          ({ hash }) => hash,
        ),
    }),
    pageOf: (sha) => `${webUrl}/commits/${sha}`,
    stateOf,
    async post(sha, { state, context, description, link }, patience) {
      await send(forge, place, {
        ...patience,
        method: 'POST',
        shows: 'key',
        url: `${api}/commit/${sha}/statuses/build`,
        body: {
          key: keyOf(context),
          name: shorten(context, 255),
          state: words[state as keyof typeof words],
          url: link ?? `${webUrl}/commits/${sha}`,
          description,
          // A status is shown at the pull request of this branch.
          ...(ref ? { refname: shortRef(ref) } : {}),
        },
        thing: `commit ${sha}`,
        needs: 'to read repositories (`read:repository:bitbucket`, or `repository`)',
      });
    },
  };
}

/** What is cut would collide with what starts alike. */
const keyOf = (context: string): string =>
  context.length <= longestKey ? context : createHash('sha1').update(context).digest('hex');

/** There is a word for what was stopped, and none for what went wrong with us. */
const stateOf = (state: State): ForgeState => {
  if (state === 'superseded') return 'error';
  return state === 'error' ? 'failure' : commitState(state);
};

const shownOf = ({ key, name, state, url: link, description, updated_on: at }: Row) =>
  commitPosted({
    ...{ state: states.get(state) ?? 'error', at, link, description },
    context: name && keyOf(name) === key ? name : key,
  });
