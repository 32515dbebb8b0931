import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import { componentDigest, type Marker, markerOf } from '../identity.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import { isTerminal } from '../status.ts';
import {
  type CommitReading,
  type CommitStatuses,
  commitDeployment,
  inContext,
  type Seen,
  sameContext,
} from './commit-statuses.ts';
import { deliver } from './deliver.ts';
import type { Deployment, Forge, Patience, Scope } from './forge.ts';
import { closureLink, isOwn, isTakenOver } from './links.ts';
import { shorten } from './text.ts';

export type CommitForgeOptions = {
  readonly statuses: CommitStatuses;
  readonly clock: Clock;
  readonly log: Log;
  readonly order: Order;
  /** What the author wrote instead of `slipway/ENVIRONMENT[/COMPONENT]`. */
  readonly statusContext: string | undefined;
  /** This run has a word of its own to say: all verbs but `reap`. */
  readonly posts: boolean;
};

export type CommitForge = Forge & {
  readonly context: string;
  opened(): Deployment | undefined;
  /** Whose our statuses are. */
  readonly own: Marker;
  /** Of our own statuses, once one is open. */
  marker(): Marker;
};

const family = 'slipway';
/** The most that any forge takes for a context. */
const longest = 255;

/** A context that the author wrote may serve several environments: their statuses are told apart by the marker alone. */
const slotOf = (
  statusContext: string | undefined,
  { environment, component }: Partial<Scope>,
): string | undefined =>
  statusContext
    ? [environment, component].filter((part) => part).join('/') || undefined
    : component;

/** Statuses stand for the deploys of an environment where the forge knows of no deployment. */
export const contextOf = (
  statusContext: string | undefined,
  { environment, component }: Pick<Order, 'environment' | 'component'>,
): string => {
  const name = statusContext ?? [family, environment, component].filter((part) => part).join('/');
  if ([...name].length <= longest) return name;
  // What is cut would collide with what starts alike.
  return `${shorten(name, longest - 7)}-${componentDigest(name)}`;
};

/** Both may hold slashes: the digest of the component tells where it starts. */
const environmentIn = (name: string, component: string | undefined): string => {
  const [, ...parts] = name.split('/');
  const at = parts.findIndex(
    (_, index) => index > 0 && componentDigest(parts.slice(index).join('/')) === component,
  );
  return parts.slice(0, at < 0 ? parts.length : at).join('/') || name;
};

