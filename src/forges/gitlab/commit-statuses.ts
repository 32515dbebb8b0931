import { isDeepStrictEqual } from 'node:util';
import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import { isTerminal } from '../../status.ts';
import { ask, idIn, send } from '../asking.ts';
import {
  type CommitReading,
  type CommitStatuses,
  type CommitWords,
  inContext,
  readEach,
} from '../commit-statuses.ts';
import type { Patience, Posted } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { closedLink } from '../links.ts';
import { postedOf } from '../posted.ts';
import { shorten } from '../text.ts';
import { deploymentIn, withDeployment } from './deployment-link.ts';
import { createDeployments } from './deployments.ts';
import type { Tier } from './environments.ts';
import type { GitlabPlace } from './place.ts';
import { type StatusWord, stateIn, stateOf, wordFor } from './states.ts';

type Row = {
  readonly id: number;
  readonly status: string;
  readonly name: string;
  readonly target_url: string | null;
  readonly description: string | null;
  readonly created_at: string;
};

export type StatusesOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly tier: Tier | undefined;
  readonly log: Log;
};

/** Of a description, a link and a ref. */
const longest = 255;
/** How far back one look sees. */
const commits = 10;
/** GitLab is at work on the same commit. */
const conflictMs = 500;

/**
 * Commit statuses, each with the deployment that it goes with.
 * https://docs.gitlab.com/api/commits/#commit-status
 */
export function createCommitStatuses(options: StatusesOptions): CommitStatuses {
  const { place, forge, order } = options;
  const { api, project, repo, webUrl } = place;
  const deployments = createDeployments({ ...options, read });
  let pipeline: number | undefined;

  async function read(sha: string, patience: Patience): Promise<CommitReading> {
    const url = `${api}/commits/${sha}/statuses?per_page=100&all=true`;
    const posted = await ask(forge, place, { url, thing: `commit ${sha}`, ...patience }, (body) =>
      [...(body as readonly Row[])].toSorted((a, b) => b.id - a.id).map(shownOf),
    );
    return { posted: posted ?? [] };
  }

  const listCommits = async (
    start: string | undefined,
    patience: Patience,
  ): Promise<readonly string[]> => {
    const from = start ? `ref_name=${encodeURIComponent(start)}&` : '';
    const url = `${api}/commits?${from}per_page=${commits}`;
    const question = { url, thing: 'the list of commits', ...patience };
    const shas = await ask(forge, place, question, (body) =>
      (body as readonly { readonly id: unknown }[]).map(({ id }) => idIn(id)),
    );
    return shas ?? [];
  };

  /** A status without a pipeline would make one of its own, beside the one that people look at. */
  async function pipelineOf(sha: string, patience: Patience): Promise<number | undefined> {
    const url = `${api}/commits/${sha}?stats=false`;
    const question = { url, thing: `commit ${sha}`, ...patience };
    pipeline ??= await ask(
      forge,
      place,
      question,
      (body) =>
        (body as { readonly last_pipeline?: { readonly id: number } | null }).last_pipeline?.id,
    );
    return pipeline;
  }

  async function put(
    sha: string,
    state: StatusWord,
    words: Pick<CommitWords, 'context' | 'description' | 'link'>,
    patience: Patience,
  ): Promise<void> {
    const { context: name, description, link } = words;
    const id = await pipelineOf(sha, patience);
    const ref = order.commit === sha && (order.ref?.length ?? 0) <= longest ? order.ref : undefined;
    const body = {
      ...{ state, name, description },
      ...(link ? { target_url: link } : {}),
      ...(ref ? { ref } : {}),
      ...(id === undefined ? {} : { pipeline_id: id }),
    };
    await send(forge, place, {
      ...{ method: 'POST', url: `${project}/statuses/${sha}`, body, thing: `commit ${sha}` },
      needs: 'the scope `api` and the role Developer',
      backOff: ({ status }) => (status === 409 ? conflictMs : undefined),
      ...patience,
    });
  }

  /** GitLab's statuses are a machine of states, which refuses to be where it is and to go back. */
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
    { context, link: own }: CommitWords,
    patience: Patience,
  ): Promise<void> {
    const id = deploymentIn(link);
    if (id && marker?.key !== readLink(own)?.key) await deployments.cancel(id, patience);
    const closure = {
      context,
      description: 'Another run goes on in its place',
      link: link && marker ? closedLink(link, marker) : link,
    };
    await put(sha, 'canceled', closure, patience);
  }

  return {
    repo,
    now: forge.now,
    ahead: forge.ahead,
    pageOf: (sha) => `${webUrl}/-/commit/${sha}`,
    shorten: (text) => shorten(text, longest),
    stateOf,
    read,
    history: (where, patience) =>
      readEach(
        where,
        (start) => listCommits(start, patience),
        (sha) => read(sha, patience),
      ),
    async post(sha, told, patience) {
      const id = await deployments.tell(sha, told, patience);
      const words = { ...told, link: withDeployment(told.link, id, longest) };
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

const shownOf = ({ status, name, target_url: link, description, created_at: at }: Row) => ({
  ...postedOf({ state: stateIn(status), at, link, description }),
  context: name,
});
