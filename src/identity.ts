import { createHash } from 'node:crypto';

/**
 * Identity without a store: what later runs must know of this one goes to the forge, as flat keys in
 * the payload of deployments that we create and as a query parameter in the link of every status.
 */
export type Marker = {
  readonly key: string;
  readonly seq: number;
  readonly expiry: number;
  /** Digest of the component, for several services may share an environment. */
  readonly component?: string;
  /** Posted by another run than the key's: an orphan's or a superseded run's closure. */
  readonly closure: boolean;
  /** Its deploy succeeded, and the CI server is to say so. */
  readonly left?: true;
};

type KeyParts = {
  readonly host: string;
  readonly repo: string;
  readonly execution: string;
  readonly environment: string;
  readonly component: string;
};

const hex = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** Step and job are left out, so that a build's start and finish steps share one deployment. */
export const runKey = (p: KeyParts): string =>
  hex(['v1', p.host, p.repo, p.execution, p.environment, p.component].join(' | '), 20);

export const componentDigest = (component: string | undefined): string | undefined =>
  component ? hex(component, 6) : undefined;

type Identified = {
  readonly runKey: string;
  readonly seq: number;
  readonly expiry: number;
  /** Where the CI server's clock has set `seq`. */
  readonly buildCreatedAt?: number;
  readonly component?: string;
};

/** `ahead`: so many ms is the forge's clock ahead of ours. Markers go by the forge's, for all runs see that one. */
export function markerOf(order: Identified, ahead = 0): Marker {
  const component = componentDigest(order.component);
  return {
    key: order.runKey,
    seq: order.buildCreatedAt === undefined ? order.seq + ahead : order.seq,
    expiry: order.expiry + ahead,
    ...(component ? { component } : {}),
    closure: false,
  };
}

const parameter = 'slipway';
const text = (m: Marker): string =>
  [
    m.key,
    m.seq.toString(36),
    m.expiry.toString(36),
    ...(m.component ? [`c${m.component}`] : []),
    ...(m.closure ? ['closed'] : m.left ? ['left'] : []),
  ].join('.');

/** The link with the marker in it, before any fragment. */
export function markLink(link: string, marker: Marker): string {
  const [page = '', ...fragment] = link.split('#');
  const glue = page.includes('?') ? '&' : '?';
  const hash = fragment.length > 0 ? `#${fragment.join('#')}` : '';
  return `${page}${glue}${parameter}=${text(marker)}${hash}`;
}

/** The first candidate that stays within `max` characters with its marker; undefined when none does. */
export function markedLink(
  links: readonly string[],
  marker: Marker,
  max = 255,
): string | undefined {
  return links.map((link) => markLink(link, marker)).find((link) => link.length <= max);
}

const inLink = new RegExp(
  `[?&]${parameter}=([0-9a-f]{20})\\.([0-9a-z]{1,10})\\.([0-9a-z]{1,10})(?:\\.c([0-9a-f]{6}))?(?:\\.(closed|left))?(?=[&#]|$)`,
);

export function readLink(link: string | null | undefined): Marker | undefined {
  const [, key, seq, expiry, component, end] = inLink.exec(link ?? '') ?? [];
  if (!key || !seq || !expiry) return undefined;
  return {
    key,
    seq: Number.parseInt(seq, 36),
    expiry: Number.parseInt(expiry, 36),
    ...(component ? { component } : {}),
    closure: end === 'closed',
    ...(end === 'left' ? { left: true as const } : {}),
  };
}

/** The link as it was before `markLink`. */
export const unmarkLink = (link: string): string =>
  link.replace(new RegExp(`([?&])${parameter}=[0-9a-z.]+(&?)`), (_, lead, more) =>
    more ? lead : '',
  );

/** Flat strings, because Drone turns a payload's top-level keys into variables. */
export const payloadMarks = (m: Marker): Record<string, string> => ({
  slipway_key: m.key,
  slipway_seq: String(m.seq),
  slipway_expiry: String(m.expiry),
  ...(m.component ? { slipway_component: m.component } : {}),
});

/** What a Date can hold; a payload is anybody's to write. */
const isTime = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0 && ms <= 8.64e15;

export function readPayload(payload: Readonly<Record<string, unknown>>): Marker | undefined {
  const { slipway_key: key, slipway_seq, slipway_expiry, slipway_component: component } = payload;
  const seq = Number(slipway_seq);
  const expiry = Number(slipway_expiry);
  if (typeof key !== 'string' || !/^[0-9a-f]{20}$/.test(key)) return undefined;
  if (!isTime(seq) || !isTime(expiry)) return undefined;
  return {
    key,
    seq,
    expiry,
    ...(typeof component === 'string' ? { component } : {}),
    closure: false,
  };
}

/** At a tie the lower key counts as older. */
export const isNewer = (a: Marker, b: Marker): boolean =>
  a.seq === b.seq ? a.key > b.key : a.seq > b.seq;
