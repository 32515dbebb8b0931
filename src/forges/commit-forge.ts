import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import { componentDigest, type Marker, markerOf } from '../identity.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import { isTerminal } from '../status.ts';
import { environmentIn, isInScope, isOpenOurs, slotOf, statusContextOf } from './commit-context.ts';
import {
  type CommitReading,
  type CommitStatuses,
  commitDeployment,
  inContext,
  type Seen,
  sameContext,
} from './commit-statuses.ts';
import { deliver } from './deliver.ts';
import type { Deployment, Forge, Patience } from './forge.ts';
import { closureLink, isOwn, isTakenOver } from './links.ts';

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

export function createCommitForge(options: CommitForgeOptions): CommitForge {
  const { statuses, clock, log, order, statusContext } = options;
  const context = statusContextOf(statusContext, order);
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

  /** Beside what the history shows; advice, like all that is looked at before a run. */
  async function leftOpen(patience: Patience): Promise<readonly Seen[]> {
    const { environment } = order;
    if (!environment || !statuses.leftOpen) return [];
    return statuses.leftOpen(environment, patience).catch((error: unknown) => {
      if (!(error instanceof RemoteError)) throw error;
      log.debug(`what was left open is not known: ${error.message}`);
      return [];
    });
  }

  /** Our own the run itself goes on with. */
  const isTheirs = ({ id, owner, untold }: Deployment): boolean =>
    owner?.key !== own.key && (untold !== undefined || rows.every((row) => row.id !== id));

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
      const [seen, left] = await Promise.all([
        statuses.history(where, { signal, until }),
        leftOpen({ signal, until }),
        prepare({ signal, until }),
      ]);
      rows = seen.map(shown);
      const theirs = rows.find(({ owner }) => owner && owner.component !== own.component);
      if (theirs && options.posts) {
        log.warn(
          `${context} on ${theirs.id.slice(0, 8)} is of another environment or component too: whoever posts last is seen there; give one of them a status_context of its own`,
        );
      }
      const beside = left.filter((row) => sameContext(row.context, context)).map(shown);
      const others = [...rows, ...beside.filter(isTheirs)];
      return { adopted: undefined, others: others.flatMap(ofSlot) };
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
      const told = { ...status, state: deployment.untold ?? status.state };
      const words = {
        state: statuses.stateOf(told.state),
        description: statuses.shorten(status.description),
        link: closureLink(deployment),
        context: name,
        environment: deployment.environment,
        told,
      };
      // One commit has one status in a context: ours will replace theirs, and must not be overrun by a closure.
      const isReplaced =
        options.posts && deployment.sha === order.commit && sameContext(name, context);
      if (deployment.untold || isReplaced) {
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
      const patience = { signal, until };
      const [seen, left = []] = await Promise.all([
        statuses.history(where, patience),
        statuses.leftOpen?.(scope.environment, patience),
      ]);
      const isSeen = ({ sha, context: name, untold }: Seen) =>
        !untold && seen.some((row) => row.sha === sha && sameContext(row.context, name));
      return [...seen, ...left.filter((row) => !isSeen(row))]
        .filter((row) => isInScope(row.context, scope, statusContext))
        .map(shown)
        .filter(isOpenOurs(scope.environment ? slotOf(statusContext, scope) : undefined));
    },
  };
}
