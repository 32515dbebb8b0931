import { reaches } from '../deployments/access.ts';
import type { Config, Token } from '../deployments/config.ts';
import { quoted } from '../errors.ts';
import { nearestOf } from '../settings/nearest.ts';
import { type RunStatus, runStatuses } from '../store/run.ts';
import type { Filter } from '../store/store.ts';
import { Failure } from './failure.ts';

export type Query = Readonly<Record<string, unknown>>;

const names = ['deployment', 'environment', 'status', 'limit', 'cursor'] as const;
export type ListQuery = { readonly [K in (typeof names)[number]]: string | undefined };

/** The query of a list, judged as strictly as a body is. Empty means not set, as forms send it. */
export function readListQuery(query: Query): ListQuery {
  for (const [name, value] of Object.entries(query)) {
    if (!names.some((known) => known === name)) {
      const nearest = nearestOf(name, names);
      const hint = nearest ? `; did you mean ${nearest}?` : `; there is ${names.join(', ')}`;
      throw invalid(name, `is not known here${hint}`);
    }
    if (typeof value !== 'string') throw invalid(name, 'must be there once');
  }
  const text = (name: (typeof names)[number]): string | undefined =>
    (query[name] as string | undefined) || undefined;
  const { limit, status, cursor, ...rest } = Object.fromEntries(
    names.map((name) => [name, text(name)]),
  ) as ListQuery;
  if (limit !== undefined && !(/^\d{1,3}$/.test(limit) && +limit >= 1 && +limit <= 500)) {
    throw invalid('limit', `must be a whole number from 1 to 500, got ${quoted(limit)}`);
  }
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw invalid('cursor', 'must be the `next` of an earlier answer');
  }
  if (status !== undefined && !isStatus(status.toUpperCase())) {
    const message = `must be one of ${runStatuses.join(', ')}, got ${quoted(status)}`;
    throw invalid('status', message);
  }
  return { limit, cursor, status: status?.toUpperCase(), ...rest };
}

const isStatus = (text: string): text is RunStatus => runStatuses.some((each) => each === text);
const invalid = (name: string, message: string): Failure =>
  new Failure(400, 'invalid', `${name} ${message}.`, { faults: [{ name, message }] });

/** What the store is asked for; `token` undefined: everybody may read. */
export function filterOf(
  { deployment, environment, status, limit, cursor }: ListQuery,
  config: Config,
  token: Token | undefined,
): Filter {
  const isAll = !token || token.may.includes('admin');
  const mine = config.deployments.filter(({ name }) => isAll || reaches(token, name));
  const deployments = deployment === undefined ? mine.map(({ name }) => name) : [deployment];
  return {
    ...(deployment === undefined && isAll ? {} : { deployments }),
    ...(environment === undefined ? {} : { environment }),
    ...(status === undefined ? {} : { statuses: [status as RunStatus] }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}
