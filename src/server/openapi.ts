import type { Catalog } from '../deployments/catalog.ts';
import type { JsonSchema } from '../settings/emit/schema.ts';
import { runStatuses } from '../store/run.ts';
import { namedSchemas, open, perhaps, ref, text } from './openapi-schemas.ts';

type Schema = JsonSchema;
export type Operation = {
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
};
export type Document = {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
} & Schema;

const answer = (description: string, schema: Schema): Schema => ({
  description,
  content: { 'application/json': { schema } },
});
const sayings: Readonly<Record<number, string>> = {
  400: 'The request is not usable; `faults` names each thing.',
  401: 'No token, or an unknown one.',
  403: 'The token may not do this, or not with this deployment.',
  404: 'There is no such run.',
  409: 'The deployment is busy, and does not queue.',
  413: 'The body is too large.',
  415: 'The delivery is not JSON.',
  422: 'Understood, but impossible: an unresolved expression, nothing or several selected, a setting that is fixed.',
  429: 'Too many wrong tokens from one address.',
  503: 'The server starts, ends, or cannot reach its store: ask again.',
};
const failures = (...statuses: readonly number[]): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    statuses.map((status) => [status, answer(sayings[status] ?? '', ref('Failure'))]),
  );
const body = (schema: Schema, required = true): Schema => ({
  required,
  content: { 'application/json': { schema } },
});

const bearer = [{ token: [] }];
const id: Schema = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1 },
};
const key: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key and body give the same run, however often they are sent.',
  schema: { type: 'string', maxLength: 255, pattern: '^[!-#%-~]*$' },
};
const query = (name: string, schema: Schema): Schema => ({ name, in: 'query', schema });
const listQuery = [
  query('deployment', text),
  query('environment', text),
  query('status', { enum: [...runStatuses, ''] }),
  query('limit', {
    anyOf: [{ type: 'integer', minimum: 1, maximum: 500 }, { const: '' }],
    default: 50,
  }),
  query('cursor', { type: 'string', pattern: '^\\d{0,15}$' }),
];
const reason = {
  type: 'object',
  additionalProperties: false,
  properties: { reason: perhaps },
};

const ask = (summary: string, request: string, shown: string): Operation => ({
  summary,
  description:
    'Selects one deployment by its name, or by repository and environment, and sets what slipway.yml leaves open. Answers once the run is on disk.',
  security: bearer,
  parameters: [key],
  requestBody: body(ref(request)),
  responses: {
    202: answer('The run is accepted.', ref(shown)),
    200: answer('The key is known: this is its run.', ref(shown)),
    ...failures(400, 401, 403, 409, 413, 422, 429, 503),
  },
});
const get = (summary: string, shown: string): Operation => ({
  summary,
  security: bearer,
  parameters: [id],
  responses: {
    200: answer('The run as it is now.', ref(shown)),
    ...failures(400, 401, 403, 404, 429, 503),
  },
});
const cancel: Operation = {
  summary: 'Cancel a run',
  description: 'Harmless when it is over. A deploy that cannot be stopped is watched to its end.',
  security: bearer,
  parameters: [id],
  requestBody: body(reason, false),
  responses: {
    200: answer('The run after that.', ref('Run')),
    ...failures(400, 401, 403, 404, 413, 429, 503),
  },
};
const cancelStage: Operation = {
  summary: 'Cancel what a stage has started',
  description: 'By the key of its create; harmless where there is no such run, or it is over.',
  security: bearer,
  parameters: ['execution', 'stage'].map((name) => ({ ...id, name })),
  // Whatever it is, the call does no harm.
  requestBody: {
    required: false,
    description: '`{key, reason}`; without a key the header Idempotency-Key names the run.',
    content: { '*/*': {} },
  },
  responses: {
    200: answer('The run after that, or why there is none.', { type: 'object' }),
    ...failures(400, 401, 403, 413, 429, 503),
  },
};
const stream = (summary: string, type: string, more: readonly Schema[]): Operation => ({
  summary,
  security: bearer,
  parameters: [id, ...more],
  responses: {
    200: { description: 'A stream.', content: { [type]: { schema: text } } },
    ...failures(400, 401, 403, 404, 429, 503),
  },
});
const hook = (forge: string): Operation => ({
  summary: `A delivery of ${forge}`,
  description:
    'Proven by what the webhook is set up with at the forge; starts what slipway.yml names.',
  security: [],
  requestBody: body({ type: 'object' }),
  responses: {
    202: answer('Runs that the event has started, now or before.', ref('Started')),
    200: answer('It starts nothing, and why.', ref('Ignored')),
    ...failures(400, 401, 409, 413, 415, 503),
  },
});
const probe = (summary: string, more: Readonly<Record<string, Schema>> = {}): Operation => ({
  summary,
  security: [],
  responses: { 200: answer('Yes.', { type: 'object' }), ...more },
});

