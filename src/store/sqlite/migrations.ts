/**
 * Forward only, one transaction each; a number is the schema that it leads to. What was released is never changed
 * again: a further step is added.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE slipway (pinged_at INTEGER NOT NULL, room BLOB) STRICT;
   INSERT INTO slipway VALUES (0, NULL);

   CREATE TABLE run (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     deployment TEXT NOT NULL,
     slot TEXT NOT NULL,
     repo TEXT NOT NULL,
     environment TEXT NOT NULL,
     commit_sha TEXT,
     ref TEXT,
     task TEXT NOT NULL,
     deployment_id TEXT,
     description TEXT,
     actor TEXT,
     source TEXT NOT NULL,
     request TEXT NOT NULL,
     idempotency_key TEXT UNIQUE,
     body_hash TEXT,
     event TEXT UNIQUE,
     status TEXT NOT NULL DEFAULT 'QUEUED',
     progress TEXT NOT NULL DEFAULT '',
     environment_url TEXT,
     deployment_state TEXT,
     outputs TEXT NOT NULL DEFAULT '{}',
     created_at INTEGER NOT NULL,
     started_at INTEGER,
     ended_at INTEGER,
     cancel_at INTEGER,
     cancel_by TEXT,
     cancel_reason TEXT,
     owner TEXT,
     attempt INTEGER NOT NULL DEFAULT 0,
     checkpoint TEXT,
     events INTEGER NOT NULL DEFAULT 1,
     log_size INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE UNIQUE INDEX run_in_progress ON run (slot) WHERE status = 'IN_PROGRESS';
   CREATE INDEX run_waiting ON run (slot, seq) WHERE status = 'QUEUED';
   CREATE INDEX run_by_status ON run (status, seq);
   CREATE INDEX run_by_deployment ON run (deployment, seq);
   CREATE INDEX run_by_environment ON run (environment, seq);
   CREATE INDEX run_by_end ON run (ended_at) WHERE ended_at IS NOT NULL;

   CREATE TABLE run_event (
     run_seq INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
     number INTEGER NOT NULL,
     at INTEGER NOT NULL,
     happened TEXT NOT NULL,
     PRIMARY KEY (run_seq, number)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE run_log (
     run_seq INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
     start INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (run_seq, start)
   ) STRICT;

   CREATE TABLE delivery (
     id TEXT PRIMARY KEY,
     at INTEGER NOT NULL,
     answer TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX delivery_by_age ON delivery (at);`,

  `CREATE TABLE telling (
     run_seq INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
     status TEXT NOT NULL,
     teller TEXT,
     until INTEGER NOT NULL
   ) STRICT;`,
];
