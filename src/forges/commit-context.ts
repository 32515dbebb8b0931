import { componentDigest } from '../identity.ts';
import type { Order } from '../order.ts';
import { isTerminal } from '../status.ts';
import type { Deployment, Scope } from './forge.ts';
import { shorten } from './text.ts';

const family = 'slipway';
/** The most that any forge takes for a context. */
const longest = 255;
/** What a name that is too long has at its end: a digest, and what goes before it. */
const cutMost = 7;

/** A context that the author wrote may serve several environments: their statuses are told apart by the marker alone. */
export const slotOf = (
  statusContext: string | undefined,
  { environment, component }: Partial<Scope>,
): string | undefined =>
  statusContext
    ? [environment, component].filter((part) => part).join('/') || undefined
    : component;

/** Statuses stand for the deploys of an environment where the forge knows of no deployment. */
export const statusContextOf = (
  statusContext: string | undefined,
  { environment, component }: Pick<Order, 'environment' | 'component'>,
): string => {
  const name = statusContext ?? [family, environment, component].filter((part) => part).join('/');
  if ([...name].length <= longest) return name;
  // What is cut would collide with what starts alike.
  return `${shorten(name, longest - cutMost)}-${componentDigest(name)}`;
};

/** Both may hold slashes: the digest of the component tells where it starts. */
export const environmentIn = (name: string, component: string | undefined): string => {
  const [, ...parts] = name.split('/');
  const at = parts.findIndex(
    (_, index) => index > 0 && componentDigest(parts.slice(index).join('/')) === component,
  );
  return parts.slice(0, at < 0 ? parts.length : at).join('/') || name;
};

export const isInScope = (
  context: string,
  { environment, component }: Scope,
  statusContext: string | undefined,
): boolean => {
  const name = context.toLowerCase();
  if (statusContext) return name === statusContextOf(statusContext, {}).toLowerCase();
  const prefix = [family, environment, environment ? component : undefined]
    .filter((part) => part)
    .join('/')
    .toLowerCase();
  const kept = [...prefix].slice(0, longest - cutMost - 1).join('');
  // Of what was cut the marker alone tells the component.
  if (kept !== prefix) return name.startsWith(kept);
  return name === prefix || name.startsWith(`${prefix}/`);
};

export const isOpenOurs =
  (slot: string | undefined) =>
  ({ owner, statuses }: Deployment): boolean => {
    const digest = componentDigest(slot);
    return (
      owner !== undefined &&
      !isTerminal(statuses[0]?.state) &&
      (!digest || owner.component === digest)
    );
  };
