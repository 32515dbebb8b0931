import type { Clock } from '../../clock.ts';
import { RemoteError, SettingsError } from '../../errors.ts';
import { componentDigest, type Marker, markerOf, readPayload } from '../../identity.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import { isTerminal, type Status } from '../../status.ts';
import { deliver } from '../deliver.ts';
import type { Deployment, Forge, Patience } from '../forge.ts';
import { closureLink, isOwn, isTakenOver } from '../links.ts';
import type { Github } from './client.ts';
import { type CreateSettings, type Creation, createOnce, findOwn } from './create-deployment.ts';
import { readDeployment, readStatuses, type StatusReading, withStatuses } from './deployments.ts';
import { leadsIntoRun } from './links.ts';
import { readMany, readNeighbours } from './neighbours.ts';
import { postStatus } from './post-status.ts';
import { deploymentState, isGitploys } from './states.ts';

export type DeploymentForgeOptions = {
  readonly github: Github;
  readonly clock: Clock;
  readonly log: Log;
  readonly order: Order;
  readonly mayCreate: boolean;
  readonly settings: CreateSettings;
};

export type Opened = { readonly deployment: Deployment; readonly created: boolean };

export type DeploymentForge = Forge & {
  /** What `open` returned last. */
  opened(): Opened | undefined;
  /** Closes deployments of ours that appeared after all, when a creation's answer had been lost. */
  sweep(patience: Patience): Promise<void>;
};

/** Survey and twins: how many deployments are looked at. */
const surveyed = 300;

const isOpen = ({ statuses }: Deployment): boolean => !isTerminal(statuses[0]?.state);

