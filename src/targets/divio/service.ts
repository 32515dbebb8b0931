import { RemoteError } from '../../errors.ts';
import { isObject } from '../../settings/rules.ts';
import { type Client, strange } from './client.ts';
import {
  type Application,
  type Deployment,
  type Environment,
  isOver,
  readApplication,
  readDeployment,
  readEnvironment,
  readVariable,
  siteOf,
  type Variable,
} from './wire.ts';

/** The requests that a deploy consists of, in Divio's words. */
export interface Service {
  readonly host: string;
  /** Divio's clock. */
  now(): number;
  /** Whom the token acts as; rejects when it does not work. */
  me(signal: AbortSignal): Promise<void>;
  application(name: string, signal: AbortSignal): Promise<Application | undefined>;
  /** The environment, or what there is instead. */
  environment(
    application: Application,
    slug: string,
    signal: AbortSignal,
  ): Promise<Environment | readonly string[]>;
  /** Of one environment, newest first. */
  deployments(place: Place, signal: AbortSignal): Promise<readonly Deployment[]>;
  deployment(uuid: string, signal: AbortSignal): Promise<Deployment>;
  /** Starts one. undefined: Divio has accepted it and does not say which it is. */
  deploy(environment: Environment, mode: string, signal: AbortSignal): Promise<string | undefined>;
  log(uuid: string, signal: AbortSignal): Promise<string>;
  /** Where a deployment serves: its `DOMAIN`, which stands among secrets that are not read. */
  site(uuid: string, environment: Environment, signal: AbortSignal): Promise<string | undefined>;
  /** Whether a deployment has these values, which are compared here and passed on to nobody. */
  has(
    uuid: string,
    wanted: readonly { readonly name: string; readonly value: string }[],
    signal: AbortSignal,
  ): Promise<boolean>;
  variables(
    environment: Environment,
    name: string,
    signal: AbortSignal,
  ): Promise<readonly Variable[]>;
  setVariable(
    environment: Environment,
    known: Variable | undefined,
    variable: { readonly name: string; readonly value: string; readonly isSensitive: boolean },
    signal: AbortSignal,
  ): Promise<void>;
}
export type Place = { readonly application: Application; readonly environment: Environment };

const part = encodeURIComponent;
const deploymentsPath = '/apps/v3/deployments/';
const environmentsPath = '/apps/v3/environments/';
const variablesPath = '/apps/v3/environment-variables/';

