import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { LeaseLost, StoreError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open.ts';
import type { News, Store, StoreDeps, StoreOptions } from '../../src/store/store.ts';
import { selfSigned } from '../support/certificate.ts';
import { deadUrl } from '../support/loopback.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { rejectionOf } from '../support/rejection.ts';
import { testStore } from './contract.ts';
import { accepted, claimed, claimedSoon, type Ground, intake, sceneDeps } from './ground.ts';
import { assertKept, killWriters } from './killed.ts';
import { start } from './process.ts';

const leaseMs = 10_000;
const { deps } = sceneDeps();
let starting: Promise<Postgres> | undefined;
/** One cluster for all tests of this file; a database for each. */
const cluster = (): Promise<Postgres> => {
  starting ??= startPostgres();
  return starting;
};

const openAt = (databaseUrl: string, options?: Partial<StoreOptions>): Promise<Store> =>
  openStore({ dataDir: '/nowhere', databaseUrl }, deps, { leaseMs, ...options });

/** So much time passes by the database's clock, as far as leases see it. */
const pass = (postgres: Postgres, url: string, time: string): string =>
  postgres.sql(
    url,
    `UPDATE slipway_queue.job SET heartbeat_on = heartbeat_on - interval '${time}' WHERE state = 'active';
     UPDATE slipway.telling SET until = until - extract(epoch FROM interval '${time}') * 1000`,
  );

async function postgresGround(): Promise<Ground> {
  const postgres = await cluster();
  const databaseUrl = postgres.database();
  const stores: Store[] = [];
  const open = async (own: StoreDeps, options?: Partial<StoreOptions>): Promise<Store> => {
    const where = { dataDir: '/nowhere', databaseUrl };
    const store = await openStore(where, own, { leaseMs, ...options });
    stores.push(store);
    return store;
  };
  return {
    open,
    peer: (_, own) => open(own),
    async outlive(store, own) {
      stores.splice(stores.indexOf(store), 1);
      await store.close();
      pass(postgres, databaseUrl, '1 hour');
      return open(own);
    },
    async end() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

testStore('postgres', postgresGround);

const postgresql = suite('postgres');
type Scene = { readonly postgres: Postgres; readonly url: string; open(): Promise<Store> };
const test = (title: string, run: (scene: Scene) => Promise<void>): void => {
  postgresql(title, async () => {
    const postgres = await cluster();
    const url = postgres.database();
    const stores: Store[] = [];
    const open = async (): Promise<Store> => {
      const store = await openAt(url);
      stores.push(store);
      return store;
    };
    try {
      await run({ postgres, url, open });
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });
};

test('is set up once by replicas that start together', async ({ open, postgres, url }) => {
  const stores = await Promise.all(Array.from({ length: 4 }, open));
  for (const store of stores) await accepted(store);
  assert.is((await stores[0]?.counts())?.byStatus.QUEUED, 4);
  assert.is(postgres.sql(url, 'SELECT count(*) FROM slipway.schema_version'), '1');
  const schemas =
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)' ORDER BY 1";
  assert.is(postgres.sql(url, schemas), 'public\nslipway\nslipway_queue');
  assert.is(postgres.sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), '0');
});

test('refuses the database of a newer version', async ({ open, postgres, url }) => {
  await (await open()).ping();
  postgres.sql(url, 'UPDATE slipway.schema_version SET version = 999');
  const error = await rejectionOf<StoreError>(openAt(url));
  assert.is(error.kind, 'newer');
  assert.match(error.message, /newer Slipway \(schema 999, this one knows \d+\)/);
});

test('says that no database serves, without its password', async () => {
  const { host } = new URL(await deadUrl());
  const urls = [`postgres://joe:hunter2@${host}/db`, 'mysql://joe:hunter2@db/x', 'joe:hunter2@db'];
  for (const url of urls) {
    const error = await rejectionOf<StoreError>(openAt(url));
    assert.instance(error, StoreError);
    assert.is(error.kind, 'unavailable');
    assert.match(error.message, 'database_url');
    assert.not.match(error.message, 'hunter2');
  }
});

test('gives a run to another when its owner is silent for a lease', async ({
  open,
  postgres,
  url,
}) => {
  const [store, other] = [await open(), await open()];
  const { id } = await accepted(store);
  const late = await claimed(store, 'late');
  await late.save({ step: 1 });
  pass(postgres, url, '11 seconds');
  const next = await claimedSoon(other, id, 'next');
  assert.equal([next.attempt, next.checkpoint], [2, { step: 1 }]);
  const tries = [
    late.renew(),
    late.save({ step: 'late' }),
    late.tell({ progress: 'late' }),
    late.end('FAILURE', { text: 'late' }),
    late.release(),
  ];
  for (const error of await Promise.all(tries.map((one) => rejectionOf(one)))) {
    assert.instance(error, LeaseLost);
  }
  await next.save({ step: 2 });
  assert.is((await next.end('SUCCESS', { text: 'done' })).progress, 'done');
});

/** Cuts every connection to this database. */
const cut = (postgres: Postgres, url: string): string =>
  postgres.sql(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway'
       AND pid <> pg_backend_pid() AND datname = current_database()`,
  );

postgresql('frees at the start what a dead process had, whatever its lease says', async () => {
  const postgres = await cluster();
  const url = postgres.database();
  const worker = start('holder.ts', [url]);
  await worker.saw(/^claimed/);
  const [, id = ''] = worker.lines()[0]?.split(' ') ?? [];
  await worker.kill();
  const store = await openAt(url, { leaseMs: 3_600_000 });
  const next = await claimedSoon(store, id);
  assert.equal([next.attempt, next.checkpoint], [2, { step: 1 }]);
  await next.end('SUCCESS', { text: 'done' });
  await store.close();
});

test('takes nothing at the start from who lives', async ({ open, postgres, url }) => {
  const store = await open();
  await accepted(store, { slot: 'a' });
  await accepted(store, { slot: 'b' });
  const lease = await claimed(store);
  const silent = await claimed(store);
  // As of a version that told nobody that it lives.
  postgres.sql(url, `UPDATE slipway.run SET holder = NULL WHERE id = '${silent.run.id}'`);
  cut(postgres, url);
  const other = await open();
  await systemClock.pause(4000);
  assert.is(await other.claim('thief'), undefined);
  await lease.end('SUCCESS', { text: 'done' });
  await silent.end('SUCCESS', { text: 'done' });
});

test('leaves a run to who is heard of again in the meantime', async ({ open, postgres, url }) => {
  const store = await open();
  const { id } = await accepted(store);
  const lease = await claimed(store);
  const holder = (value: string): string =>
    postgres.sql(url, `UPDATE slipway.run SET holder = ${value} WHERE id = '${id}' RETURNING 1`);
  const real = postgres.sql(url, `SELECT holder FROM slipway.run WHERE id = '${id}'`);
  // Nobody's: as when its connection is lost.
  holder('1');
  let isSure = false;
  const pause = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms === 3000) {
      holder(real);
      isSure = true;
    }
    return systemClock.pause(ms === 3000 ? 0 : ms, signal);
  };
  const where = { dataDir: '/nowhere', databaseUrl: url };
  const other = await openStore(where, { ...deps, clock: { ...systemClock, pause } }, { leaseMs });
  while (!isSure) await systemClock.pause(10);
  await systemClock.pause(500);
  assert.is(await other.claim('thief'), undefined);
  await other.close();
  await lease.end('SUCCESS', { text: 'done' });
});

test('leaves a run with an owner who renews', async ({ open, postgres, url }) => {
  const [store, other] = [await open(), await open()];
  await accepted(store);
  const lease = await claimed(store);
  for (let times = 0; times < 4; times += 1) {
    pass(postgres, url, '8 seconds');
    if (times % 2) await lease.renew();
    else await lease.save({ times });
  }
  // Every replica looks for silent owners more often than this.
  await systemClock.pause(5000);
  assert.is(await other.claim('thief'), undefined);
  await lease.end('SUCCESS', { text: 'done' });
});

postgresql('goes on when the database was away, and tells what it may have missed', async () => {
  // One of its own: after a kill PostgreSQL looks at every file of every database.
  const postgres = await startPostgres();
  const store = await openAt(postgres.database());
  const before = await accepted(store, { slot: 'a' });
  const lease = await claimed(store);
  const news: News[] = [];
  store.watch((one) => void news.push(one));
  await postgres.kill();
  const faults = await Promise.all([
    rejectionOf<StoreError>(store.accept(intake())),
    rejectionOf<StoreError>(store.runs.get(before.id)),
    rejectionOf<StoreError>(store.claim('test')),
    rejectionOf<StoreError>(store.ping()),
  ]);
  for (const error of faults) {
    assert.instance(error, StoreError);
    assert.is(error.kind, 'unavailable', error.message);
  }
  const saving = lease.save({ step: 1 });
  await systemClock.pause(1500);
  await postgres.start();
  await saving;
  await store.ping();
  assert.is((await store.runs.get(before.id))?.status, 'IN_PROGRESS');
  const after = await accepted(store, { slot: 'b' });
  assert.is((await claimed(store)).run.id, after.id);
  await lease.end('SUCCESS', { text: 'done' });
  const isTold = (): boolean => news.some(({ what }) => what === 'missed');
  for (let waited = 0; waited < 10_000 && !isTold(); waited += 50) await systemClock.pause(50);
  assert.ok(isTold());
  await store.close();
  await postgres.end();
});

test('keeps what it accepted while connections are cut', async ({ open, postgres, url }) => {
  const store = await open();
  const promised: string[] = [];
  let isOver = false;
  let refused = 0;
  const takeIn = async (worker: number): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const description = `${worker}-${count}`;
      try {
        promised.push((await accepted(store, { description, slot: description })).id);
      } catch (error) {
        assert.instance(error, StoreError);
        refused += 1;
        await systemClock.pause(5);
      }
    }
  };
  const working = Promise.all(Array.from({ length: 8 }, (_, worker) => takeIn(worker)));
  // As often as that, and for as long as anything gets through at all.
  for (let times = 0; times < 25 || (promised.length < 100 && times < 500); times += 1) {
    await systemClock.pause(40);
    cut(postgres, url);
  }
  isOver = true;
  await working;
  assert.ok(
    promised.length > 100 && refused > 0,
    `${promised.length} accepted, ${refused} refused`,
  );
  for (const id of promised) assert.ok(await store.runs.get(id));
  const twice =
    'SELECT count(*) FROM (SELECT 1 FROM slipway.run GROUP BY description HAVING count(*) > 1) t';
  assert.is(postgres.sql(url, twice), '0');
  const jobless =
    'SELECT count(*) FROM slipway.run WHERE NOT EXISTS (SELECT 1 FROM slipway_queue.job j WHERE j.id::text = run.id)';
  assert.is(postgres.sql(url, jobless), '0');
  const runless =
    'SELECT count(*) FROM slipway_queue.job j WHERE NOT EXISTS (SELECT 1 FROM slipway.run WHERE run.id = j.id::text)';
  assert.is(postgres.sql(url, runless), '0');
});

test('holds few connections, however much is asked', async ({ open, postgres, url }) => {
  const store = await open();
  const count =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slipway' AND datname = current_database()";
  const asked = Array.from({ length: 300 }, (_, index) =>
    index % 2 ? store.counts() : store.deliveries.keep(`${index}`, index),
  );
  const connections = Number(postgres.sql(url, count));
  await Promise.all(asked);
  assert.ok(connections >= 1 && connections <= 9, `${connections} connections`);
  assert.ok(Number(postgres.sql(url, count)) <= 9);
});

test('leaves no job of runs that ended while they waited', async ({ open, postgres, url }) => {
  const store = await open();
  for (let times = 0; times < 5; times += 1) await accepted(store, {}, { busy: 'latest' });
  const { id } = await accepted(store, { slot: 'cancelled' });
  await store.cancel(id, 'joe');
  assert.is(postgres.sql(url, 'SELECT count(*) FROM slipway_queue.job'), '1');
});

postgresql('speaks TLS, and only to whom the URL trusts', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-tls-'));
  const { key, cert } = selfSigned();
  const root = path.join(folder, 'root.pem');
  writeFileSync(root, cert);
  const postgres = await startPostgres({ certificate: { key, cert } });
  try {
    const url = postgres.database();
    const store = await openAt(`${url}?sslmode=verify-full&sslrootcert=${root}`);
    await accepted(store);
    const encrypted =
      "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'slipway'";
    assert.is(postgres.sql(url, encrypted), 't');
    await store.close();
    const error = await rejectionOf<StoreError>(openAt(`${url}?sslmode=verify-full`));
    assert.is(error.kind, 'unavailable', String(error));
    assert.match(error.message, 'self-signed certificate');
  } finally {
    await postgres.end();
    rmSync(folder, { recursive: true });
  }
});

test('keeps what it promised through 50 kills beside a living replica', async ({ open, url }) => {
  const living = await open();
  let isOver = false;
  const working = (async (): Promise<void> => {
    while (!isOver) {
      const lease = await living.claim('living');
      if (lease) await lease.end('SUCCESS', { text: 'done' });
      else await systemClock.pause(5);
    }
  })();
  const promised = await killWriters((round) => ['/nowhere', round, url]);
  isOver = true;
  await working;
  await assertKept(living, promised);
});

postgresql.run();

const over = suite('postgres: the end');
over('leaves no server behind', async () => {
  await (await cluster()).end();
});
over.run();
