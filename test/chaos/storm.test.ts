/** The bounded form of `npm run chaos`: dist/slipway.mjs, real sockets, real kills. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { weather } from './storm.ts';

const chaos = suite<{ postgres: Postgres }>('chaos');
chaos.before(async (context) => {
  context.postgres = await startPostgres();
});
chaos.after(({ postgres }) => postgres.end());

const bounded = { runs: 300, clients: 64, kills: 4, seed: 1 };

chaos('keeps every run through kills, and starts each once: SQLite', async () => {
  const { broken, accepted } = await weather({ ...bounded, replicas: 1 });
  assert.equal(broken, []);
  assert.is(accepted, bounded.runs);
});

chaos('keeps every run while two replicas are killed in turn: PostgreSQL', async ({ postgres }) => {
  const databaseUrl = postgres.database();
  const { broken, accepted } = await weather({ ...bounded, replicas: 2, databaseUrl });
  assert.equal(broken, []);
  assert.is(accepted, bounded.runs);
});

for (const kind of ['SQLite', 'PostgreSQL']) {
  chaos(`keeps every run while the clock jumps by an hour: ${kind}`, async ({ postgres }) => {
    const databaseUrl = kind === 'PostgreSQL' ? { databaseUrl: postgres.database() } : {};
    const storm = { ...bounded, kills: 2, replicas: 1, clockJumps: true, ...databaseUrl };
    const { broken, accepted } = await weather(storm);
    assert.equal(broken, []);
    assert.is(accepted, bounded.runs);
  });
}

chaos.run();
