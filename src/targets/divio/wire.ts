import { isObject } from '../../settings/rules.ts';

/** What Divio's answers hold, as far as we read it. Any field may be missing, null or of another kind. */
export type Application = {
  readonly uuid: string;
  readonly slug: string | undefined;
  readonly organisation: string | undefined;
  /** null: Divio hosts the git repository itself; undefined: the answer does not say. */
  readonly repository: string | null | undefined;
};
export type Environment = {
  readonly uuid: string;
  readonly slug: string | undefined;
  readonly branch: string | undefined;
  readonly primaryDomain: string | undefined;
  /** What was deployed last, as far as Divio says it: the left side of `pending_commits_lookup`. */
  readonly deployedCommit: string | undefined;
};
export type Deployment = {
  readonly uuid: string;
  /** ms since the epoch, by Divio's clock; null while it waits for a worker. */
  readonly startedAt: number | null | undefined;
  readonly endedAt: number | null | undefined;
  /** For people only: Divio's words for stages are not documented. */
  readonly status: string | undefined;
  readonly percent: number | undefined;
  readonly success: boolean | undefined;
};
export type Variable = {
  readonly uuid: string | undefined;
  readonly name: string;
  /** Never leaves this process but to Divio. */
  readonly value: string | undefined;
  readonly isSensitive: boolean;
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;
/** One line, for people. */
const line = (value: unknown): string | undefined => text(value)?.replace(/\s+/g, ' ').trim();
/** What is pasted into a path or compared; numbers are ids too. */
const id = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : text(value);

export function readApplication(json: unknown): Application | undefined {
  if (!isObject(json)) return undefined;
  const uuid = id(json.uuid);
  if (uuid === undefined) return undefined;
  const { repository } = json;
  return {
    uuid,
    slug: line(json.slug),
    organisation: id(json.organisation),
    repository: repository === null ? null : uuidOf(repository),
  };
}

/** A link to an object: its uuid, or the object itself. */
const uuidOf = (value: unknown): string | undefined =>
  isObject(value) ? id(value.uuid) : id(value);

export function readEnvironment(json: unknown): Environment | undefined {
  if (!isObject(json)) return undefined;
  const uuid = id(json.uuid);
  if (uuid === undefined) return undefined;
  const range = /^([0-9a-f]{7,64})\.\./i.exec(text(json.pending_commits_lookup) ?? '');
  return {
    uuid,
    slug: line(json.slug),
    branch: line(json.branch),
    primaryDomain: uuidOf(json.primary_domain),
    deployedCommit: range?.[1]?.toLowerCase(),
  };
}

export function readDeployment(json: unknown): Deployment | undefined {
  if (!isObject(json)) return undefined;
  const uuid = id(json.uuid);
  if (uuid === undefined) return undefined;
  const { percent, success } = json;
  return {
    uuid,
    startedAt: time(json.started_at),
    endedAt: time(json.ended_at),
    status: line(json.status),
    percent: typeof percent === 'number' && percent >= 0 && percent <= 100 ? percent : undefined,
    success: typeof success === 'boolean' ? success : undefined,
  };
}

function time(value: unknown): number | null | undefined {
  if (value === null) return null;
  const ms = Date.parse(text(value) ?? '');
  // A time in another form is a time all the same: what has one has started, or ended.
  return Number.isNaN(ms) ? (text(value) === undefined ? undefined : 0) : ms;
}

/** Set, or said: either is an end. */
export const isOver = ({ endedAt, success }: Deployment): boolean =>
  typeof endedAt === 'number' || success !== undefined;

/** How long the good ones took, in ms. */
export const durationsOf = (deployments: readonly Deployment[]): readonly number[] =>
  deployments.flatMap(({ success, startedAt, endedAt }) =>
    success === true && startedAt && endedAt && endedAt > startedAt ? [endedAt - startedAt] : [],
  );

export function readVariable(json: unknown): Variable | undefined {
  if (!isObject(json)) return undefined;
  const name = text(json.name);
  if (name === undefined) return undefined;
  return {
    uuid: id(json.uuid),
    name,
    value: typeof json.value === 'string' ? json.value : undefined,
    isSensitive: json.is_sensitive === true,
  };
}

const host =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;

/** The address of a host name; undefined for anything else. */
export const siteOf = (value: unknown): string | undefined =>
  typeof value === 'string' && host.test(value) ? `https://${value.toLowerCase()}/` : undefined;
