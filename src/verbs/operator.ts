import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../deployments/config.ts';
import { readConfig } from '../deployments/read.ts';
import type { FileFault } from '../deployments/tree.ts';
import { type Fault, quoted, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { envName, type Values } from '../settings/define.ts';
import { type Loaded, load, type Reading } from '../settings/load.ts';
import { serverSettings } from '../settings/server.ts';
import { fromEnv, fromFlags, fromVendors, type Source } from '../settings/sources.ts';
import { unknownNames, warningOf } from '../settings/written.ts';
import { catalog } from './owners.ts';
import type { Flags } from './read.ts';

/** What an operator wrote: slipway.yml, whose values of secrets have not been read. */
export type Operator = {
  /** As it was named. */
  readonly file: string;
  readonly config: Config;
  readonly faults: readonly Fault[];
  /** Lines for people. */
  readonly warnings: readonly string[];
  /** Paths in it are relative to it. */
  readonly reading: Reading;
};

/** `--config`, else SLIPWAY_CONFIG; undefined: nobody named one. */
export const configFile = (host: Host, flags: Flags): string | undefined =>
  flags.config || host.env.SLIPWAY_CONFIG || undefined;

/** Where nobody named another. */
const usualFile = 'slipway.yml';

/** Throws a SettingsError where there is no such file. */
export function readOperator(host: Host, named: string | undefined): Operator {
  const file = named ?? usualFile;
  const path = resolve(host.cwd, file);
  const reading: Reading = {
    emptyMeansMissing: false,
    readFile: (name) => readFileSync(resolve(dirname(path), name), 'utf8'),
  };
  const { config, faults, warnings } = readConfig(textOf(host, named), catalog, reading);
  return {
    file,
    config,
    reading,
    faults: faults.map((fault) => ({ name: placeOf(file, fault), message: fault.message })),
    warnings: warnings.map((warning) => `${placeOf(file, warning)} ${warning.message}`),
  };
}

/** `slipway.yml:12: deployments[0].name`, which editors and terminals make a link of. */
export const placeOf = (file: string, { line, path }: Pick<FileFault, 'line' | 'path'>): string =>
  `${file}${line > 0 ? `:${line}` : ''}${path ? `: ${path}` : ''}`;

function textOf({ cwd }: Host, named: string | undefined): string {
  try {
    return readFileSync(resolve(cwd, named ?? usualFile), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    const fault: Fault =
      named === undefined
        ? {
            name: usualFile,
            message: `cannot be read in the working folder ${cwd} (${code}): name the file by --config or SLIPWAY_CONFIG`,
          }
        : {
            name: '--config or SLIPWAY_CONFIG',
            message: `names a file that cannot be read: ${quoted(named)} (${code})`,
          };
    throw new SettingsError([fault]);
  }
}

export type ServerValues = Values<typeof serverSettings>;
export type Server = {
  /** Whole only where nothing is at fault. */
  readonly values: Partial<ServerValues>;
  readonly loaded: Loaded;
  readonly faults: readonly Fault[];
  /** Variables that only this product reads, with what each source has of them. */
  readonly own: readonly Source[];
};

/** Settings of the server itself. */
export function readServer(host: Host, flags: Flags): Server {
  const { vendor } = serverSettings.databaseUrl;
  const own = [fromEnv(host.env, 'PLUGIN_'), fromEnv(host.env, 'SLIPWAY_')];
  const vendors = fromVendors(host.env, (name) => (name === 'database_url' ? vendor : []));
  const reading: Reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(serverSettings, [fromFlags(flags), ...own, vendors], reading);
  return { values: loaded.values as Partial<ServerValues>, loaded, faults: loaded.faults, own };
}

/** What the server cannot start without. */
export function demandServer({ loaded: { values, faulty } }: Server): readonly Fault[] {
  if (values.publicUrl !== undefined || faulty.has('publicUrl')) return [];
  const message = `is required: ${serverSettings.publicUrl.about}`;
  return [{ name: envName('publicUrl', 'SLIPWAY_'), message }];
}

/** Variables that look like settings of the server and are none; a secret's variable may have any name. */
export function unknownVariables({ own }: Server, config: Config): readonly string[] {
  const refs = [
    ...config.tokens.map(({ value }) => value),
    ...config.webhooks.map(({ value }) => value),
    ...config.deployments.flatMap(({ secrets }) => Object.values(secrets)),
  ];
  const named = refs.flatMap((ref) => ('env' in ref ? [ref.env.replace(/^[^_]*_/, '')] : []));
  const known = new Set(['config', ...named.map((name) => name.toLowerCase())]);
  return unknownNames(serverSettings, own, known).map(warningOf);
}
