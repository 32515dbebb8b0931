import { latestByContext, sameContext } from './commit-statuses.ts';
import { isBehind, mergeDefault, resolveRef } from './git.ts';
import { demandHttp, demandShort, notFound, Refusal } from './refusal.ts';
import type { Deployment, DeploymentState, DeploymentStatus, Repo, World } from './world.ts';

export type DeploymentBody = {
  readonly ref: string;
  readonly task?: string;
  readonly auto_merge?: boolean;
  readonly required_contexts?: readonly string[];
  readonly payload?: Record<string, unknown> | string;
  readonly environment?: string;
  readonly description?: string | null;
  readonly transient_environment?: boolean;
  readonly production_environment?: boolean;
};

export type StatusBody = {
  readonly state: DeploymentState;
  readonly target_url?: string;
  readonly log_url?: string;
  readonly description?: string;
  readonly environment?: string;
  readonly environment_url?: string;
  readonly auto_inactive?: boolean;
};

/** A deployment, or the word that the default branch was merged into the ref first (202, no deployment). */
export function createDeployment(
  world: World,
  repo: Repo,
  body: DeploymentBody,
  creator: string,
): Deployment | { readonly merged: string } {
  const sha = resolveRef(repo, body.ref);
  if (sha === undefined) throw new Refusal(422, `No ref found for: ${body.ref}`);
  demandShort('Deployment', body.description);
  if ((body.auto_merge ?? true) && isBehind(repo, body.ref)) {
    const into = `${repo.defaultBranch} into ${body.ref}`;
    if (repo.conflicts.has(body.ref)) throw new Refusal(409, `Conflict merging ${into}.`);
    mergeDefault(repo, body.ref, world.now());
    return { merged: `Auto-merged ${into} on deployment.` };
  }
  demandGreen(repo, sha, body);
  return plantDeployment(world, repo, sha, body, creator);
}

/** Omitted: every context must be green; a list: those, and they must be there; empty: none. */
function demandGreen(repo: Repo, sha: string, body: DeploymentBody): void {
  const latest = latestByContext(repo, sha);
  const wanted = body.required_contexts ?? latest.map(({ context }) => context);
  const contexts = wanted.map((context) => ({
    context,
    state: latest.find((status) => sameContext(status.context, context))?.state ?? 'pending',
  }));
  if (contexts.every(({ state }) => state === 'success')) return;
  throw new Refusal(409, `Conflict: Commit status checks failed for ${body.ref}.`, {
    errors: [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
  });
}

/** Plants it whatever the checks would say. */
export function plantDeployment(
  world: World,
  repo: Repo,
  sha: string,
  body: DeploymentBody,
  creator: string,
): Deployment {
  const environment = body.environment ?? 'production';
  const deployment: Deployment = {
    id: world.takeId(),
    sha,
    ref: body.ref,
    task: body.task ?? 'deploy',
    payload: body.payload ?? '',
    originalEnvironment: environment,
    environment,
    description: body.description ?? '',
    creator,
    createdAt: world.now(),
    updatedAt: world.now(),
    transient: body.transient_environment ?? false,
    production: body.production_environment ?? environment === 'production',
    statuses: [],
  };
  repo.deployments.push(deployment);
  return deployment;
}

export function addDeploymentStatus(
  world: World,
  repo: Repo,
  deployment: Deployment,
  body: StatusBody,
  creator: string,
): DeploymentStatus {
  demandShort('DeploymentStatus', body.description);
  demandHttp('DeploymentStatus', 'target_url', body.target_url);
  demandHttp('DeploymentStatus', 'log_url', body.log_url);
  demandHttp('DeploymentStatus', 'environment_url', body.environment_url);
  const status = pushStatus(world, deployment, body, creator);
  if (body.state === 'success' && (body.auto_inactive ?? true)) {
    retirePrior(world, repo, deployment, creator);
  }
  return status;
}

function pushStatus(
  world: World,
  deployment: Deployment,
  body: StatusBody,
  creator: string,
): DeploymentStatus {
  const status: DeploymentStatus = {
    id: world.takeId(),
    state: body.state,
    description: body.description ?? '',
    environment: body.environment ?? deployment.environment,
    environmentUrl: body.environment_url ?? '',
    logUrl: body.log_url ?? body.target_url ?? '',
    creator,
    createdAt: world.now(),
  };
  deployment.statuses.push(status);
  deployment.environment = status.environment;
  deployment.updatedAt = status.createdAt;
  return status;
}

/** `auto_inactive`: older successes of the environment, unless it is production or transient. */
function retirePrior(world: World, repo: Repo, by: Deployment, creator: string): void {
  for (const prior of repo.deployments) {
    if (prior.id >= by.id || prior.environment !== by.environment) continue;
    if (prior.transient || prior.production || latestState(prior) !== 'success') continue;
    pushStatus(world, prior, { state: 'inactive' }, creator);
  }
}

export const latestState = (deployment: Deployment): DeploymentState | undefined =>
  deployment.statuses.at(-1)?.state;

export function findDeployment(repo: Repo, id: number): Deployment {
  const found = repo.deployments.find((deployment) => deployment.id === id);
  if (!found) throw notFound();
  return found;
}

type Filter = Partial<Record<'sha' | 'ref' | 'task' | 'environment', string>>;

/** Newest first; filters are AND-ed. */
export const listDeployments = (repo: Repo, filter: Filter): Deployment[] =>
  repo.deployments
    .filter(({ sha, ref, task, environment }) => {
      const own = { sha, ref, task, environment };
      return (Object.keys(own) as (keyof Filter)[]).every(
        (key) => filter[key] === undefined || filter[key] === own[key],
      );
    })
    .toReversed();

/** With more than one deployment in the repository, one that is live cannot go. */
export function deleteDeployment(repo: Repo, deployment: Deployment): void {
  if (repo.deployments.length > 1 && latestState(deployment) === 'success') {
    const message =
      'We cannot delete an active deployment unless it is the only deployment in a given environment.';
    throw new Refusal(422, message);
  }
  repo.deployments.splice(repo.deployments.indexOf(deployment), 1);
}
