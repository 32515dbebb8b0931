import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { openStore, type Where } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { intake, sceneDeps } from '../test/store/ground.ts';
import { type Postgres, startPostgres } from '../test/support/postgres.ts';

const seconds = 5;
const atOnce = 32;
export const finished = 100_000;
const limits = { p99: 50, readyMs: 1000, kibPerRun: 20 };

/** Durable accepts at 32 at once, what a waiting run costs, and the start with a long history: both stores. */
export async function measureStores(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-store-'));
  const postgres = await startPostgres();
  const grounds = [sqliteGround(folder), postgresGround(postgres)];
  const rows = [];
  for (const { name, place, age } of grounds) {
    const accepts = await measureAccepts(place('accepts'));
    const old = place('old');
    await (await open(old)).close();
    age(old);
    rows.push({ store: name, ...accepts, ...(await measureStart(old)) });
  }
  await postgres.end();
  rmSync(folder, { recursive: true });
  console.log(
    `\nThe server's store: ${atOnce} at once for ${seconds} s; ${finished} finished runs`,
  );
  console.table(
    rows.map((row) => ({
      store: row.store,
      'accepts/s': Math.round(row.perSecond),
      'p50 ms': Number(row.p50.toFixed(1)),
      'p99 ms': Number(row.p99.toFixed(1)),
      '≤': limits.p99,
      'KiB/waiting run': Number(row.kibPerRun.toFixed(2)),
      '≤ KiB': limits.kibPerRun,
      'ready ms': Math.round(row.readyMs),
      '≤ ms': limits.readyMs,
      holds: holds(row) ? 'yes' : 'NO',
    })),
  );
  return rows.every(holds);
}

type Row = { readonly p99: number; readonly kibPerRun: number; readonly readyMs: number };
const holds = ({ p99, kibPerRun, readyMs }: Row): boolean =>
  p99 <= limits.p99 && kibPerRun <= limits.kibPerRun && readyMs <= limits.readyMs;

const open = (where: Where): Promise<Store> => openStore(where, sceneDeps().deps);

async function measureAccepts(where: Where) {
  const store = await open(where);
  const request = { payload: { text: 'x'.repeat(300) } };
  const took: number[] = [];
  let next = 0;
  const before = heap();
  const stop = performance.now() + seconds * 1000;
  const takeIn = async (): Promise<void> => {
    while (performance.now() < stop) {
      const name = String(next++);
      const start = performance.now();
      await store.accept(
        intake(
          { slot: `slot ${name}`, request },
          { key: { scope: 'bench', key: name, bodyHash: name } },
        ),
      );
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeIn));
  const kibPerRun = (heap() - before - took.length * 8) / took.length / 1024;
  await store.close();
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.floor(took.length * share)] ?? Number.NaN;
  return { perSecond: took.length / seconds, p50: at(0.5), p99: at(0.99), kibPerRun };
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  const gc: () => void = vm.runInNewContext('gc');
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** From nothing to the first durable write. */
async function measureStart(where: Where): Promise<{ readonly readyMs: number }> {
  const start = performance.now();
  const store = await open(where);
  await store.ping();
  const readyMs = performance.now() - start;
  await store.close();
  return { readyMs };
}

const columns = `(id, deployment, slot, repo, environment, task, source, request, idempotency_key, status, progress,
  created_at, started_at, ended_at, attempt, events, log_size)`;
const history = (text: string, number: string): string =>
  `INSERT INTO run ${columns} SELECT ${text}, 'hello', 'slot', 'octo/hello', 'production', 'deploy', 'api', '{}',
     ${text}, 'SUCCESS', 'deployed', ${number}, ${number}, ${number}, 1, 2, 1000`;

export const sqliteGround = (folder: string) => ({
  name: 'sqlite',
  place: (name: string): Where => ({ dataDir: path.join(folder, name) }),
  age({ dataDir }: Where): void {
    const db = new DatabaseSync(path.join(dataDir, 'slipway.db'));
    db.exec(`BEGIN;
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${finished})
        ${history("'run ' || i", 'i')} FROM n;
      INSERT INTO run_event SELECT seq, 1, 0, '{}' FROM run;
      INSERT INTO run_log SELECT seq, 0, randomblob(1000) FROM run;
      COMMIT`);
    db.close();
  },
});

const postgresGround = (postgres: Postgres) => {
  const urls = new Map<string, string>();
  return {
    name: 'postgres',
    place(name: string): Where {
      const databaseUrl = urls.get(name) ?? postgres.database();
      urls.set(name, databaseUrl);
      return { dataDir: '/nowhere', databaseUrl };
    },
    age({ databaseUrl = '' }: Where): void {
      postgres.sql(
        databaseUrl,
        `SET search_path = slipway;
         ${history("'run ' || i", 'i')} FROM generate_series(1, ${finished}) AS i;
         INSERT INTO run_event SELECT seq, 1, 0, '{}' FROM run;
         INSERT INTO run_log SELECT seq, 0, convert_to(repeat(md5(id), 31), 'UTF8') FROM run`,
      );
    },
  };
};

if (import.meta.main) process.exitCode = (await measureStores()) ? 0 : 1;
