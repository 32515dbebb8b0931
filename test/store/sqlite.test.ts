import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { backUp } from '../../src/store/sqlite/backup.ts';
import type { Store, StoreDeps, StoreOptions } from '../../src/store/store.ts';
import { rejectionOf } from '../support/rejection.ts';
import { testStore } from './contract.ts';
import { accepted, claimed, type Ground, intake, movedClock, sceneDeps } from './ground.ts';
import { assertKept, killWriters } from './killed.ts';
import { start } from './process.ts';

async function sqliteGround(): Promise<Ground> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-store-'));
  let current: Store | undefined;
  const open = async (deps: StoreDeps, options?: Partial<StoreOptions>): Promise<Store> => {
    current = await openStore({ dataDir }, deps, options);
    return current;
  };
  return {
    open,
    peer: async (store) => store,
    async outlive(store, deps) {
      // What close() leaves is what a crash leaves; below real processes are killed.
      await store.close();
      return open(deps);
    },
    async end() {
      await current?.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

testStore('sqlite', sqliteGround);

const sqlite = suite('sqlite');
const test = (title: string, run: (dataDir: string) => Promise<void>): void => {
  sqlite(title, async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-store-'));
    try {
      await run(dataDir);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
};
const { deps } = sceneDeps();
const open = (dataDir: string): Promise<Store> => openStore({ dataDir }, deps);
const fileIn = (dataDir: string): string => path.join(dataDir, 'slipway.db');

/** A store with some runs, closed. */
async function fill(dataDir: string, runs = 50): Promise<void> {
  const store = await open(dataDir);
  await Promise.all(Array.from({ length: runs }, () => store.accept(intake())));
  await store.close();
}

test('makes the folder, and leaves one file in it', async (dataDir) => {
  const folder = path.join(dataDir, 'new', 'deep');
  await fill(folder);
  assert.equal(readdirSync(folder), ['slipway.db', 'slipway.lock']);
  await fill(folder);
});

/** Of every file that the store keeps there, and of its copies. */
const modesIn = (folder: string): readonly string[] =>
  readdirSync(folder).map(
    (name) => `${name} ${(statSync(path.join(folder, name)).mode & 0o777).toString(8)}`,
  );
const inUse = ['slipway.db', 'slipway.db-shm', 'slipway.db-wal', 'slipway.lock'];
const journal = 'slipway.lock-journal';
const ours = [...inUse, journal].map((name) => `${name} 600`);

for (const mask of [0, 0o777]) {
  test(`keeps its files from others, with umask ${mask.toString(8)}`, async (dataDir) => {
    const before = process.umask(mask);
    try {
      const store = await open(dataDir);
      await accepted(store);
      backUp(dataDir, path.join(dataDir, 'copy'));
      assert.equal(modesIn(dataDir), ['copy 600', ...ours]);
      await store.close();
    } finally {
      process.umask(before);
    }
  });
}

test('takes from others what they could read before', async (dataDir) => {
  const writer = start('writer.ts', [dataDir, '0']);
  await writer.saw(/^accepted/);
  await writer.kill();
  for (const name of [...inUse, journal]) chmodSync(path.join(dataDir, name), 0o666);
  const store = await open(dataDir);
  assert.equal(modesIn(dataDir), ours);
  await store.close();
});

test('says it when the folder cannot be made', async (dataDir) => {
  writeFileSync(path.join(dataDir, 'file'), '');
  const error = await rejectionOf<StoreError>(open(path.join(dataDir, 'file', 'data')));
  assert.is(error.kind, 'unavailable');
  assert.match(error.message, /^data_dir .* cannot be made: ENOTDIR/);
});

/** The pauses of `wait` are over at once. */
const hasty = (): { readonly clock: Clock; waited(): number } => {
  let waited = 0;
  const pause = async (ms: number): Promise<void> => {
    waited += ms;
    await systemClock.pause(1);
  };
  return { clock: { ...systemClock, pause }, waited: () => waited };
};

test('says it when the file is none that it may read', async (dataDir) => {
  mkdirSync(fileIn(dataDir));
  const error = await rejectionOf<StoreError>(open(dataDir));
  assert.instance(error, StoreError);
  assert.is(error.kind, 'unavailable');
  assert.match(error.message, /slipway\.db cannot be used: EISDIR.*; look at data_dir/);
});

test('waits ten seconds for another process, then says whose folder it is', async (dataDir) => {
  const writer = start('writer.ts', [dataDir, '0']);
  await writer.saw(/^ready/);
  const { clock, waited } = hasty();
  const error = await rejectionOf<StoreError>(openStore({ dataDir }, { ...deps, clock }));
  await writer.kill();
  assert.is(error.kind, 'locked');
  assert.match(error.message, `another process uses data_dir ${dataDir}`);
  assert.is(waited(), 10_000);
});

test('goes on as soon as another process was killed', async (dataDir) => {
  const writer = start('writer.ts', [dataDir, '0']);
  await writer.saw(/^accepted/);
  const opening = open(dataDir);
  const isEarly = await Promise.race([opening.then(() => true), systemClock.pause(250)]);
  assert.is(isEarly, undefined);
  await writer.kill();
  const store = await opening;
  assert.ok((await store.runs.list({})).runs.length > 0);
  await store.close();
});

test('is locked for the same process too', async (dataDir) => {
  const first = await open(dataDir);
  const error = await rejectionOf<StoreError>(
    openStore({ dataDir }, { ...deps, clock: hasty().clock }),
  );
  assert.is(error.kind, 'locked');
  await first.ping();
  await first.close();
});

test('goes on where a process was killed before it wrote a byte', async (dataDir) => {
  writeFileSync(fileIn(dataDir), '');
  await fill(dataDir);
});

const otherDatabase = (file: string): void => {
  const other = new DatabaseSync(file);
  other.exec('PRAGMA journal_mode = WAL; CREATE TABLE run (id TEXT); INSERT INTO run VALUES (1)');
  other.close();
};
const inFile = (file: string, change: (bytes: Buffer) => void): void => {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
};
const newerSchema = (file: string): void => {
  const store = new DatabaseSync(file);
  store.exec('PRAGMA user_version = 999');
  store.close();
};

type Damage = readonly [what: string, kind: string, says: RegExp, make: (file: string) => void];
const damages: readonly Damage[] = [
  [
    'a text',
    'foreign',
    /is not a SQLite database: it was left as it is/,
    (file) => writeFileSync(file, 'hello\n'.repeat(99)),
  ],
  [
    'a short file',
    'foreign',
    /is not a SQLite database/,
    (file) => writeFileSync(file, 'SQLite format 3\0'),
  ],
  [
    "another program's database",
    'foreign',
    /belongs to another program/,
    (file) => {
      rmSync(file);
      otherDatabase(file);
    },
  ],
  [
    'a newer schema',
    'newer',
    /newer Slipway \(schema 999, this one knows \d+\): start that one/,
    newerSchema,
  ],
  [
    'a file that was cut',
    'corrupt',
    /is damaged: put a backup in its place/,
    (file) => truncateSync(file, 20_000),
  ],
  [
    'damage in the first page',
    'corrupt',
    /is damaged/,
    (file) => inFile(file, (bytes) => void bytes.fill(0xa5, 100, 4096)),
  ],
  [
    'damage in the middle',
    'corrupt',
    /is damaged/,
    (file) =>
      inFile(file, (bytes) => void bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 8192)),
  ],
];

test('refuses a large file that was cut', async (dataDir) => {
  await fill(dataDir);
  const db = new DatabaseSync(fileIn(dataDir));
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO delivery SELECT 'a' || i, 0, hex(zeroblob(20000)) FROM n`);
  db.close();
  truncateSync(fileIn(dataDir), statSync(fileIn(dataDir)).size - 8192);
  assert.is((await rejectionOf<StoreError>(open(dataDir))).kind, 'corrupt');
});

for (const [what, kind, says, make] of damages) {
  test(`refuses ${what}, and leaves it as it is`, async (dataDir) => {
    await fill(dataDir);
    make(fileIn(dataDir));
    const before = readFileSync(fileIn(dataDir));
    for (let tries = 0; tries < 2; tries += 1) {
      const error = await rejectionOf<StoreError>(open(dataDir));
      assert.instance(error, StoreError);
      assert.is(error.kind, kind, error.message);
      assert.match(error.message, says);
      assert.match(error.message, fileIn(dataDir));
    }
    assert.ok(readFileSync(fileIn(dataDir)).equals(before));
    const log = `${fileIn(dataDir)}-wal`;
    assert.ok(!existsSync(log) || statSync(log).size === 0);
  });
}

test('is copied whole while it is written to', async (dataDir) => {
  const folder = path.join(dataDir, 'data');
  const writer = start('writer.ts', [folder, '0']);
  await writer.saw(/^accepted .* 0-200$/);
  const promised = writer.lines().filter((line) => line.startsWith('accepted'));
  const copied = path.join(dataDir, 'copy');
  await open(copied).then((store) => store.close());
  rmSync(fileIn(copied));
  backUp(folder, fileIn(copied));
  assert.throws(() => backUp(folder, fileIn(copied)), /is there already/);
  await writer.kill();
  const store = await open(copied);
  for (const line of promised) {
    const [, id = '', name] = line.split(' ');
    assert.is((await store.runs.get(id))?.description, name);
  }
  await store.close();
  assert.throws(() => backUp(dataDir, path.join(dataDir, 'none')), /is not there: set data_dir/);
});

/** A mount that no other process sees, and that is gone with this one. */
const ownMounts = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];
test('waits for a file that another program holds, however the clock jumps', async (dataDir) => {
  const clock = movedClock();
  let holder: DatabaseSync | undefined;
  let pauses = 0;
  const pause = async (): Promise<void> => {
    clock.move(3_600_000);
    pauses += 1;
    if (pauses === 2) holder?.close();
  };
  const store = await openStore({ dataDir }, { ...deps, clock: { ...clock, pause } });
  await accepted(store);
  const lease = await claimed(store);
  holder = new DatabaseSync(fileIn(dataDir));
  holder.exec('BEGIN IMMEDIATE');
  await lease.save({ step: 1 });
  assert.is(pauses, 2);
  await lease.end('SUCCESS', { text: 'done' });
  await store.close();
});

test('says that the disk is full, loses nothing, and goes on when it no longer is', async (dataDir) => {
  const { ended, lines } = start('full-disk.ts', [dataDir], ownMounts);
  const { code, said } = await ended;
  assert.is(code, 0, said);
  const { accepted: count, message, ...seen } = JSON.parse(lines().at(-1) ?? '{}');
  assert.match(message, /^no space left for .*slipway\.db: free some/);
  assert.ok(count > 10);
  assert.equal(seen, {
    ...{ kind: 'full', isPinged: false, readable: true, missing: [], warned: true },
    ...{ waiting: count, ended: 1 },
  });
});

test('keeps what it promised through 50 kills, and nothing twice', async (dataDir) => {
  const promised = await killWriters((round) => [dataDir, round]);
  const store = await open(dataDir);
  await assertKept(store, promised);
  await store.close();
});

test('gives the runs of a killed process to the next at once', async (dataDir) => {
  const first = await open(dataDir);
  const { id } = await accepted(first);
  await (await claimed(first)).save({ step: 1 });
  await first.close();
  const { clock, waited } = hasty();
  const second = await openStore({ dataDir }, { ...deps, clock });
  const lease = await claimed(second);
  assert.equal([lease.run.id, lease.attempt, waited()], [id, 2, 0]);
  await second.close();
});

sqlite.run();
