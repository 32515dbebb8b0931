import type { Catalog } from '../deployments/catalog.ts';
import type { JsonSchema } from '../settings/emit/schema.ts';
import {
  answer,
  ask,
  bearer,
  body,
  cancel,
  cancelStage,
  failures,
  get,
  hook,
  listQuery,
  type Operation,
  probe,
  query,
  stream,
} from './openapi-operations.ts';
import { namedSchemas, open, ref, text } from './openapi-schemas.ts';

export type Document = {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
} & JsonSchema;

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
      post: ask({
        summary: 'Ask for a run',
        request: 'RunRequest',
        shown: 'Run',
        next: ['seeRun', 'cancelRun', 'readLog', 'followRun'],
      }),
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
    '/v1/runs/{id}': { get: get('seeRun', 'See a run', 'Run') },
    '/v1/runs/{id}/cancel': {
      post: { operationId: 'cancelRun', ...cancel },
      delete: cancel,
    },
    '/v1/runs/{id}/log': {
      get: stream(
        'readLog',
        'Read the log',
        'text/plain',
        query('follow', '1: until the run is over.', { enum: ['', '0', '1', 'false', 'true'] }),
      ),
    },
    '/v1/runs/{id}/events': {
      get: stream('followRun', 'Follow what happens', 'text/event-stream', {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'Number of the last event that arrived; without one, from the start.',
        schema: text,
      }),
    },
    '/spinnaker/v1/runs': {
      post: ask({
        summary: 'Ask for a run, as a stage',
        request: 'SpinnakerRunRequest',
        shown: 'SpinnakerRun',
        next: ['pollRun'],
      }),
    },
    '/spinnaker/v1/runs/{id}': { get: get('pollRun', 'Poll a run, as a stage', 'SpinnakerRun') },
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