/** What a program needs to know of the API, from the same schemas that judge its requests. */
export const openApi = (catalog: Catalog, version: string, publicUrl: string): Document => ({
  openapi: '3.1.0',
  info: {
    title: 'Slipway',
    version,
    description: 'Starts deploys that slipway.yml names, follows them, and cancels them.',
  },
  servers: [{ url: publicUrl.replace(/\/+$/, '') }],
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: namedSchemas(catalog),
  },
  paths: {
    '/v1/runs': {
      post: ask('Ask for a run', 'RunRequest', 'Run'),
      get: {
        summary: 'List runs, newest first',
        security: bearer,
        parameters: listQuery,
        responses: {
          200: answer('One page; `next` is the cursor of the one after it.', ref('Runs')),
          ...failures(400, 401, 403, 429, 503),
        },
      },
    },
    '/v1/runs/{id}': { get: get('See a run', 'Run') },
    '/v1/runs/{id}/cancel': {
      post: cancel,
      delete: { ...cancel, requestBody: body(reason, false) },
    },
    '/v1/runs/{id}/log': {
      get: stream('Read the log', 'text/plain', [
        { ...query('follow', { enum: ['0', '1'] }), description: '1: until the run is over.' },
      ]),
    },
    '/v1/runs/{id}/events': {
      get: stream('Follow what happens', 'text/event-stream', [
        { name: 'Last-Event-ID', in: 'header', schema: { type: 'string', pattern: '^\\d{1,15}$' } },
      ]),
    },
    '/spinnaker/v1/runs': {
      post: ask('Ask for a run, as a stage', 'SpinnakerRunRequest', 'SpinnakerRun'),
    },
    '/spinnaker/v1/runs/{id}': { get: get('Poll a run, as a stage', 'SpinnakerRun') },
    '/spinnaker/v1/executions/{execution}/stages/{stage}/cancel': {
      post: cancelStage,
      delete: cancelStage,
    },
    '/spinnaker/v1/statuses': {
      post: {
        summary: 'Post one status of a deployment',
        security: bearer,
        requestBody: body(ref('StatusRequest')),
        responses: {
          200: answer('It is posted.', open({ status: { const: 'SUCCESS' }, progress: text })),
          ...failures(400, 401, 403, 413, 422, 429, 503),
        },
      },
    },
    ...Object.fromEntries(
      ['github', 'gitlab', 'bitbucket', 'gitea', 'diversion'].map((forge) => [
        `/hooks/${forge}`,
        { post: hook(forge) },
      ]),
    ),
    '/healthz': { get: probe('Does the process answer?') },
    '/readyz': { get: probe('Does it take runs?', failures(503)) },
    '/metrics': {
      get: {
        summary: 'Figures for Prometheus',
        description: 'For a token that may admin, or for everybody where slipway.yml says so.',
        security: bearer,
        responses: {
          200: { description: 'Figures.', content: { 'text/plain': { schema: text } } },
          ...failures(401, 403, 429, 503),
        },
      },
    },
  },
});
