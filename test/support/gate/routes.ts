import { executionView } from './views.ts';
import { application, type Execution, type Pipeline, type Trigger, type World } from './world.ts';

export type Exchange =
  | 'user'
  | 'application'
  | 'pipeline'
  | 'pipelines'
  | 'start'
  | 'look'
  | 'cancel'
  | 'search'
  | 'executions';

export type Call = {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** What the path names last, and the application before it. */
  readonly name: string;
  readonly application: string | undefined;
  readonly user: string | undefined;
};
export type Reply = readonly [status: number, json: unknown];
type Route = {
  readonly exchange: Exchange;
  readonly method: string;
  readonly path: RegExp;
  /** Parameters that it knows; one with `!` must be there. */
  readonly query?: readonly string[];
  act(world: World, call: Call): Reply;
};

/** As Spring's error handlers write it. */
export const refusal = (status: number, error: string, message: string): Reply => [
  status,
  { timestamp: '2026-09-01T00:00:00.000+00:00', status, error, message },
];
const notFound = (what: string): Reply => refusal(404, 'Not Found', `${what} not found`);

const app = String.raw`\/applications\/hello`;
const find = ({ pipelines }: World, name: string): Pipeline | undefined =>
  pipelines.find((each) => each.name === name || each.id === name);
const execution = ({ executions }: World, name: string): Execution | undefined =>
  executions.find(({ id }) => id === name);
const listed = (world: World, found: readonly Execution[], { query }: Call): Reply => [
  200,
  found.map((each) => executionView(world, each, query.get('expand') !== 'false')),
];

export const routes: readonly Route[] = [
  {
    ...{ exchange: 'user', method: 'GET', path: /^\/auth\/user$/ },
    act: (_, { user }) => [200, user && { username: user, email: user, roles: [] }],
  },
  {
    ...{ exchange: 'application', method: 'GET', path: /^\/applications\/([^/]+)$/ },
    query: ['expand!'],
    act: (_, { name }) =>
      name === application
        ? [200, { name, attributes: { name }, clusters: {} }]
        : notFound(`Application (id: ${name})`),
  },
  {
    ...{ exchange: 'pipeline', method: 'GET' },
    path: /^\/applications\/(?<application>[^/]+)\/pipelineConfigs\/([^/]+)$/,
    act: (world, { name, application: of }) => {
      // An id is looked for whatever the application is.
      const found =
        of === application ? find(world, name) : world.pipelines.find(({ id }) => id === name);
      return found ? [200, found] : notFound(`Pipeline configuration (nameOrId: ${name})`);
    },
  },
  {
    ...{ exchange: 'pipelines', method: 'GET' },
    path: /^\/applications\/([^/]+)\/pipelineConfigs$/,
    act: ({ pipelines }, { name }) => [200, name === application ? pipelines : []],
  },
  {
    ...{ exchange: 'start', method: 'POST', path: /^\/pipelines\/hello\/([^/]+)$/ },
    act: startPipeline,
  },
  {
    ...{ exchange: 'look', method: 'GET', path: /^\/pipelines\/([^/]+)$/ },
    act(world, { name }) {
      const found = execution(world, name);
      return found
        ? [200, executionView(world, found)]
        : refusal(404, 'Not Found', `Pipeline not found (id: ${name})`);
    },
  },
  {
    ...{ exchange: 'cancel', method: 'PUT', path: /^\/pipelines\/([^/]+)\/cancel$/ },
    query: ['reason!', 'force!'],
    act(world, { name, query }) {
      const found = execution(world, name);
      if (found) world.cancel(found, query.get('reason') ?? undefined);
      return found ? [200, undefined] : notFound('Pipeline');
    },
  },
  {
    ...{ exchange: 'search', method: 'GET' },
    path: new RegExp(`^${app}\\/executions\\/search$`),
    query: ['trigger', 'pipelineName', 'size!', 'expand!'],
    act(world, call) {
      const { query } = call;
      const wanted = query.get('trigger');
      const subset = wanted ? JSON.parse(Buffer.from(wanted, 'base64').toString()) : {};
      const name = query.get('pipelineName');
      const found = world.executions
        .filter(({ trigger }) => matches(trigger, subset))
        .filter(({ pipeline }) => name === null || pipeline.name === name)
        .toSorted((a, b) => b.builtAt - a.builtAt || (a.id < b.id ? 1 : -1));
      return listed(world, found.slice(0, Number(query.get('size'))), call);
    },
  },
  {
    ...{ exchange: 'executions', method: 'GET', path: /^\/executions$/ },
    query: ['executionIds', 'pipelineConfigIds', 'statuses', 'limit', 'expand!'],
    act(world, call) {
      const { query } = call;
      const ids = query.get('executionIds')?.split(',');
      if (ids)
        return listed(
          world,
          world.executions.filter(({ id }) => ids.includes(id)),
          call,
        );
      const found = world.executions
        .filter(({ pipeline }) => pipeline.id === query.get('pipelineConfigIds'))
        .filter(({ status }) => status === query.get('statuses'))
        .toReversed();
      return listed(world, found.slice(0, Number(query.get('limit'))), call);
    },
  },
];

function startPipeline(world: World, { name, body, user }: Call): Reply {
  const pipeline = find(world, name);
  if (!pipeline) return notFound(`Pipeline configuration (nameOrId: ${name})`);
  const trigger = body as Trigger;
  const missing = pipeline.parameterConfig.find(
    (each) => each.required && (each.default ?? null) === null && !trigger.parameters[each.name],
  );
  if (missing) return refusal(400, 'Bad Request', `Required parameter ${missing.name} is missing`);
  if (pipeline.disabled) return refusal(400, 'Bad Request', 'The pipeline config is disabled.');
  return [202, { ref: `/pipelines/${world.start(pipeline, trigger, user).id}` }];
}

const matches = (trigger: Trigger, subset: Readonly<Record<string, string>>): boolean =>
  Object.entries(subset).every(
    ([key, value]) => String((trigger as Record<string, unknown>)[key]) === value,
  );
