import type { Catalog } from '../deployments/catalog.ts';
import { runSchema } from '../deployments/schema.ts';
import type { JsonSchema } from '../settings/emit/schema.ts';
import { runStatuses } from '../store/run.ts';
import { statusSchema } from './status-order.ts';

type Schema = JsonSchema;

export const text = { type: 'string' };
export const perhaps = { type: ['string', 'null'] };
const at = { type: ['string', 'null'], format: 'date-time' };
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const open = (properties: Schema): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

const run = (words: readonly string[]): Schema =>
  open({
    id: text,
    deployment: text,
    repo: text,
    environment: text,
    commit: perhaps,
    ref: perhaps,
    task: text,
    deployment_id: perhaps,
    status: { enum: words },
    progress: text,
    description: perhaps,
    environment_url: perhaps,
    created_at: { type: 'string', format: 'date-time' },
    started_at: at,
    ended_at: at,
    actor: perhaps,
    source: text,
    status_url: { type: 'string', format: 'uri' },
    cancel_url: { type: 'string', format: 'uri' },
    html_url: { type: 'string', format: 'uri' },
    outputs: { type: 'object', additionalProperties: text },
  });

const shownToOrca = runStatuses.filter((word) => word !== 'SUPERSEDED' && word !== 'REFUSED');

/** Everything that has a name in the document. */
export const namedSchemas = (catalog: Catalog): Readonly<Record<string, Schema>> => ({
  Run: run(runStatuses),
  SpinnakerRun: run(shownToOrca),
  Runs: open({ runs: { type: 'array', items: ref('Run') }, next: perhaps }),
  Failure: {
    ...open({ error: text, message: text }),
    properties: {
      error: text,
      message: text,
      faults: { type: 'array', items: open({ name: text, message: text }) },
    },
  },
  Ignored: open({ ignored: text }),
  Started: open({ runs: { type: 'array', items: ref('Run') } }),
  RunRequest: runSchema(catalog, 'api'),
  SpinnakerRunRequest: runSchema(catalog, 'spinnaker'),
  StatusRequest: statusSchema,
});
