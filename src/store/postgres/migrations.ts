/**
 * Forward only, one transaction each; a number is the schema that it leads to. What was released is never changed
 * again: a further step is added. The tables are those of the embedded store.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE slipway (pinged_at bigint NOT NULL, room bytea);
   INSERT INTO slipway VALUES (0, NULL);

   CREATE TABLE run (
     seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
     created_at bigint NOT NULL,
     started_at bigint,
     ended_at bigint,
     cancel_at bigint,
     cancel_by text,
     cancel_reason text,
     owner text,
     attempt integer NOT NULL DEFAULT 0,
     checkpoint text,
     events integer NOT NULL DEFAULT 1,
     log_size bigint NOT NULL DEFAULT 0
   );
   CREATE UNIQUE INDEX run_in_progress ON run (slot) WHERE status = 'IN_PROGRESS';
   CREATE INDEX run_waiting ON run (slot, seq) WHERE status = 'QUEUED';
   CREATE INDEX run_by_status ON run (status, seq);
   CREATE INDEX run_by_deployment ON run (deployment, seq);
   CREATE INDEX run_by_environment ON run (environment, seq);
   CREATE INDEX run_by_end ON run (ended_at) WHERE ended_at IS NOT NULL;

   CREATE TABLE run_event (
     run_seq bigint NOT NULL REFERENCES run ON DELETE CASCADE,
     number integer NOT NULL,
     at bigint NOT NULL,
     happened text NOT NULL,
     PRIMARY KEY (run_seq, number)
   );

   CREATE TABLE run_log (
     run_seq bigint NOT NULL REFERENCES run ON DELETE CASCADE,
     start bigint NOT NULL,
     bytes bytea NOT NULL,
     PRIMARY KEY (run_seq, start)
   );

   CREATE TABLE delivery (
     id text PRIMARY KEY,
     at bigint NOT NULL,
     answer text NOT NULL
   );
   CREATE INDEX delivery_by_age ON delivery (at);`,

  `CREATE TABLE telling (
     run_seq bigint PRIMARY KEY REFERENCES run ON DELETE CASCADE,
     status text NOT NULL,
     teller text,
     until bigint NOT NULL
   );
   ALTER TABLE run ADD COLUMN holder integer;`,
];
