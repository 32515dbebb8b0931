import { RemoteError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Reporter, ReporterDeps } from '../../reporters/reporter.ts';
import { isTerminal } from '../../status.ts';
import { readFindings } from '../checking.ts';
import { deliver } from '../deliver.ts';
import type { Patience } from '../forge.ts';
import { createForgeHttp } from '../forge-http.ts';
import { shortRef } from '../ref.ts';
import type { EnvironmentKind } from '../settings.ts';
import { createDeploymentApi, type DeploymentRow } from './deployment-api.ts';
import { createEnvironments } from './environments.ts';
import type { GitlabPlace } from './place.ts';
import { type DeploymentWord, unbegun, wordOf } from './states.ts';
import { createTagLook } from './tags.ts';

export type DeploymentOrder = Order & { readonly commit: string; readonly environment: string };
type Options = {
  readonly place: GitlabPlace;
  readonly tier: EnvironmentKind | undefined;
  readonly order: DeploymentOrder;
  readonly deps: ReporterDeps;
};

const slackMs = 5000;

/**
 * A job's token may write deployments and no commit statuses, which are what later runs know a run by. So a deployment
 * is made when it has ended: one that is killed leaves nothing open that nobody could find.
 * https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access
 */
export function createJobTokenReporter({ place, tier, order, deps }: Options): Reporter {
  const { clock, log, verb } = deps;
  const { commit: sha, environment, ref = sha } = order;
  const forge = createForgeHttp(deps);
  const api = createDeploymentApi(place, forge, log);
  const isTag = createTagLook(place, forge);
  const environments = createEnvironments({ place, forge, tier, log });
  /** A job with an environment has a deployment before it starts, which GitLab ends. */
  let ofJob: DeploymentRow | undefined;
  let hasBegun = verb === 'status';
  /** The last word that was sent, which is looked for before it is sent again; ms since the epoch. */
  let sent: { readonly status: DeploymentWord; readonly since: number } | undefined;

  async function look(patience: Patience): Promise<void> {
    const running = await api.list(environment, 'running', patience);
    ofJob = running.find((row) => row.deployable && row.sha === sha);
    if (ofJob) log.info(`GitLab keeps deployment ${ofJob.id} itself: it is of a job`);
  }

  /** Once: a lost answer is looked for among those that ended so since. */
  async function create(status: DeploymentWord, patience: Patience): Promise<void> {
    const tag = await isTag(ref, patience).catch((error: unknown) => {
      if (!(error instanceof RemoteError) || error.kind === 'unavailable') throw error;
      return false;
    });
    const sentBefore = sent?.status === status;
    const { since } = sentBefore && sent ? sent : { since: forge.now() - slackMs };
    sent = { status, since };
    await deliver({
      ...{ ...patience, clock, terminal: true, sentBefore },
      send: () => api.create({ environment, sha, ref: shortRef(ref), tag, status }, patience),
      confirm: async () => {
        const rows = await api.list(environment, status, patience);
        return rows.some(
          (row) => row.sha === sha && !row.deployable && Date.parse(row.created_at) >= since,
        );
      },
    });
  }

  return {
    ...{ id: 'gitlab', required: true, forge: undefined },
    async post(status, signal, until) {
      const patience = { signal, until };
      hasBegun ||= status.state === 'in_progress';
      if (!isTerminal(status.state)) {
        if (verb === 'status') throw new RemoteError(untold, { kind: 'refused' });
        // It shows now whether the token does, and not when all is over.
        if (status.state === 'queued') await look(patience);
        return 'posted';
      }
      const isNothing = !hasBegun && unbegun.includes(status.state);
      const word = wordOf(status.state);
      if (!ofJob && !isNothing && word !== 'pending') await create(word, patience);
      await environments.tell(environment, undefined, status, patience);
      return 'posted';
    },
    check: (signal) =>
      readFindings(async (found) => {
        await look({ signal });
        found({ ok: true, text: `deployments of ${place.repo} are visible on ${place.host}` });
        found({ ok: 'not provable', text: 'whether the job may deploy shows only when it does' });
      }),
  };
}

const untold =
  'a CI_JOB_TOKEN tells GitLab how a deploy ended, and cannot tell that one goes on: use a project access token';
