import { readActionsEvent } from './actions-event.ts';
import { defineCi, type Facts, type Known, type Variables } from './context.ts';
import { hostOf } from './repo-url.ts';

/** What Gitea and Forgejo set as well. */
export const actionsVariables = [
  'GITHUB_ACTOR',
  'GITHUB_EVENT_NAME',
  'GITHUB_EVENT_PATH',
  'GITHUB_REF',
  'GITHUB_REPOSITORY',
  'GITHUB_RUN_ID',
  'GITHUB_SERVER_URL',
  'GITHUB_SHA',
  'GITHUB_TRIGGERING_ACTOR',
  'GITHUB_WORKSPACE',
] as const;
type First = Variables<(typeof actionsVariables)[number]>;

const quiet = ['pull_request', 'pull_request_target', 'deployment_status'];

export const githubActions = defineCi({
  id: 'github-actions',
  docs: 'https://docs.github.com/en/actions/reference/workflows-and-actions/variables',
  variables: [...actionsVariables, 'GITHUB_ACTIONS', 'GITHUB_API_URL', 'GITHUB_RUN_ATTEMPT'],
  detect: (first) => first('GITHUB_ACTIONS') === 'true',
  read: (first, facts) => {
    const known = readActions(first, facts);
    const [run, attempt] = [first('GITHUB_RUN_ID'), first('GITHUB_RUN_ATTEMPT')];
    const buildUrl = known.repoUrl && run ? `${known.repoUrl}/actions/runs/${run}` : undefined;
    return {
      ...known,
      forge: 'github',
      forgeApiUrl: first('GITHUB_API_URL'),
      deploys: !quiet.includes(known.event ?? ''),
      buildUrl,
      stepUrl: buildUrl && attempt ? `${buildUrl}/attempts/${attempt}` : undefined,
    };
  },
});

/** The part of the dictionary that all servers of this workflow language share. */
export function readActions(first: First, facts: Facts): Known {
  const event = first('GITHUB_EVENT_NAME') ?? '';
  const server = first('GITHUB_SERVER_URL')?.replace(/\/+$/, '');
  const repo = first('GITHUB_REPOSITORY');
  return {
    host: hostOf(server),
    repo,
    repoUrl: server && repo ? `${server}/${repo}` : undefined,
    event: event || undefined,
    execution: first('GITHUB_RUN_ID'),
    actor: first('GITHUB_TRIGGERING_ACTOR', 'GITHUB_ACTOR'),
    workspace: first('GITHUB_WORKSPACE'),
    ...readEvent(event, first, facts),
  };
}

function readEvent(event: string, first: First, facts: Facts): Known {
  const pushed = { commit: first('GITHUB_SHA'), ref: first('GITHUB_REF') };
  const isPullRequest = event.startsWith('pull_request');
  const isDeployment = event === 'deployment' || event === 'deployment_status';
  if (!isPullRequest && !isDeployment) return pushed;
  const { deployment, head } = readActionsEvent(first('GITHUB_EVENT_PATH'), facts);
  if (isPullRequest) {
    // GITHUB_SHA is a merge that nobody pushed, or the base. A fork's branch is none of this repository.
    const isFork = head.repo?.toLowerCase() !== first('GITHUB_REPOSITORY')?.toLowerCase();
    return { isPullRequest, commit: head.sha, ref: isFork ? undefined : head.ref };
  }
  return {
    commit: deployment.sha ?? pushed.commit,
    ref: deployment.ref ?? pushed.ref,
    environment: deployment.environment,
    task: deployment.task,
    deploymentId: deployment.id,
    startedByForge: true,
  };
}
