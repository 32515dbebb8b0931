import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStore } from '../../src/store/open.ts';
import type { Store, StoreDeps, StoreOptions } from '../../src/store/store.ts';
import { testStore } from './contract.ts';
import type { Ground } from './ground.ts';

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
      // What close() leaves is what a crash leaves; test/store/killed.test.ts kills real processes.
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
