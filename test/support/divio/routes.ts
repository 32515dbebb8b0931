import {
  applicationView,
  deploymentView,
  environmentView,
  logView,
  variableView,
} from './views.ts';
import type { Deployment, World } from './world.ts';

export type Exchange =
  | 'me'
  | 'application'
  | 'applications'
  | 'legacy'
  | 'environments'
  | 'list'
  | 'deploy'
  | 'look'
  | 'log'
  | 'site'
  | 'domain'
  | 'variables'
  | 'add variable'
  | 'change variable';

export type Call = {
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the path names. */
  readonly id: string;
};
export type Reply = readonly [status: number, json: unknown];
type Route = {
  readonly exchange: Exchange;
  readonly method: string;
  readonly path: RegExp;
  /** Parameters that it knows; one with `!` must be there. */
  readonly query?: readonly string[];
  /** Keys that the body must have, and no other. */
  readonly body?: Readonly<Record<string, 'string' | 'boolean'>>;
  act(world: World, call: Call): Reply;
};

const notFound: Reply = [404, { detail: 'Not found.' }];
const listed = (items: readonly unknown[]): Reply => [200, { results: items }];
const ofDeployment =
  (show: (world: World, deployment: Deployment) => unknown) =>
  (world: World, { id }: Call): Reply => {
    const found = world.deployments.find(({ uuid }) => uuid === id);
    return found ? [200, show(world, found)] : notFound;
  };

export const routes: readonly Route[] = [
  {
    ...{ exchange: 'me', method: 'GET', path: /^\/iam\/v3\/me\/$/ },
    act: () => [200, { uuid: 'usr', email: 'ci@example.com', first_name: 'C', last_name: 'I' }],
  },
  {
    ...{ exchange: 'application', method: 'GET', path: /^\/apps\/v3\/applications\/([^/]+)\/$/ },
    act: ({ application }, { id }) =>
      id === application.uuid ? [200, applicationView(application)] : notFound,
  },
  {
    ...{ exchange: 'applications', method: 'GET', path: /^\/apps\/v3\/applications\/$/ },
    query: ['slug!'],
    act: ({ application }, { query }) =>
      listed(query.get('slug') === application.slug ? [applicationView(application)] : []),
  },
  {
    ...{ exchange: 'legacy', method: 'GET', path: /^\/legacy\/v3\/applications\/$/ },
    query: ['id!'],
    act: ({ application: { id, uuid } }, { query }) =>
      listed(query.get('id') === id ? [{ id: Number(id), uuid }] : []),
  },
  {
    ...{ exchange: 'environments', method: 'GET', path: /^\/apps\/v3\/environments\/$/ },
    query: ['application!', 'slug'],
    act(world, { query }) {
      if (query.get('application') !== world.application.uuid) return listed([]);
      const slug = query.get('slug');
      const found = world.environments.filter((each) => slug === null || each.slug === slug);
      return listed(found.map((each) => environmentView(world, each)));
    },
  },
  {
    ...{ exchange: 'list', method: 'GET', path: /^\/apps\/v3\/deployments\/$/ },
    query: ['application!', 'environment!'],
    act(world, { query }) {
      const own = world.deployments.filter(
        ({ environment }) => environment === query.get('environment'),
      );
      return listed(own.toReversed().map((each) => deploymentView(world, each)));
    },
  },
  {
    ...{ exchange: 'deploy', method: 'POST', path: /^\/apps\/v3\/deployments\/$/ },
    body: { environment: 'string', build_mode: 'string' },
    act(world, { body: { environment, build_mode: mode } }) {
      if (!['AUTO', 'ADOPT', 'FORCE'].includes(String(mode))) {
        return [400, { build_mode: [`"${mode}" is not a valid choice.`] }];
      }
      if (!world.environments.some(({ uuid }) => uuid === environment)) {
        return [400, { environment: ['Object does not exist.'] }];
      }
      const made = world.deploy(String(environment), String(mode));
      if (made === 'busy') return busy;
      return [201, { uuid: made.uuid, environment, build_mode: mode }];
    },
  },
  {
    ...{ exchange: 'look', method: 'GET', path: /^\/apps\/v3\/deployments\/([^/]+)\/$/ },
    act: ofDeployment(deploymentView),
  },
  {
    ...{ exchange: 'log', method: 'GET', path: /^\/apps\/v3\/deployments\/([^/]+)\/logs$/ },
    act: ofDeployment(logView),
  },
  {
    exchange: 'site',
    method: 'GET',
    path: /^\/apps\/v3\/deployments\/([^/]+)\/environment-variables$/,
    act: ofDeployment((_, { environment, variables }) => ({
      environment,
      environment_variables: {
        DATABASE_URL: 'postgres://u:a-password-of-divio@db.example.com/x',
        DOMAIN: 'hello.us.aldryn.io',
        ...variables,
      },
    })),
  },
  {
    ...{ exchange: 'domain', method: 'GET', path: /^\/apps\/v3\/domains\/([^/]+)\/$/ },
    act: (_, { id }) => [200, { uuid: id, domain: 'www.example.com' }],
  },
  {
    ...{ exchange: 'variables', method: 'GET', path: /^\/apps\/v3\/environment-variables\/$/ },
    query: ['environment!', 'name'],
    act: (world, { query }) =>
      listed(
        world.variables
          .filter(({ environment }) => environment === query.get('environment'))
          .filter(({ name }) => !query.has('name') || name === query.get('name'))
          .map(variableView),
      ),
  },
  {
    ...{ exchange: 'add variable', method: 'POST', path: /^\/apps\/v3\/environment-variables\/$/ },
    body: { environment: 'string', name: 'string', value: 'string', is_sensitive: 'boolean' },
    act(world, { body: { environment, name, value, is_sensitive } }) {
      const isThere = world.variables.some(
        (each) => each.environment === environment && each.name === name,
      );
      if (isThere) return [400, { non_field_errors: [`${name}=${value} is there already`] }];
      const args = [
        String(environment),
        String(name),
        String(value),
        is_sensitive === true,
      ] as const;
      return [201, variableView(world.setVariable(...args))];
    },
  },
  {
    exchange: 'change variable',
    method: 'PATCH',
    path: /^\/apps\/v3\/environment-variables\/([^/]+)\/$/,
    body: { value: 'string', is_sensitive: 'boolean' },
    act(world, { id, body }) {
      const found = world.variables.find(({ uuid }) => uuid === id);
      if (!found) return notFound;
      found.value = String(body.value);
      found.isSensitive = body.is_sensitive === true;
      return [200, variableView(found)];
    },
  },
];

const busy: Reply = [409, { non_field_errors: ['A deployment is already running.'] }];
export const refusals: Readonly<Record<string, Reply>> = {
  refuse: busy,
  'refuse 423': [423, { detail: 'Locked.' }],
  'refuse environment': [400, { environment: ['Not this one.'] }],
  'refuse build_mode': [400, { build_mode: ['Not this one.'] }],
  'refuse 400': [400, { non_field_errors: ['Environment is being deployed.'] }],
};
