import type { Deployment, Look } from '../forges/forge.ts';
import { isNewer, type Marker, readPayload } from '../identity.ts';
import type { Order } from '../order.ts';
import { isTerminal } from '../status.ts';

/** What another deployment of our environment is to us (the first table of design 5.1). */
export type Relation =
  | 'foreign' // not ours to judge
  | 'predecessor' // our key, open: an earlier process of this very execution
  | 'earlier' // our key, ended
  | 'newer' // it owns the environment
  | 'orphan' // its run is dead
  | 'alive' // older, and alive or killed: nobody can say
  | 'past';

const dayMs = 24 * 3_600_000;

export const isOpen = (d: Deployment): boolean => !isTerminal(d.statuses[0]?.state);

/** Its run has succeeded, and the CI server has not said so yet. */
export const isLeft = (d: Deployment): boolean =>
  isOpen(d) && d.statuses.find(({ marker }) => marker && !marker.closure)?.marker?.left === true;

export function relate(other: Deployment, me: Marker, now: number): Relation {
  const owner = other.owner;
  // No run of ours was created tomorrow: such a marker would own the environment for ever.
  if (!owner || owner.seq > now + dayMs) return 'foreign';
  if (owner.component !== me.component) return 'past';
  if (owner.key === me.key) return isOpen(other) && !isLeft(other) ? 'predecessor' : 'earlier';
  const expired = now > owner.expiry;
  if (isLeft(other)) return isNewer(owner, me) ? 'newer' : 'past';
  if (isOpen(other)) {
    if (expired) return 'orphan';
    return isNewer(owner, me) ? 'newer' : 'alive';
  }
  return isNewer(owner, me) && other.statuses[0]?.state === 'success' ? 'newer' : 'past';
}

export type Plan =
  | { readonly go: 'stop'; readonly outcome: 'refused' | 'superseded'; readonly reason: string }
  | { readonly go: 'echo'; readonly original: Deployment }
  | {
      readonly go: 'on';
      /** Goes on with this one; a new one is created otherwise. */
      readonly adopt: Deployment | undefined;
      /** An earlier process with our key was killed: what it did is not known. */
      readonly predecessor: boolean;
      readonly orphans: readonly Deployment[];
      readonly alive: readonly Deployment[];
      /** Open, unmarked, left alone. */
      readonly strangers: readonly Deployment[];
    };

/** Decides, from one look at one forge, what becomes of this run. Pure: the same look gives the same plan. */
export function decide(
  order: Order,
  me: Marker,
  look: Look,
  supersede: boolean,
  /** By the forge's clock. */
  now: number,
): Plan {
  const { adopted, others } = look;
  if (adopted) {
    const author = readPayload(adopted.payload);
    // Only what the forge itself gives back proves an echo; a variable could be anybody's.
    if (order.startedBy === 'forge' && author && author.key !== me.key) {
      return { go: 'echo', original: adopted };
    }
    const refusal = refuse(order, me, adopted);
    if (refusal) return { go: 'stop', outcome: 'refused', reason: refusal };
  }
  const relation = new Map(others.map((other) => [other, relate(other, me, now)]));
  const all = (wanted: Relation): Deployment[] => others.filter((o) => relation.get(o) === wanted);
  const [newer] = all('newer');
  if (newer && supersede) {
    return { go: 'stop', outcome: 'superseded', reason: `${nameOf(newer)} is newer` };
  }
  // Of two open ones with one key the lower id wins: everybody who looks comes to the same.
  const [predecessor] = all('predecessor').sort((a, b) => Number(a.id) - Number(b.id));
  return {
    go: 'on',
    adopt: adopted ?? predecessor,
    predecessor: predecessor !== undefined || (adopted !== undefined && wasOurs(adopted, me)),
    orphans: all('orphan'),
    alive: all('alive'),
    strangers: all('foreign').filter(isOpen),
  };
}

const wasOurs = (d: Deployment, me: Marker): boolean =>
  isOpen(d) &&
  !isLeft(d) &&
  d.statuses.some((s) => s.marker?.key === me.key && s.state === 'in_progress');

/** Why an adopted deployment must not be deployed; undefined when it may. */
function refuse(order: Order, me: Marker, adopted: Deployment): string | undefined {
  const { environment, commit } = order.written;
  // GitHub takes `Production` for `production`.
  if (environment && environment.toLowerCase() !== adopted.environment.toLowerCase()) {
    return `${nameOf(adopted)} is for ${adopted.environment}, not for ${environment}`;
  }
  if (commit && commit.toLowerCase() !== adopted.sha.toLowerCase()) {
    return `${nameOf(adopted)} is for commit ${adopted.sha}, not for ${commit}`;
  }
  const { deploymentId, tree } = order;
  if (deploymentId && tree && tree !== adopted.sha.toLowerCase()) {
    return `${nameOf(adopted)} is for commit ${adopted.sha}, and what is checked out here is ${tree}: check out that commit, or set checkout: none if the deploy does not use the tree`;
  }
  const last = adopted.statuses[0];
  if (!last || !isTerminal(last.state)) return undefined;
  if (last.marker?.key === me.key || last.marker?.closure) return undefined;
  // A restarted build keeps the deployment's id: what was closed before it was created is its past.
  const { buildCreatedAt, system } = order;
  // Nobody restarts a run of the server with a deployment that is over: whoever made it inactive wants none of it.
  const isOver = last.state === 'inactive' && (buildCreatedAt === undefined || system === 'server');
  const closedSince = isOver || (buildCreatedAt !== undefined && last.at > buildCreatedAt);
  return closedSince
    ? `${nameOf(adopted)} is already ${last.state}: somebody ended it before this run`
    : undefined;
}

export const nameOf = (d: Deployment): string =>
  d.name ?? (/^\d+$/.test(d.id) ? `deployment ${d.id}` : `the status of ${d.id.slice(0, 8)}`);