export function createService(client: Client): Service {
  const oneDeployment = (uuid: string): string => `${deploymentsPath}${part(uuid)}/`;
  const subject = (path: string): string => `GET ${client.host}${path}`;

  /** The one that a list holds; a name that several have is nobody's. */
  async function only(path: string, query: Record<string, string>, signal: AbortSignal) {
    const found = (await client.list(path, query, signal)).flatMap(
      (each) => readApplication(each) ?? [],
    );
    const named = query.slug ? found.filter(({ slug }) => !slug || slug === query.slug) : found;
    return named.length === 1 ? named[0] : undefined;
  }

  const bySlug = (slug: string, signal: AbortSignal) =>
    only('/apps/v3/applications/', { slug }, signal);

  async function byUuid(uuid: string, signal: AbortSignal): Promise<Application | undefined> {
    const path = `/apps/v3/applications/${part(uuid)}/`;
    try {
      const application = readApplication(await client.get(path, signal));
      if (!application) throw strange(subject(path), 'a uuid');
      return application;
    } catch (error) {
      if (error instanceof RemoteError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** With secrets in clear: nothing of it leaves this file but a host name. */
  async function variablesOf(uuid: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const path = oneDeployment(uuid).replace(/\/$/, '/environment-variables');
    const answer = await client.get(path, signal);
    const variables = isObject(answer) ? answer.environment_variables : undefined;
    return isObject(variables) ? variables : {};
  }

  return {
    host: client.host,
    now: client.now,
    async me(signal) {
      await client.get('/iam/v3/me/', signal);
    },
    async application(name, signal) {
      if (/^\d+$/.test(name)) {
        const known = await only('/legacy/v3/applications/', { id: name }, signal);
        return known && ((await byUuid(known.uuid, signal)) ?? known);
      }
      if (/^(?:[a-z2-7]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(name)) {
        return (await byUuid(name, signal)) ?? bySlug(name, signal);
      }
      const found = await bySlug(name, signal);
      const isWhole = found?.organisation !== undefined && found.repository !== undefined;
      return found && !isWhole ? ((await byUuid(found.uuid, signal)) ?? found) : found;
    },
    async environment({ uuid }, slug, signal) {
      const read = async (query: Record<string, string>): Promise<readonly Environment[]> => {
        const items = await client.list(environmentsPath, { application: uuid, ...query }, signal);
        return items.flatMap((item) => readEnvironment(item) ?? []);
      };
      const found = await read({ slug });
      // A filter that the server did not know would be ignored, and give any environment.
      const match = found.find((each) => each.slug === slug) ?? found.find((each) => !each.slug);
      if (match) return match;
      return (await read({})).flatMap((each) => each.slug ?? []);
    },
    async deployments({ application, environment }, signal) {
      const query = { application: application.uuid, environment: environment.uuid };
      const items = await client.list(deploymentsPath, query, signal, isNewestFirst);
      return newestFirst(items.filter((item) => isOf(item, environment)));
    },
    async deployment(uuid, signal) {
      const deployment = readDeployment(await client.get(oneDeployment(uuid), signal));
      if (!deployment) throw strange(subject(oneDeployment(uuid)), 'a uuid');
      return deployment;
    },
    async deploy({ uuid }, mode, signal) {
      const body = { environment: uuid, build_mode: mode };
      const answer = await client.send('POST', deploymentsPath, body, { repeat: 'once' }, signal);
      return readDeployment(answer)?.uuid;
    },
    async log(uuid, signal) {
      const answer = await client.get(oneDeployment(uuid).replace(/\/$/, '/logs'), signal);
      return isObject(answer) && typeof answer.logs === 'string' ? answer.logs : '';
    },
    async site(uuid, { primaryDomain }, signal) {
      const site = siteOf((await variablesOf(uuid, signal)).DOMAIN);
      if (site || !primaryDomain) return site;
      const domain = await client.get(`/apps/v3/domains/${part(primaryDomain)}/`, signal);
      // The field's name is not known; these are the ones it could have.
      const names = isObject(domain) ? [domain.domain, domain.name, domain.hostname] : [];
      return names.map(siteOf).find((each) => each !== undefined);
    },
    async has(uuid, wanted, signal) {
      const variables = await variablesOf(uuid, signal);
      return wanted.every(({ name, value }) => variables[name] === value);
    },
    async variables({ uuid }, name, signal) {
      const items = await client.list(variablesPath, { environment: uuid, name }, signal);
      const found = items.flatMap((item) => readVariable(item) ?? []);
      return found.filter((each) => each.name === name);
    },
    async setVariable({ uuid }, known, { name, value, isSensitive }, signal) {
      const how = { repeat: 'safe', secret: true } as const;
      if (known?.uuid !== undefined) {
        const path = `${variablesPath}${part(known.uuid)}/`;
        await client.send('PATCH', path, { value, is_sensitive: isSensitive }, how, signal);
        return;
      }
      const body = { environment: uuid, name, value, is_sensitive: isSensitive };
      // Made twice it would be there twice, or be refused the second time.
      await client.send('POST', variablesPath, body, { ...how, repeat: 'once' }, signal);
    },
  };
}

/** The order of the list is not documented: one that begins with the oldest is read to its end. */
function isNewestFirst(page: readonly unknown[]): boolean {
  const times = page.flatMap((item) => readDeployment(item)?.startedAt ?? []);
  return times.length < 2 || (times[0] ?? 0) >= (times.at(-1) ?? 0);
}

const isOf = (item: unknown, { uuid }: Environment): boolean =>
  !isObject(item) || typeof item.environment !== 'string' || item.environment === uuid;

/** What waits for a worker is the newest; what says no time stays where the server put it. */
function newestFirst(items: readonly unknown[]): readonly Deployment[] {
  const deployments = items.flatMap((item) => readDeployment(item) ?? []);
  const isDated = deployments.every(({ startedAt }) => startedAt !== undefined);
  if (!isDated) return deployments;
  const rank = (each: Deployment): number =>
    each.startedAt ?? (isOver(each) ? 0 : Number.POSITIVE_INFINITY);
  return deployments.toSorted((a, b) => rank(b) - rank(a) || 0);
}
