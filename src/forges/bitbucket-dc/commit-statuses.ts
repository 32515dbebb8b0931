import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import type { Log } from '../../log.ts';
import { isRollback, type Order } from '../../order.ts';
import { isTerminal } from '../../status.ts';
import { ask, send } from '../asking.ts';
import { commitsSeen, fromCommits } from '../commit-lists.ts';
import {
  type CommitReading,
  type CommitStatuses,
  type CommitWords,
  endedText,
} from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { closedLink } from '../links.ts';
import { commitPosted } from '../posted.ts';
import type { EnvironmentKind } from '../settings.ts';
import { shortenUnits } from '../text.ts';
import { createDeployments, isNoRoute, isRefusedWord } from './deployments.ts';
import { type BitbucketDcPlace, needs } from './place.ts';
import { type BuildWord, buildWord, stateBehind, stateIn, stateOf } from './states.ts';

type Row = {
  readonly key: string;
  readonly state: string;
  readonly url: string | null;
  readonly description: string | null;
  /** ms since the epoch. */
  readonly dateAdded: number;
};

export type StatusesOptions = {
  readonly place: BitbucketDcPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly kind: EnvironmentKind | undefined;
  readonly log: Log;
};

/**
 * Build statuses, of which a commit has one per key, each with the deployment that it goes with.
 * https://developer.atlassian.com/server/bitbucket/rest/ (builds-and-deployments)
 */
export function createCommitStatuses(options: StatusesOptions): CommitStatuses {
  const { place, forge, order, log } = options;
  const { api, buildStatusUrl, webUrl } = place;
  const deployments = createDeployments(place, forge, options.kind);
  /** Since 7.4 builds belong to a repository: undefined until the server has answered. */
  let isOld: boolean | undefined;
  /** Builds of ours that are in progress, by commit, context and key. */
  const standing = new Set<string>();
  const nameOf = (sha: string, context: string, link: string | undefined) =>
    `${sha} ${context} ${readLink(link)?.key}`;

  async function read(sha: string, patience: Patience): Promise<CommitReading> {
    const url = `${buildStatusUrl}/commits/${sha}?orderBy=NEWEST&limit=100`;
    const posted = await ask(forge, place, { url, thing: `commit ${sha}`, ...patience }, (body) =>
      (body as { readonly values: readonly Row[] }).values.map(shownOf),
    );
    for (const { state, context, link: page } of posted ?? []) {
      if (!isTerminal(state)) standing.add(nameOf(sha, context, page));
    }
    return { posted: posted ?? [] };
  }

  const common = fromCommits({
    ...{ place, forge, read, url: `${api}/commits`, start: 'until' },
    query: `limit=${commitsSeen}`,
    idsIn: (body) =>
      (body as { readonly values: readonly { readonly id: unknown }[] }).values.map(({ id }) => id),
  });
  const { history } = common;

  async function putBuild(
    sha: string,
    state: BuildWord,
    { context, description, link }: CommitWords,
    patience: Patience,
  ): Promise<void> {
    const url = isOld ? `${buildStatusUrl}/commits/${sha}` : `${api}/commits/${sha}/builds`;
    const page = link ?? `${webUrl}/commits/${sha}`;
    const body = { key: context, name: context, state, url: page, description };
    await send(forge, place, {
      ...{ method: 'POST', url, body, needs, thing: `commit ${sha}`, ...patience },
    } as const);
  }

  async function post(sha: string, words: CommitWords, patience: Patience): Promise<void> {
    const word = buildWord(words.told.state);
    try {
      await putBuild(sha, word, words, patience);
      isOld ??= false;
    } catch (error) {
      if (isRefusedWord(error, word)) return putBuild(sha, 'FAILED', words, patience);
      if (isOld !== undefined || !isNoRoute(error)) throw error;
      isOld = true;
      await post(sha, words, patience);
    }
  }

  /** What a killed run leaves is found by its build: that is there before a deployment is, and ends after it. */
  async function tell(sha: string, words: CommitWords, patience: Patience): Promise<void> {
    const isOpen = !isTerminal(words.state);
    const name = nameOf(sha, words.context, words.link);
    if (isOpen && standing.has(name)) {
      await Promise.all([deployments.tell(sha, words, patience), post(sha, words, patience)]);
    } else if (isOpen) {
      await post(sha, words, patience);
      standing.add(name);
      await deployments.tell(sha, words, patience);
    } else if (readLink(words.link)?.closure) {
      const ended = await deployments.end(sha, words, patience);
      const told = { state: stateBehind(ended ?? 'FAILED'), description: endedText };
      await post(sha, ended ? { ...words, ...told, told } : words, patience);
    } else {
      await deployments.tell(sha, words, patience);
      await post(sha, words, patience);
    }
  }

  /** Where a rollback went well, what it took the place of is said to have been rolled back. */
  async function noteRollback(sha: string, words: CommitWords, patience: Patience): Promise<void> {
    const { context, environment } = words;
    const rows = await history({ sha, ref: order.ref, context }, patience);
    const last = rows
      .filter((row) => row.sha !== sha && row.posted[0]?.state === 'success')
      .toSorted((a, b) => (b.posted[0]?.at ?? 0) - (a.posted[0]?.at ?? 0))[0];
    const { link, marker } = last?.posted[0] ?? {};
    if (!last || !link || !marker) return;
    const told = { context, environment, link: closedLink(link, marker) };
    const description = `Rolled back to ${sha.slice(0, 8)}`;
    await deployments.rollBack(last.sha, { ...told, description }, patience);
  }

  return {
    ...common,
    shorten: (text) => shortenUnits(text, 255),
    pageOf: (sha) => `${webUrl}/commits/${sha}`,
    stateOf,
    async abandon(sha, words, patience) {
      await deployments.end(sha, words, patience);
    },
    async post(sha, words, patience) {
      await tell(sha, words, patience);
      if (words.told.state !== 'success' || !isRollback(order)) return;
      await noteRollback(sha, words, patience).catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`not said of what was rolled back: ${error.message}`);
      });
    },
  };
}

const shownOf = ({ key: context, state, url: link, description, dateAdded: at }: Row) =>
  commitPosted({ context, state: stateIn(state), at, link, description });