export function createDeploymentForge(options: DeploymentForgeOptions): DeploymentForge {
  const { github, clock, log, order, settings } = options;
  const own = markerOf(order);
  let rows: readonly Deployment[] = [];
  let opened: Opened | undefined;
  let reading: StatusReading | undefined;
  let doubtful = false;

  const creation = (patience: Patience): Creation => {
    const known = new Set(rows.map(({ id }) => id));
    return { ...patience, github, clock, order, settings, known, doubtful };
  };

  /** Of several open ones with one key the lowest id goes on; the others are closed. */
  async function elect(candidates: readonly Deployment[], patience: Patience): Promise<Deployment> {
    const [winner, ...losers] = candidates.toSorted((a, b) => Number(a.id) - Number(b.id));
    if (!winner) throw new TypeError('there is nothing to elect from');
    for (const loser of losers) {
      log.warn(`Deployment ${loser.id} is a second one of this run; ${winner.id} goes on`);
      const description = `Made twice: deployment ${winner.id} goes on`;
      await close(loser, { state: 'inactive', description }, patience);
    }
    return winner;
  }

  async function findTwins(mine: Deployment, patience: Patience): Promise<readonly Deployment[]> {
    const listed = await findOwn(creation(patience));
    const others = listed.filter(({ id }) => id !== mine.id);
    const read = others.map(async (twin) =>
      withStatuses(twin, (await readStatuses(github, twin.id, patience)).posted),
    );
    return (await Promise.all(read)).filter(isOpen);
  }

  async function createNew(patience: Patience): Promise<Deployment> {
    const made = await createOnce(creation(patience)).catch((error: unknown) => {
      doubtful ||= error instanceof RemoteError && error.unknown;
      throw error;
    });
    doubtful = made.doubtful;
    const { deployment } = made;
    if (settings.autoMerge && order.commit && deployment.sha !== order.commit) {
      const description = `The ref is at ${deployment.sha.slice(0, 7)}, not at ${order.commit.slice(0, 7)}`;
      await close(deployment, { state: 'inactive', description }, patience);
      throw new SettingsError([
        {
          name: 'ref',
          message: `has moved on to ${deployment.sha}: this run deploys ${order.commit}`,
        },
      ]);
    }
    return elect([deployment, ...(await findTwinsOr(deployment, patience))], patience);
  }

  /** What was made is ours, whether or not its twins can be looked for now: the sweep looks again. */
  async function findTwinsOr(mine: Deployment, patience: Patience): Promise<readonly Deployment[]> {
    try {
      return await findTwins(mine, patience);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      log.debug(`Not known yet whether deployment ${mine.id} was made twice: ${error.message}`);
      doubtful = true;
      return [];
    }
  }

  const readNamed = async (id: string, adopt: Deployment | undefined, patience: Patience) =>
    adopt ?? (await readDeployment(github, id, patience));

  async function close(deployment: Deployment, status: Status, patience: Patience): Promise<void> {
    const { posted } = await readStatuses(github, deployment.id, patience);
    if (isTerminal(posted[0]?.state) || isTakenOver(deployment, posted)) return;
    const closed = withStatuses(deployment, posted);
    const gitploy = isGitploys(deployment);
    const state = deploymentState(status.state, { cancelState: 'failure', created: true, gitploy });
    const link = closureLink(closed);
    const { description } = status;
    await deliver({
      ...patience,
      clock,
      terminal: true,
      // It is an old one: what serves since stays active.
      send: () =>
        postStatus(
          github,
          deployment.id,
          { state, description, link, ...(state === 'success' ? { autoInactive: false } : {}) },
          patience,
        ),
      confirm: async () =>
        isTerminal((await readStatuses(github, deployment.id, patience)).posted[0]?.state),
    });
  }

  return {
    opened: () => opened,
    ahead: github.ahead,
    async look(signal, until) {
      const patience = { signal, until };
      const named = order.deploymentId;
      const early =
        named && !order.environment ? await readDeployment(github, named, patience) : undefined;
      const environment = order.environment ?? early?.environment;
      rows = environment ? await readNeighbours(github, environment, patience) : [];
      const adopted = named
        ? (early ??
          rows.find(({ id }) => id === named) ??
          (await readDeployment(github, named, patience)))
        : rows.find(
            (row) =>
              isOpen(row) && !row.owner && leadsIntoRun(row.statuses[0]?.link, order.buildUrl),
          );
      const others = rows.filter(({ id, owner }) => id !== adopted?.id && isOfSlot(owner, own));
      return { adopted, others };
    },
    async open(adopt, signal, until) {
      const patience = { signal, until };
      reading = undefined;
      // A look that failed found nothing, but the deployment that the order names is there all the same.
      const named = order.deploymentId && (await readNamed(order.deploymentId, adopt, patience));
      const mine = named || adopt;
      if (!mine && !options.mayCreate) throw nothingToReportOn();
      const deployment = mine
        ? await elect([mine, ...twinsOf(mine, rows, own)], patience)
        : await createNew(patience);
      const created = isOwn(readPayload(deployment.payload), own);
      opened = { deployment, created };
      return deployment;
    },
    async reread(signal, until) {
      if (!opened) throw new TypeError('there is no open deployment to read');
      const { deployment } = opened;
      reading = await readStatuses(github, deployment.id, { signal, until }, reading);
      opened = { ...opened, deployment: withStatuses(deployment, reading.posted) };
      return opened.deployment;
    },
    close: (deployment, status, signal, until) => close(deployment, status, { signal, until }),
    async survey({ environment, component }, signal, until) {
      const all = await readMany(github, environment, surveyed, { signal, until });
      const digest = componentDigest(component);
      return all.filter(
        (row) => row.owner && isOpen(row) && (!digest || row.owner.component === digest),
      );
    },
    async sweep(patience) {
      if (!doubtful || !opened) return;
      const { deployment } = opened;
      const twins = await findTwins(deployment, patience).catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`Not known whether deployment ${deployment.id} was made twice: ${error.message}`);
        return [];
      });
      for (const twin of twins) {
        log.warn(`Deployment ${twin.id} appeared late; its request had been given up`);
        const description = `Made twice: deployment ${deployment.id} is the one`;
        await close(twin, { state: 'inactive', description }, patience);
      }
    },
  };
}

/** Unmarked ones belong to nobody of us, and the run says so; another component's are another slot. */
const isOfSlot = (owner: Marker | undefined, own: Marker): boolean =>
  !owner || owner.component === own.component;

const twinsOf = (
  adopt: Deployment,
  rows: readonly Deployment[],
  own: Marker,
): readonly Deployment[] =>
  isOwn(readPayload(adopt.payload), own)
    ? rows.filter(
        (row) => row.id !== adopt.id && isOpen(row) && isOwn(readPayload(row.payload), own),
      )
    : [];

const nothingToReportOn = (): SettingsError =>
  new SettingsError([
    {
      name: 'create_deployment',
      message:
        'is false here, and there is no deployment to report on: set it to true, name one by deployment_id, or leave report at auto',
    },
  ]);
