/** dist/slipway.mjs and what a machine does to it: a full disk, a gone database, callers who hold on to connections. */
import { rmSync, writeFileSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPostgres } from '../support/postgres.ts';
import { token } from './server.ts';
import { onStage, type Stage } from './stage.ts';

const faults = suite('faults');
const endless = { script: ['QUEUED', 'IN_PROGRESS'] };

const post = (stage: Stage, key: string, description = key) =>
  stage.ask(
    'POST',
    '/v1/runs',
    { deployment: 'by-webhook', description },
    { 'idempotency-key': key },
  );

async function begun(stage: Stage): Promise<string> {
  await stage.start();
  const { body } = await post(stage, 'begun');
  while (!stage.service.exchanges.includes('look')) await pause(20);
  return String(body.id);
}

async function assertAway(stage: Stage): Promise<void> {
  const { status, body } = await post(stage, 'not now');
  assert.is(status, 503);
  assert.equal(body, { error: 'unavailable', message: 'The store is not available. Ask again.' });
  assert.is((await stage.ask('GET', '/healthz')).status, 200);
}
async function until(stage: Stage, at: string, status: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await stage.ask('GET', at)).status === status) return;
    await pause(50);
  }
  throw new Error(`${at} never answered ${status}: ${stage.log()}`);
}

/** A disk of its own under data_dir, which no other process sees and which is gone with the server. */
const ownMounts = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];
const onSmallDisk = [
  ...ownMounts,
  ...['sh', '-c', 'mkdir data && mount -t tmpfs -o size=8m tmpfs data && exec "$@"', 'sh'],
];

faults('takes no run on a full disk, loses none, and goes on when there is room', () =>
  onStage(
    async (stage) => {
      const id = await begun(stage);
      const ballast = `/proc/${stage.pid()}/cwd/data/ballast`;
      fill(ballast);
      const taken: string[] = [];
      for (let number = 0; ; number += 1) {
        const { status, body } = await post(stage, `small ${number}`, 'x'.repeat(10_000));
        if (status !== 202) break;
        taken.push(String(body.id));
      }
      await assertAway(stage);
      await until(stage, '/readyz', 503);
      // The deploy ends meanwhile, and nobody can write it down.
      stage.service.runs[0]?.script.push('SUCCESS');
      await pause(2500);
      assert.is((await stage.ask('GET', `/v1/runs/${id}`)).body.status, 'IN_PROGRESS');
      assert.match(stage.log(), /no space left for .*slipway\.db: free some/);
      rmSync(ballast);
      await stage.until(id, 'SUCCESS');
      await until(stage, '/readyz', 200);
      assert.is((await post(stage, 'not now')).status, 202);
      assert.is((await stage.all()).length, taken.length + 2);
      for (const one of taken) assert.is((await stage.ask('GET', `/v1/runs/${one}`)).status, 200);
      assert.not.match(stage.log(), /bug in Slipway/);
    },
    endless,
    { within: onSmallDisk },
  ),
);

/** Until there is no room for one more page. */
function fill(file: string): void {
  for (const size of [1024 * 1024, 4096]) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}

faults('waits for a database that is gone, and goes on with what was in progress', async () => {
  const postgres = await startPostgres();
  try {
    await onStage(
      async (stage) => {
        const id = await begun(stage);
        await postgres.kill();
        await assertAway(stage);
        await until(stage, '/readyz', 503);
        await pause(5000);
        stage.service.runs[0]?.script.push('SUCCESS');
        await pause(2000);
        await postgres.start();
        await stage.until(id, 'SUCCESS');
        await until(stage, '/readyz', 200);
        const { body } = await post(stage, 'not now');
        stage.service.runs[1]?.script.push('SUCCESS');
        await until(stage, `/v1/runs/${body.id}`, 200);
        assert.is((await stage.all()).length, 2);
        assert.is(
          stage.service.exchanges.filter((exchange) => exchange === 'create').length <= 2,
          true,
        );
        assert.match(stage.log(), /the database of database_url does not serve/);
        assert.not.match(stage.log(), /bug in Slipway/);
      },
      endless,
      { env: { DATABASE_URL: postgres.database() } },
    );
  } finally {
    await postgres.end();
  }
});

/** Connections that are open, once all of them are. */
async function connect(stage: Stage, count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(stage.url);
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = net.connect(Number(port), hostname, () => resolve(socket));
          socket.on('error', reject);
        }),
    ),
  );
}

faults('answers as ever beside 2,000 idle connections, and 200 that send a byte at a time', () =>
  onStage(async (stage) => {
    await stage.start();
    const idle = await connect(stage, 2000);
    const slow = await connect(stage, 200);
    const head = `POST /v1/runs HTTP/1.1\r\nauthorization: Bearer ${token}\r\nx-slow: `;
    for (const socket of slow) socket.write(head);
    const dripping = setInterval(() => {
      for (const socket of slow) socket.write('z');
    }, 200);
    try {
      for (let number = 0; number < 50; number += 1) {
        const start = performance.now();
        const { status, body } = await post(stage, `among many ${number}`);
        assert.is(status, 202);
        assert.ok(performance.now() - start < 1000);
        await stage.ask('POST', `/v1/runs/${body.id}/cancel`);
      }
      assert.is((await stage.ask('GET', '/readyz')).status, 200);
      assert.is(slow.filter(({ destroyed }) => destroyed).length, 0);
    } finally {
      clearInterval(dripping);
      for (const socket of [...idle, ...slow]) socket.destroy();
    }
  }),
);

faults.run();
