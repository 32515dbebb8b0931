import type { JsonSchema } from '../settings/emit/schema.ts';
import { runStatuses } from '../store/run.ts';
import { keySchema } from './idempotency.ts';
import { perhaps, ref, text } from './openapi-schemas.ts';

type Schema = JsonSchema;
export type Operation = {
  readonly operationId?: string;
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
};
export const answer = (description: string, schema: Schema): Schema => ({
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
export const failures = (...statuses: readonly number[]): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    statuses.map((status) => [status, answer(sayings[status] ?? '', ref('Failure'))]),
  );
export const body = (schema: Schema, required = true, more: Schema = {}): Schema => ({
  required,
  content: { 'application/json': { schema, ...more } },
});

export const bearer = [{ token: [] }];
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
  schema: keySchema,
};
export const query = (name: string, description: string, schema: Schema): Schema => ({
  ...{ name, in: 'query', description, schema },
});
export const listQuery = [
  query('deployment', 'Name of a deployment in slipway.yml.', text),
  query('environment', 'Environment of the runs.', text),
  query('status', 'Status of the runs.', { enum: [...runStatuses, ''] }),
  query('limit', 'Runs of one page, 500 at most.', {
    anyOf: [{ type: 'integer', minimum: 1, maximum: 500 }, { const: '' }],
    default: 50,
  }),
  query('cursor', 'The `next` of the page before.', { type: 'string', pattern: '^\\d{0,15}$' }),
];
const reason = {
  type: 'object',
  additionalProperties: false,
  properties: { reason: { ...perhaps, description: 'Why, for whoever reads the run.' } },
};

/** What a program does next with the run that it was given. */
const links = (...operations: readonly string[]): Schema =>
  Object.fromEntries(
    operations.map((operationId) => [
      operationId,
      { operationId, parameters: { id: '$response.body#/id' } },
    ]),
  );
const example = { deployment: 'hello-production', commit: 'a'.repeat(40) };

type Asking = {
  readonly summary: string;
  readonly request: string;
  readonly shown: string;
  readonly next: readonly string[];
};
export const ask = ({ summary, request, shown, next }: Asking): Operation => ({
  summary,
  description:
    'Selects one deployment by its name, or by repository and environment, and sets what slipway.yml leaves open. Answers once the run is on disk.',
  security: bearer,
  parameters: [key],
  requestBody: body(ref(request), true, { example }),
  responses: {
    202: { ...answer('The run is accepted.', ref(shown)), links: links(...next) },
    200: { ...answer('The key is known: this is its run.', ref(shown)), links: links(...next) },
    ...failures(400, 401, 403, 409, 413, 422, 429, 503),
  },
});
export const get = (operationId: string, summary: string, shown: string): Operation => ({
  operationId,
  summary,
  security: bearer,
  parameters: [id],
  responses: {
    200: answer('The run as it is now.', ref(shown)),
    ...failures(400, 401, 403, 404, 429, 503),
  },
});
export const cancel: Operation = {
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
export const cancelStage: Operation = {
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
export const stream = (
  operationId: string,
  summary: string,
  type: string,
  more: Schema,
): Operation => ({
  operationId,
  summary,
  security: bearer,
  parameters: [id, more],
  responses: {
    // What a schema says of a stream of events, it says of each.
    200: {
      description: 'A stream.',
      content: { [type]: type === 'text/plain' ? { schema: text } : {} },
    },
    ...failures(400, 401, 403, 404, 429, 503),
  },
});
export const hook = (forge: string): Operation => ({
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
export const probe = (summary: string, more: Readonly<Record<string, Schema>> = {}): Operation => ({
  summary,
  security: [],
  responses: { 200: answer('Yes.', { type: 'object' }), ...more },
});
