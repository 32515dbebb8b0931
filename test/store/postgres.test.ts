import { suite } from 'uvu';
import { openStore } from '../../src/store/open.ts';
import type { Store, StoreDeps, StoreOptions } from '../../src/store/store.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { testStore } from './contract.ts';
import type { Ground } from './ground.ts';

const leaseMs = 10_000;
let starting: Promise<Postgres> | undefined;
/** One cluster for all tests of this file; a database for each. */
const cluster = (): Promise<Postgres> => {
  starting ??= startPostgres();
  return starting;
};

async function postgresGround(): Promise<Ground> {
  const postgres = await cluster();
  const databaseUrl = postgres.database();
  const stores: Store[] = [];
  const open = async (deps: StoreDeps, options?: Partial<StoreOptions>): Promise<Store> => {
    const store = await openStore({ dataDir: '/nowhere', databaseUrl }, deps, {
      leaseMs,
      ...options,
    });
    stores.push(store);
    return store;
  };
  return {
    open,
    peer: (_, deps) => open(deps),
    async outlive(store, deps) {
      stores.splice(stores.indexOf(store), 1);
      await store.close();
      // Nobody renews; so much time has passed by the database's clock.
      postgres.sql(
        databaseUrl,
        "UPDATE slipway_queue.job SET heartbeat_on = heartbeat_on - interval '1 hour' WHERE state = 'active'",
      );
      return open(deps);
    },
    async end() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

testStore('postgres', postgresGround);

const over = suite('postgres: the end');
over('leaves no server behind', async () => {
  await (await cluster()).end();
});
over.run();
