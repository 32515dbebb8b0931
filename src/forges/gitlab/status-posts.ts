import { isDeepStrictEqual } from 'node:util';
import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import type { Order } from '../../order.ts';
import { isTerminal } from '../../status.ts';
import { send } from '../asking.ts';
import { type CommitReading, type CommitWords, inContext } from '../commit-statuses.ts';
import type { Patience, Posted } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { closedLink } from '../links.ts';
import { shortRef } from '../ref.ts';
import type { Pipelines } from './pipelines.ts';
import type { GitlabPlace } from './place.ts';
import { type StatusWord, stateOf, wordFor } from './states.ts';

export type StatusPostsOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly pipelines: Pipelines;
  read(sha: string, patience: Patience): Promise<CommitReading>;
  /** Ends the deployment that goes with another run's status. */
  endTheirs(sha: string, words: CommitWords, patience: Patience): Promise<unknown>;
};

export type StatusPosts = {
  say(sha: string, words: CommitWords, patience: Patience): Promise<void>;
  /** Whether a status with this link's key is open in the context, for all that is known. */
  stands(sha: string, words: Pick<CommitWords, 'context' | 'link'>): boolean;
  /** Of the context, newest. */
  note(sha: string, context: string, latest: Posted, pipeline: number | undefined): void;
};

/** Of a description, a link and a ref. */
export const longest = 255;
/** GitLab is at work on the same commit. */
const conflictMs = 500;

/** Posts into a machine of states, which refuses to be where it is and to go back. */
export function createStatusPosts(options: StatusPostsOptions): StatusPosts {
  const { place, forge, order, pipelines, read } = options;
  /** Commit, context and key. */
  const open = new Set<string>();
  const keyOf = (sha: string, context: string, key: string | undefined) =>
    `${sha} ${context} ${key}`;

  async function put(
    sha: string,
    state: StatusWord,
    { context: name, description, link }: Pick<CommitWords, 'context' | 'description' | 'link'>,
    patience: Patience,
  ): Promise<void> {
    const id = await pipelines.of(sha, name, patience);
    // A pipeline has a ref of its own, and another one beside it is refused.
    const own = order.ref && shortRef(order.ref);
    const isTold = id === undefined && order.commit === sha && (own?.length ?? 0) <= longest;
    const ref = isTold ? own : undefined;
    const body = {
      ...{ state, name, description },
      ...(link ? { target_url: link } : {}),
      ...(ref ? { ref } : {}),
      ...(id === undefined ? {} : { pipeline_id: id }),
    };
    const answer = await send(forge, place, {
      ...{ method: 'POST', url: `${place.project}/statuses/${sha}`, body },
      ...{ thing: `commit ${sha}`, needs: 'the scope `api` and the role Developer' },
      shows: 'id',
      backOff: ({ status }) => (status === 409 ? conflictMs : undefined),
      ...patience,
    } as const);
    const isOpen = state === 'pending' || state === 'running';
    const into = (answer as { readonly pipeline_id?: number }).pipeline_id ?? id;
    pipelines.note(sha, name, isOpen ? into : undefined);
    const said = keyOf(sha, name, readLink(link)?.key);
    if (isOpen) open.add(said);
    else open.delete(said);
  }

  async function putOver(
    refusal: RemoteError,
    sha: string,
    words: CommitWords,
    patience: Patience,
  ): Promise<void> {
    const [latest] = inContext(await read(sha, patience), words.context);
    if (!latest || isTerminal(latest.state)) throw refusal;
    const isOurs = isDeepStrictEqual(latest.marker, readLink(words.link));
    if (isOurs && !isTerminal(words.state)) return;
    // Some versions let nothing end that does not run.
    if (isOurs && latest.state === 'in_progress') throw refusal;
    if (isOurs) await put(sha, 'running', words, patience);
    else await replace(sha, latest, words, patience);
    await put(sha, wordFor(words.state), words, patience);
  }

  /** Another run's status, or a stranger's, stands open under our name: it ends before ours begins. */
  async function replace(
    sha: string,
    { link, marker }: Posted,
    { context, environment, link: own }: CommitWords,
    patience: Patience,
  ): Promise<void> {
    const description = 'Another run goes on in its place';
    const told = { state: 'cancelled', description } as const;
    const closure = {
      ...{ context, environment, state: stateOf(told.state), told, description },
      link: link && marker ? closedLink(link, marker) : link,
    };
    const isTheirs = marker && marker.key !== readLink(own)?.key;
    if (isTheirs) await options.endTheirs(sha, closure, patience);
    await put(sha, 'canceled', closure, patience);
  }

  return {
    stands: (sha, { context, link }) => open.has(keyOf(sha, context, readLink(link)?.key)),
    note(sha, context, { state, marker }, pipeline) {
      const isOpen = !isTerminal(state);
      pipelines.note(sha, context, isOpen ? pipeline : undefined);
      const own = keyOf(sha, context, marker?.key);
      if (isOpen) open.add(own);
      else open.delete(own);
    },
    async say(sha, words, patience) {
      try {
        await put(sha, wordFor(words.state), words, patience);
      } catch (error) {
        if (!isTransition(error)) throw error;
        await putOver(error, sha, words, patience);
      }
    },
  };
}

const isTransition = (error: unknown): error is RemoteError =>
  error instanceof RemoteError &&
  error.status === 400 &&
  /Cannot transition status/i.test(error.answer?.body ?? '');
