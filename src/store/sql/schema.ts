import { StoreError } from '../errors.ts';

/** What the two databases say differently. */
export type Dialect = {
  /** The key of rows in the order in which they came. */
  readonly serial: string;
  readonly number: string;
  readonly bytes: string;
  /** Behind a table, and behind one whose rows lie in the order of their key. */
  readonly table: string;
  readonly keyed: string;
};

/**
 * Forward only, one transaction each; a number is the schema that it leads to. What was released is never changed
 * again: a further step is added.
 */
export const schemaIn = ({ serial, number, bytes, table, keyed }: Dialect): readonly string[] => [
  `CREATE TABLE slipway (pinged_at ${number} NOT NULL, room ${bytes})${table};
   INSERT INTO slipway VALUES (0, NULL);

   CREATE TABLE run (
     seq ${serial},
     id text NOT NULL UNIQUE,
     deployment text NOT NULL,
     slot text NOT NULL,
     repo text NOT NULL,
     environment text NOT NULL,
     commit_sha text,
     ref text,
     task text NOT NULL,
     deployment_id text,
     description text,
     actor text,
     source text NOT NULL,
     request text NOT NULL,
     idempotency_key text UNIQUE,
     body_hash text,
     event text UNIQUE,
     status text NOT NULL DEFAULT 'QUEUED',
     progress text NOT NULL DEFAULT '',
     environment_url text,
     deployment_state text,
     outputs text NOT NULL DEFAULT '{}',
     created_at ${number} NOT NULL,
     started_at ${number},
     ended_at ${number},
     cancel_at ${number},
     cancel_by text,
     cancel_reason text,
     owner text,
     attempt ${number} NOT NULL DEFAULT 0,
     checkpoint text,
     events ${number} NOT NULL DEFAULT 1,
     log_size ${number} NOT NULL DEFAULT 0
   )${table};
   CREATE UNIQUE INDEX run_in_progress ON run (slot) WHERE status = 'IN_PROGRESS';
   CREATE INDEX run_waiting ON run (slot, seq) WHERE status = 'QUEUED';
   CREATE INDEX run_by_status ON run (status, seq);
   CREATE INDEX run_by_deployment ON run (deployment, seq);
   CREATE INDEX run_by_environment ON run (environment, seq);
   CREATE INDEX run_by_end ON run (ended_at) WHERE ended_at IS NOT NULL;

   CREATE TABLE run_event (
     run_seq ${number} NOT NULL REFERENCES run ON DELETE CASCADE,
     number ${number} NOT NULL,
     at ${number} NOT NULL,
     happened text NOT NULL,
     PRIMARY KEY (run_seq, number)
   )${keyed};

   CREATE TABLE run_log (
     run_seq ${number} NOT NULL REFERENCES run ON DELETE CASCADE,
     start ${number} NOT NULL,
     bytes ${bytes} NOT NULL,
     PRIMARY KEY (run_seq, start)
   )${table};

   CREATE TABLE delivery (
     id text PRIMARY KEY,
     at ${number} NOT NULL,
     answer text NOT NULL
   )${keyed};
   CREATE INDEX delivery_by_age ON delivery (at);`,

  `ALTER TABLE run ADD COLUMN spent_ms ${number} NOT NULL DEFAULT 0`,

  `CREATE TABLE telling (
     run_seq ${number} PRIMARY KEY REFERENCES run ON DELETE CASCADE,
     status text NOT NULL,
     teller text,
     until ${number} NOT NULL
   )${table};
   ALTER TABLE run ADD COLUMN holder ${number}`,
];

/** The steps from a schema to ours. Throws a StoreError where `what` was written by a later version. */
export function stepsFrom(
  schema: number,
  steps: readonly string[],
  what: string,
): readonly { readonly sql: string; readonly leadsTo: number }[] {
  if (schema > steps.length) {
    throw new StoreError(
      'newer',
      `${what} was written by a newer Slipway (schema ${schema}, this one knows ${steps.length}): start that one, or restore a backup`,
    );
  }
  return steps.map((sql, index) => ({ sql, leadsTo: index + 1 })).slice(schema);
}
