import { RemoteError } from '../../errors.ts';
import { markLink, readLink } from '../../identity.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import { isTerminal } from '../../status.ts';
import { commitsSeen, fromCommits } from '../commit-lists.ts';
import {
  type CommitReading,
  type CommitStatuses,
  type CommitWords,
  endedText,
} from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { EnvironmentKind } from '../settings.ts';
import { deploymentIn, withDeployment } from './deployment-link.ts';
import { createDeployments, type ToldDeployment } from './deployments.ts';
import { createEnvironments } from './environments.ts';
import { leftRunning } from './left-running.ts';
import { createPipelines } from './pipelines.ts';
import type { GitlabPlace } from './place.ts';
import { stateIn, stateOf, wordOf } from './states.ts';
import { listStatuses } from './status-list.ts';
import { createStatusPosts, longest } from './status-posts.ts';

export type StatusesOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly tier: EnvironmentKind | undefined;
  readonly log: Log;
};

/**
 * Commit statuses, each with the deployment that it goes with.
 * https://docs.gitlab.com/api/commits/#commit-status
 */
export function createCommitStatuses(options: StatusesOptions): CommitStatuses {
  const { place, forge } = options;
  const { api, pageOf } = place;
  const readings = new Map<string, CommitReading>();
  const pipelines = createPipelines(place, forge);
  const environments = createEnvironments(options);
  const deployments = createDeployments({
    ...{ ...options, read },
    readBefore: (sha) => readings.get(sha),
  });
  const posts = createStatusPosts({ ...options, pipelines, read, endTheirs: deployments.tell });

  async function read(sha: string, patience: Patience): Promise<CommitReading> {
    const rows = await listStatuses(place, forge, sha, patience);
    const noted = new Set<string>();
    for (const { posted, pipeline } of rows) {
      if (!noted.has(posted.context)) posts.note(sha, posted.context, posted, pipeline);
      noted.add(posted.context);
    }
    const reading = { posted: rows.map(({ posted }) => posted) };
    readings.set(sha, reading);
    return reading;
  }

  /** Where a long page leaves no room for its deployment, the commit's own stands in. */
  const linkOf = (sha: string, link: string | undefined, id: string | undefined) => {
    const named = withDeployment(link, id, longest);
    const marker = readLink(link);
    if (id === undefined || deploymentIn(named) || !marker) return named;
    return withDeployment(markLink(pageOf(sha), marker), id, longest);
  };

  const tellEnvironment = async (
    { environment, told }: CommitWords,
    id: number | undefined,
    patience: Patience,
  ): Promise<void> => {
    if (!environment || wordOf(told.state) === 'pending') return;
    await environments.tell(environment, id, told, patience);
  };

  /** The deployment first, for the status tells later runs where it is. What it may not be told, the status says. */
  async function tellBoth(sha: string, words: CommitWords, patience: Patience): Promise<void> {
    let refusal: RemoteError | undefined;
    const told = await deployments.tell(sha, words, patience).catch((error: unknown) => {
      if (!(error instanceof RemoteError) || error.kind === 'unavailable') throw error;
      refusal = error;
      // By it whoever comes later finds what could not be told.
      return { id: deployments.idOf(words.link) } as ToldDeployment;
    });
    const { id, ended, environmentId } = told;
    const end = ended ? { state: stateIn(ended), description: endedText } : {};
    await Promise.all([
      posts.say(sha, { ...words, ...end, link: linkOf(sha, words.link, id) }, patience),
      tellEnvironment(words, environmentId, patience),
    ]);
    if (refusal) throw refusal;
  }

  return {
    ...fromCommits({
      ...{ place, forge, read, url: `${api}/commits`, start: 'ref_name' },
      query: `per_page=${commitsSeen}`,
      idsIn: (body) => (body as readonly { readonly id: unknown }[]).map(({ id }) => id),
    }),
    pageOf,
    stateOf,
    async leftOpen(environment, patience) {
      const rows = await deployments.running(environment, patience);
      return leftRunning(rows, (sha) => read(sha, patience));
    },
    prepare: async ({ sha, context, environment }, patience) => {
      await Promise.all([
        pipelines.prepare(sha, context, patience),
        deployments.prepare(environment, patience),
      ]);
    },
    async abandon(sha, words, patience) {
      await deployments.tell(sha, words, patience);
    },
    async post(sha, words, patience) {
      if (isTerminal(words.state) || posts.stands(sha, words)) {
        await tellBoth(sha, words, patience);
        return;
      }
      // A run that is killed is found by its status: one stands before there is a deployment.
      await posts.say(sha, words, patience);
      const { environmentId } = await deployments.tell(sha, words, patience);
      await tellEnvironment(words, environmentId, patience);
    },
  };
}
