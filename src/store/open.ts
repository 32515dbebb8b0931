import { type Store, type StoreDeps, type StoreOptions, storeDefaults } from './store.ts';

export type Where = {
  /** Folder of the embedded store. */
  readonly dataDir: string;
  /** PostgreSQL instead. */
  readonly databaseUrl?: string;
};

/** Loads the one store that is asked for; a run without a server needs neither. */
export async function openStore(
  { dataDir, databaseUrl }: Where,
  deps: StoreDeps,
  options: Partial<StoreOptions> = {},
): Promise<Store> {
  const all = { ...storeDefaults, ...options };
  if (databaseUrl !== undefined) {
    const { openPostgres } = await import('./postgres/open.ts');
    return openPostgres(databaseUrl, deps, all);
  }
  const { openSqlite } = await import('./sqlite/open.ts');
  return openSqlite(dataDir, deps, all);
}
