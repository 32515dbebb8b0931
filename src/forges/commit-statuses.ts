import type { Marker } from '../identity.ts';
import type { State, Status } from '../status.ts';
import type { Deployment, ForgeState, Patience, Posted } from './forge.ts';
import type { Wording } from './poster.ts';

export type CommitState = 'pending' | 'success' | 'failure' | 'error';

/** Our state in the words of a commit status, which has four. */
export function commitState(state: State): CommitState {
  switch (state) {
    case 'queued':
    case 'in_progress':
    case 'pending':
      return 'pending';
    case 'timed_out':
    case 'superseded':
      return 'failure';
    case 'cancelled':
    case 'inactive':
      return 'error';
    default:
      return state;
  }
}

export type CommitWords = Wording & {
  readonly context: string;
  /** Where the commit was deployed, where it is known. */
  readonly environment: string | undefined;
  /** What is meant, for a forge that can say more than a commit status can. */
  readonly told: Status;
};

/** Every context's, newest first. */
export type CommitReading = {
  readonly posted: readonly (Posted & { readonly context: string })[];
  readonly etag?: string | undefined;
};

/** What one commit was told in one context, newest first; may be cut to the last few. */
export type Seen = {
  readonly sha: string;
  readonly context: string;
  readonly posted: readonly Posted[];
  /** Its run has ended so, and what the forge shows beside the status could not be told. */
  readonly untold?: { readonly name: string; readonly state: State };
};

export type Where = {
  readonly sha: string | undefined;
  readonly ref: string | undefined;
  /** All contexts when it is not given. */
  readonly context: string | undefined;
};

/**
 * The statuses of one repository's commits, as one forge keeps them. Every method rejects with a RemoteError that says
 * what would help.
 */
export interface CommitStatuses {
  readonly repo: string;
  /** The server's time, as its last answer told it; ms since the epoch. */
  now(): number;
  /** By how many ms the server's clock is ahead of ours. */
  ahead(): number;
  /** A commit's page, for people. */
  pageOf(sha: string): string;
  /** A description as the forge will show it. */
  shorten(text: string): string;
  /** As what a state that is posted will be read again, for no forge has a word for each. */
  stateOf(state: State): ForgeState;
  /** Cheap where nothing has changed since `known`, if the forge can. */
  read(sha: string, patience: Patience, known?: CommitReading): Promise<CommitReading>;
  /** What the commit, and the last ones of its ref, were told; the commit itself first. */
  history(where: Where, patience: Patience): Promise<readonly Seen[]>;
  /** What of ours the forge shows as open beside statuses, on any commit; of one environment, or of all. */
  leftOpen?(environment: string | undefined, patience: Patience): Promise<readonly Seen[]>;
  /** Asks beforehand what the posts to come need to know and does not change. */
  prepare?(
    wanted: Pick<CommitWords, 'context' | 'environment'> & { readonly sha: string },
    patience: Patience,
  ): Promise<void>;
  /** Once: a lost answer is the caller's to look for. */
  post(sha: string, words: CommitWords, patience: Patience): Promise<void>;
  /** Ends what the forge shows beside another run's status, which itself is about to be replaced. */
  abandon?(sha: string, words: CommitWords, patience: Patience): Promise<void>;
}

/** Of a status that stood open when what the forge shows beside it had ended. */
export const endedText = 'Its deployment had ended so when its run was killed';

export const sameContext = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();

export const inContext = (reading: CommitReading, context: string): readonly Posted[] =>
  reading.posted.filter((status) => sameContext(status.context, context));

/** A history of a forge that is asked about one commit at a time; `list` names the commits from one on. */
export async function readEach(
  { sha: own, ref, context }: Where,
  list: (start: string | undefined) => Promise<readonly string[]>,
  read: (sha: string) => Promise<CommitReading>,
): Promise<readonly Seen[]> {
  const first = own ? read(own) : undefined;
  const [listed] = await Promise.all([list(ref ?? own), first]);
  const shas = new Set([...(own ? [own] : []), ...listed]);
  const seen = [...shas].map(async (sha): Promise<readonly Seen[]> => {
    const found = await (sha === own && first ? first : read(sha));
    const contexts = context
      ? [context]
      : [...new Set(found.posted.map((status) => status.context))];
    return contexts.map((name) => ({ sha, context: name, posted: inContext(found, name) }));
  });
  return (await Promise.all(seen)).flat().filter(({ posted }) => posted.length > 0);
}

/** A commit as a deployment: its statuses in one context are all that the forge remembers. */
export function commitDeployment(
  statuses: CommitStatuses,
  { sha, context, posted, untold }: Seen,
  environment: string,
): Deployment {
  const [last] = posted;
  const owner = ownerOf(posted);
  return {
    id: sha,
    repo: statuses.repo,
    environment,
    sha,
    task: undefined,
    description: '',
    payload: { context },
    createdAt: posted.at(-1)?.at ?? statuses.now(),
    statuses: posted,
    owner,
    url: statuses.pageOf(sha),
    ...(untold && last && owner
      ? {
          ...{ untold: untold.state, name: untold.name },
          statuses: [{ ...last, state: 'in_progress' as const }, ...posted],
          // Its run is over, whatever time it was given.
          owner: { ...owner, expiry: Math.min(owner.expiry, last.at) },
        }
      : {}),
  };
}

/** Often only the latest status shows; if that is a closure, it still names the run that was closed. */
function ownerOf(posted: readonly Posted[]): Marker | undefined {
  const marker = posted.find((status) => status.marker)?.marker;
  return marker && { ...marker, closure: false };
}
