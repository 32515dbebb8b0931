import { type Store, type StoreDeps, type StoreOptions, storeDefaults } from './store.ts';

export type Where = {
  /** Folder of the embedded store. */
  readonly dataDir: string;
};

/** Loaded when it is asked for; a run without a server does not need it. */
export async function openStore(
  { dataDir }: Where,
  deps: StoreDeps,
  options: Partial<StoreOptions> = {},
): Promise<Store> {
  const all = { ...storeDefaults, ...options };
  const { openSqlite } = await import('./sqlite/open.ts');
  return openSqlite(dataDir, deps, all);
}
