import type { Fault } from '../errors.ts';
import type { Env } from '../settings/sources.ts';
import type { Config, Deployment, Token, Webhook } from './config.ts';
import { refText, type SecretRef } from './secret-ref.ts';

/** Functions on purpose: what holds the values cannot be logged, stored or put into an answer by accident. */
export type Secrets = {
  token(token: Token): string | undefined;
  webhook(webhook: Webhook): string | undefined;
  /** By the YAML name under which the file has it. */
  setting(deployment: Deployment, name: string): string | undefined;
};
export type World = {
  readonly env: Env;
  /** Paths are relative to slipway.yml; throws when the file cannot be read. */
  readFile(path: string): string;
};

/** At start and again on SIGHUP. Where there are faults, what was read before stays in force. */
export function readSecrets(
  config: Config,
  world: World,
): { readonly secrets: Secrets; readonly faults: readonly Fault[] } {
  const values = new Map<string, string>();
  const faults: Fault[] = [];
  const take = (name: string, ref: SecretRef): void => {
    const read = secretAt(ref, world);
    if ('value' in read) values.set(name, read.value);
    else faults.push({ name, message: `is ${refText(ref)}, which ${read.why}` });
  };
  for (const [at, { value }] of config.tokens.entries()) take(`tokens[${at}].value`, value);
  for (const { path, proof, value } of config.webhooks) take(`${path}.${proof}`, value);
  for (const { path, secrets } of config.deployments) {
    for (const [name, ref] of Object.entries(secrets)) take(`${path}.secrets.${name}`, ref);
  }
  faults.push(...tokenFaults(config, values));
  const placeOf = (token: Token): string => `tokens[${config.tokens.indexOf(token)}].value`;
  return {
    faults,
    secrets: {
      token: (token) => values.get(placeOf(token))?.trim(),
      webhook: ({ path, proof }) => values.get(`${path}.${proof}`)?.trim(),
      setting: ({ path }, name) => values.get(`${path}.secrets.${name}`),
    },
  };
}

type Read = { readonly value: string } | { readonly why: string };

function secretAt(ref: SecretRef, { env, readFile }: World): Read {
  if ('env' in ref) {
    const value = env[ref.env];
    if (value === undefined) return { why: 'is not set' };
    return value.trim() === '' ? { why: 'is empty' } : { value };
  }
  try {
    // Editors and `echo` end a file with a line break.
    const value = readFile(ref.file).replace(/\r?\n$/, '');
    return value.trim() === '' ? { why: 'is empty' } : { value };
  } catch (error) {
    const { code = 'not readable' } = error as NodeJS.ErrnoException;
    return { why: `cannot be read (${code})` };
  }
}

/** What no header can carry, what can be guessed, and two callers that nobody can tell apart. */
function tokenFaults({ tokens }: Config, values: ReadonlyMap<string, string>): readonly Fault[] {
  const seen = new Map<string, string>();
  return tokens.flatMap(({ value: ref }, at): Fault[] => {
    const name = `tokens[${at}].value`;
    const value = values.get(name)?.trim();
    if (value === undefined) return [];
    const fault = (message: string): Fault[] => [
      { name, message: `is ${refText(ref)}, ${message}` },
    ];
    const other = seen.get(value);
    seen.set(value, name);
    if (!/^[\x21-\x7e]+$/.test(value)) return fault('which holds what no header can carry');
    if (value.length < shortestToken) {
      return fault(
        `which is shorter than ${shortestToken} characters: take one from openssl rand -hex 32`,
      );
    }
    return other
      ? fault(`which has the value of ${other}: every caller needs a token of its own`)
      : [];
  });
}
const shortestToken = 16;