export function createCommitForge(options: CommitForgeOptions): CommitForge {
  const { statuses, clock, log, order, statusContext } = options;
  const context = contextOf(statusContext, order);
  const slotted = { ...order, component: slotOf(statusContext, order) ?? '' };
  const own = markerOf(slotted);
  let began: number | undefined;
  const digest = componentDigest(order.component);
  let rows: readonly Deployment[] = [];
  let opened: Deployment | undefined;
  let reading: CommitReading | undefined;

  const shown = (seen: Seen): Deployment => commitDeployment(statuses, seen, environmentOf(seen));
  /** Whoever looks knows its slot by the component. */
  const ofSlot = (deployment: Deployment): readonly Deployment[] => {
    const { owner } = deployment;
    if (!owner) return [deployment];
    if (owner.component !== own.component) return [];
    const { component: _, ...unnamed } = owner;
    return [{ ...deployment, owner: digest ? { ...unnamed, component: digest } : unnamed }];
  };
  const environmentOf = ({ context: name, posted }: Seen): string => {
    if (name === context && order.environment) return order.environment;
    return environmentIn(name, posted.find((each) => each.marker)?.marker?.component);
  };
  const contextIn = ({ payload }: Deployment): string => String(payload.context ?? context);

  /** What is not answered now is asked when it is needed. */
  async function prepare(patience: Patience): Promise<void> {
    const { commit: sha, environment } = order;
    if (!sha || !options.posts) return;
    await statuses.prepare?.({ sha, context, environment }, patience).catch((error: unknown) => {
      if (!(error instanceof RemoteError)) throw error;
    });
  }

  return {
    context,
    own,
    opened: () => opened,
    marker() {
      const { seq, ...now } = markerOf(slotted, statuses.ahead());
      // All words of a run, those of its killed processes too, are of one beginning: forges tell deployments by it.
      began ??= seq;
      return { ...now, seq: began };
    },
    ahead: statuses.ahead,
    async look(signal, until) {
      const where = { sha: order.commit, ref: order.ref, context };
      const [seen] = await Promise.all([
        statuses.history(where, { signal, until }),
        prepare({ signal, until }),
      ]);
      rows = seen.map(shown);
      const theirs = rows.find(({ owner }) => owner && owner.component !== own.component);
      if (theirs && options.posts) {
        log.warn(
          `${context} on ${theirs.id.slice(0, 8)} is of another environment or component too: whoever posts last is seen there; give one of them a status_context of its own`,
        );
      }
      return { adopted: undefined, others: rows.flatMap(ofSlot) };
    },
    async open(adopt) {
      const sha = order.commit ?? '';
      reading = undefined;
      opened =
        adopt ??
        rows.find(({ id }) => id === sha) ??
        commitDeployment(statuses, { sha, context, posted: [] }, order.environment ?? context);
      const { owner, statuses: posted } = opened;
      if (owner && isOwn(owner, own) && !isTerminal(posted[0]?.state)) began ??= owner.seq;
      return opened;
    },
    async reread(signal, until) {
      if (!opened) throw new TypeError('there is no open status to read');
      reading = await statuses.read(opened.sha, { signal, until }, reading);
      const { sha, environment } = opened;
      const name = contextIn(opened);
      const seen = { sha, context: name, posted: inContext(reading, name) };
      opened = commitDeployment(statuses, seen, environment);
      return opened;
    },
    async close(deployment, status, signal, until) {
      const patience = { signal, until };
      const name = contextIn(deployment);
      const ended = async (): Promise<boolean> => {
        const posted = inContext(await statuses.read(deployment.sha, patience), name);
        return isTerminal(posted[0]?.state) || isTakenOver(deployment, posted);
      };
      const words = {
        state: statuses.stateOf(status.state),
        description: statuses.shorten(status.description),
        link: closureLink(deployment),
        context: name,
        environment: deployment.environment,
        told: status,
      };
      // One commit has one status in a context: ours will replace theirs, and must not be overrun by a closure.
      if (options.posts && deployment.sha === order.commit && sameContext(name, context)) {
        await statuses.abandon?.(deployment.sha, words, patience);
        return;
      }
      if (await ended()) return;
      await deliver({
        ...patience,
        clock,
        terminal: true,
        send: () => statuses.post(deployment.sha, words, patience),
        confirm: ended,
      });
    },
    async survey(scope, signal, until) {
      const where = { sha: undefined, ref: order.ref, context: undefined };
      const seen = await statuses.history(where, { signal, until });
      return seen
        .filter((row) => isInScope(row, scope, statusContext))
        .map(shown)
        .filter(isOpenOurs(scope.environment ? slotOf(statusContext, scope) : undefined));
    },
  };
}

const isInScope = (
  { context }: Seen,
  { environment, component }: Scope,
  statusContext: string | undefined,
): boolean => {
  if (statusContext) return context.toLowerCase() === statusContext.toLowerCase();
  const prefix = [family, environment, environment ? component : undefined]
    .filter((part) => part)
    .join('/')
    .toLowerCase();
  const name = context.toLowerCase();
  return name === prefix || name.startsWith(`${prefix}/`);
};

const isOpenOurs =
  (slot: string | undefined) =>
  ({ owner, statuses }: Deployment): boolean => {
    const digest = componentDigest(slot);
    return (
      owner !== undefined &&
      !isTerminal(statuses[0]?.state) &&
      (!digest || owner.component === digest)
    );
  };
