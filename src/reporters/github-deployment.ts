import { type Fault, RemoteError } from '../errors.ts';
import type { Patience } from '../forges/forge.ts';
import { mayCreate, wishForDeployment } from '../forges/github/choice.ts';
import type { Github } from '../forges/github/client.ts';
import { connectGithub, credentialsOf, valuesOf } from '../forges/github/connect.ts';
import {
  createDeploymentForge,
  type DeploymentForge,
  type Opened,
} from '../forges/github/deployment-forge.ts';
import { reading, readStatuses } from '../forges/github/deployments.ts';
import { type DeploymentStatus, postStatus } from '../forges/github/post-status.ts';
import { probe } from '../forges/github/probe.ts';
import { githubSettings } from '../forges/github/settings.ts';
import { deploymentState, isGitploys, serves } from '../forges/github/states.ts';
import { shorten } from '../forges/github/text.ts';
import { createPoster } from '../forges/poster.ts';
import { markedLink, markerOf } from '../identity.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';
import { isTerminal, type State, type Status } from '../status.ts';
import type { Reporter, ReporterDeps, ReporterEntry, Verb } from './reporter.ts';

export const githubDeployment: ReporterEntry = {
  id: 'github-deployment',
  about: 'Statuses on a deployment of GitHub, adopted or created.',
  forge: 'github',
  settings: githubSettings,
  credentials: credentialsOf,
  auto: wishForDeployment,
  open(loaded, order, deps) {
    const github = connectGithub(
      loaded,
      order,
      deps,
      { deployments: 'write' },
      faultsOf(order, deps.verb),
    );
    return createReporter(github, loaded, order, deps);
  },
};

/** So much of the time there is goes to posting. */
const postingMs = 3000;

const faultsOf = (order: Order, verb: Verb): readonly (Fault | undefined)[] => {
  if (verb === 'reap' || order.deploymentId) return [];
  const message = 'is required to create a deployment on GitHub';
  return [
    order.environment ? undefined : { name: 'environment', message },
    (order.commit ?? order.ref) ? undefined : { name: 'commit', message },
  ];
};

function createReporter(
  github: Github,
  loaded: Loaded,
  order: Order,
  deps: ReporterDeps,
): Reporter {
  const values = valuesOf(loaded);
  const { clock, log, verb } = deps;
  const own = markerOf(order);
  const forge = createDeploymentForge({
    ...{ github, clock, log, order },
    mayCreate: mayCreate(loaded, order),
    settings: values,
  });
  const poster = createPoster({
    ...{ clock, log, own },
    send: (words: DeploymentStatus, patience) =>
      postStatus(github, openedOf(forge).deployment.id, words, patience),
    read: async (patience) =>
      (await readStatuses(github, openedOf(forge).deployment.id, patience)).posted,
  });
  let environmentUrl = order.environmentUrl;

  const isLeft = (state: State, { created }: Opened): boolean => {
    if (state !== 'success' || created || verb === 'status') return false;
    const { finalStatus } = values;
    return finalStatus === 'ci' || (finalStatus === 'auto' && order.ciPostsTerminal);
  };

  /** Gitploy enters a deployment into its books a little after GitHub has made it. */
  async function settle(
    { deployment, created }: Opened,
    state: State,
    { signal, until }: Patience,
  ): Promise<void> {
    if (created) return;
    const age = github.now() - deployment.createdAt;
    // A last word that comes too early is better than one that never comes.
    const most = isTerminal(state) && until ? until - clock.now() - postingMs : values.settle;
    const left = Math.min(Math.max(values.settle - age, 0), values.settle, most);
    if (left > 0) await clock.pause(left, signal);
  }

  /** So that other runs and `reap` do not take what the CI server has still to end for a dead run's. */
  async function noteLeft(status: Status, opened: Opened, patience: Patience): Promise<void> {
    const description = `${status.description}; the CI server ends this deployment`;
    const link = markedLink(order.logUrls, { ...markerOf(order, github.ahead()), left: true });
    const words = { ...wordsOf({ ...status, description }, opened), link };
    await poster.post({ ...words, state: 'in_progress' }, patience).catch((error: unknown) => {
      if (!(error instanceof RemoteError)) throw error;
      log.warn(`other runs may take this one for dead: ${error.message}`);
    });
  }

  const wordsOf = (status: Status, { deployment, created }: Opened): DeploymentStatus => {
    const { autoInactive, cancelState } = values;
    const gitploy = isGitploys(deployment);
    return {
      state: deploymentState(status.state, { cancelState, created, gitploy }),
      description: shorten(status.description),
      link: markedLink(order.logUrls, markerOf(order, github.ahead())),
      environmentUrl: serves(status.state) ? environmentUrl : undefined,
      autoInactive,
    };
  };

  return {
    id: githubDeployment.id,
    required: true,
    forge,
    async post(status, signal, until) {
      const patience = { signal, until };
      const opened = openedOf(forge);
      environmentUrl = status.environmentUrl ?? environmentUrl;
      await settle(opened, status.state, patience);
      if (isLeft(status.state, opened)) {
        await noteLeft(status, opened, patience);
        return 'left';
      }
      await poster.post(wordsOf(status, opened), patience);
      if (isTerminal(status.state)) await forge.sweep(patience);
      return 'posted';
    },
    check: (signal) =>
      probe(
        github,
        {
          path: '/deployments?per_page=1',
          reads: reading,
          permission: 'deployments',
          scopes: ['repo', 'repo_deployment'],
        },
        { signal },
      ),
  };
}

const openedOf = (forge: DeploymentForge): Opened => {
  const opened = forge.opened();
  if (!opened) throw new TypeError('post needs an open deployment');
  return opened;
};
