import path from 'node:path';
import { type Fault, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { exits } from '../outcome.ts';
import { readServer } from './operator.ts';
import type { Flags } from './read.ts';

/** `backup FILE`: the embedded store as it is now, in one file, while a server may be writing to it. */
export async function backup(host: Host, flags: Flags, file: string | undefined): Promise<number> {
  const { values, faults } = readServer(host, flags);
  const all = [...faults, ...faultsOf(file, values.databaseUrl)];
  if (all.length > 0 || !file || !values.dataDir) throw new SettingsError(all);
  const copy = path.resolve(host.cwd, file);
  const { backUp } = await import('../store/sqlite/backup.ts');
  const bytes = backUp(path.resolve(host.cwd, values.dataDir), copy);
  await host.write(`${copy} holds the whole store: ${bytes} bytes\n`);
  return exits.ok.code;
}

function faultsOf(file: string | undefined, databaseUrl: string | undefined): readonly Fault[] {
  const none = 'needs the name of a new file: slipway backup /backups/slipway.db';
  const elsewhere =
    "is set, so the runs are in PostgreSQL: take pg_dump --schema='slipway*', which works while servers run";
  return [
    ...(file ? [] : [{ name: 'backup', message: none }]),
    ...(databaseUrl === undefined ? [] : [{ name: 'database_url', message: elsewhere }]),
  ];
}
