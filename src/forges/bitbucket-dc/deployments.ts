import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import { ask, send } from '../asking.ts';
import type { CommitWords } from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { EnvironmentKind } from '../settings.ts';
import { type BitbucketDcPlace, needs } from './place.ts';
import { type DeploymentWord, deploymentWord } from './states.ts';

type Told = Pick<CommitWords, 'context' | 'environment' | 'link' | 'description'> & {
  readonly environmentUrl?: string | undefined;
};

export type Deployments = {
  tell(sha: string, words: CommitWords, patience: Patience): Promise<void>;
  /** Ends one of another run, unless it has; resolves with how it had ended before. */
  end(sha: string, words: CommitWords, patience: Patience): Promise<End | undefined>;
  /** Says of an earlier deployment that another commit was put back in its place. */
  rollBack(sha: string, told: Told, patience: Patience): Promise<void>;
};

/**
 * A deployment is one by its key, its environment and its sequence: to tell it again changes nothing. The sequence is
 * made of the run's marker, so that whoever ends it later names the same one.
 */
export function createDeployments(
  place: BitbucketDcPlace,
  forge: ForgeHttp,
  kind: EnvironmentKind | undefined,
): Deployments {
  const { api } = place;
  /** Servers before 7.16 have none: undefined until one has answered. */
  let isThere: boolean | undefined;

  async function put(
    sha: string,
    state: DeploymentWord,
    { context, environment, link, description, environmentUrl }: Told,
    patience: Patience,
  ): Promise<void> {
    const sequence = sequenceIn(link);
    if (isThere === false || !environment || !link || sequence === undefined) return;
    const url = environmentUrl ? { url: environmentUrl } : {};
    const body = {
      ...{ deploymentSequenceNumber: sequence, key: context, displayName: context },
      ...{ description: description || state, url: link, state },
      environment: {
        key: environment,
        displayName: environment,
        ...(kind ? { type: kind.toUpperCase() } : {}),
        ...url,
      },
    };
    try {
      await send(forge, place, {
        ...{ method: 'POST', url: `${api}/commits/${sha}/deployments`, body, needs },
        ...{ thing: `commit ${sha}`, shows: 'state', ...patience },
      } as const);
      isThere = true;
    } catch (error) {
      if (isThere || !isNoRoute(error)) throw error;
      isThere = false;
    }
  }

  async function tell(sha: string, words: CommitWords, patience: Patience): Promise<void> {
    const word = deploymentWord(words.told.state);
    const told = { ...words, environmentUrl: words.told.environmentUrl };
    await put(sha, word, told, patience).catch(async (error: unknown) => {
      if (!isRefusedWord(error, word)) throw error;
      await put(sha, 'FAILED', told, patience);
    });
  }

  /** undefined: it has not ended, or there is none. */
  async function endOf(
    sha: string,
    { context, environment, link }: CommitWords,
    patience: Patience,
  ): Promise<End | undefined> {
    const sequence = sequenceIn(link);
    if (isThere === false || !environment || sequence === undefined) return undefined;
    const query = new URLSearchParams({
      ...{ key: context, environmentKey: environment },
      deploymentSequenceNumber: String(sequence),
    });
    const url = `${api}/commits/${sha}/deployments?${query}`;
    const question = { url, thing: `a deployment of ${sha}`, absent: [400, 404, 405], ...patience };
    const state = await ask(forge, place, question, (body) =>
      String((body as { readonly state: unknown }).state),
    );
    return ends.find((end) => end === state);
  }

  return {
    tell,
    async end(sha, words, patience) {
      const ended = await endOf(sha, words, patience);
      if (!ended) await tell(sha, words, patience);
      return ended;
    },
    rollBack: (sha, told, patience) => put(sha, 'ROLLED_BACK', told, patience),
  };
}

/** Builds that began in the same millisecond, or second, are told apart by their keys. */
function sequenceIn(link: string | undefined): number | undefined {
  const { seq, key } = readLink(link) ?? {};
  return seq === undefined || !key
    ? undefined
    : seq * 1000 + (Number.parseInt(key.slice(0, 8), 16) % 1000);
}

const ends = ['SUCCESSFUL', 'FAILED', 'CANCELLED', 'ROLLED_BACK'] as const;
export type End = (typeof ends)[number];

/** Older servers know no `CANCELLED`. */
export const isRefusedWord = (error: unknown, word: string): boolean =>
  word === 'CANCELLED' && error instanceof RemoteError && error.status === 400;

/** An older server has no such route; a newer one says what it is that is not there. */
export const isNoRoute = (error: unknown): boolean =>
  error instanceof RemoteError &&
  error.status === 404 &&
  !/\bNoSuch\w*Exception\b/.test(error.answer?.body ?? '');
