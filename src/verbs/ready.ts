import { judgeSecrets } from '../deployments/judge.ts';
import { readSecrets, type Secrets } from '../deployments/secrets.ts';
import { type Fault, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { openingOn } from './open-deployment.ts';
import {
  configFile,
  demandServer,
  type Operator,
  placeOf,
  readOperator,
  readServer,
  type ServerValues,
  unknownVariables,
} from './operator.ts';
import { catalog } from './owners.ts';
import type { Flags } from './read.ts';

/** Everything that a server starts with. */
export type Ready = {
  readonly server: ServerValues;
  readonly operator: Operator;
  readonly secrets: Secrets;
  /** Lines for people: what can hardly be meant, but does no harm. */
  readonly warnings: readonly string[];
};

/** Reads and judges all of it. Throws a SettingsError with every fault at once. */
export function readReady(host: Host, flags: Flags): Ready {
  const server = readServer(host, flags);
  const operator = readOperator(host, configFile(host, flags));
  const faults = [...server.faults, ...demandServer(server), ...operator.faults];
  const publicUrl = server.values.publicUrl ?? 'https://slipway.example.com';
  // A file that is not whole names no secrets that anybody could be sure of.
  const read = operator.faults.length === 0 ? secretsOf(host, operator, publicUrl) : undefined;
  const all = [...faults, ...(read?.faults ?? [])];
  if (!read || all.length > 0) throw new SettingsError(all);
  const { values, loaded } = server;
  const odd = [...loaded.warnings, ...unknownVariables(server, operator.config)];
  const warnings = [...odd, ...operator.warnings];
  return { server: values as ServerValues, operator, secrets: read.secrets, warnings };
}

/** On SIGHUP. Throws a SettingsError, and then the secrets that were read before stay in force. */
export function readSecretsAgain(host: Host, { server, operator }: Ready): Secrets {
  const { secrets, faults } = secretsOf(host, operator, server.publicUrl);
  if (faults.length > 0) throw new SettingsError(faults);
  return secrets;
}

function secretsOf(
  host: Host,
  { file, config, reading }: Operator,
  publicUrl: string,
): { readonly secrets: Secrets; readonly faults: readonly Fault[] } {
  const world = { env: host.env, readFile: reading.readFile };
  const { secrets, faults: missing } = readSecrets(config, world);
  const judged = judgeSecrets(config, secrets, catalog, reading, openingOn(host, publicUrl));
  const faults = [...missing, ...judged].map(({ name, message }) => ({
    name: placeOf(file, { line: 0, path: name }),
    message,
  }));
  return { secrets, faults };
}

/** Everything that no log of the server may show. */
export const secretValues = (
  { server, operator: { config } }: Ready,
  secrets: Secrets,
): readonly string[] =>
  [
    server.databaseUrl,
    ...config.tokens.map((token) => secrets.token(token)),
    ...config.webhooks.map((webhook) => secrets.webhook(webhook)),
    ...config.deployments.flatMap((deployment) =>
      Object.keys(deployment.secrets).map((name) => secrets.setting(deployment, name)),
    ),
  ].filter((value) => value !== undefined);
