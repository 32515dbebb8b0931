import { readFileSync } from 'node:fs';
import type { Config, Deployment, Token } from '../../src/deployments/config.ts';
import { type ReadConfig, readConfig } from '../../src/deployments/read.ts';
import { readSecrets, type Secrets } from '../../src/deployments/secrets.ts';
import { catalog } from '../../src/verbs/owners.ts';

export const reading = {
  emptyMeansMissing: false,
  readFile: (path: string): string => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  },
};
export const read = (text: string): ReadConfig => readConfig(text, catalog, reading);

/** `12: deployments[0].name must …`, in the order of the file. */
export const faultsOf = (text: string): readonly string[] =>
  read(text).faults.map(({ line, path, message }) => `${line}: ${path} ${message}`);

export const exampleText = readFileSync(
  new URL('../../examples/slipway.yml', import.meta.url),
  'utf8',
);

export function configOf(text: string): Config {
  const { config, faults } = read(text);
  if (faults.length > 0) throw new Error(JSON.stringify(faults, undefined, 2));
  return config;
}

/** Deployments alone: each a flow map beside what none can do without. */
export const deploymentsText = (...more: readonly string[]): string =>
  [
    'deployments:',
    ...more.map(
      (text, at) =>
        `  - { name: d${at}, repository: octo/d${at}, environment: production, target: command, ${text} }`,
    ),
  ].join('\n');

/** One deployment with these settings, a line each. */
export const settingsText = (settings: readonly string[], target = 'command'): string =>
  [
    'deployments:',
    '  - name: hello',
    '    repository: octo/hello',
    '    environment: production',
    `    target: ${target}`,
    '    settings:',
    ...settings.map((line) => `      ${line}`),
  ].join('\n');

export const secretsOf = (config: Config, env: Record<string, string>): Secrets =>
  readSecrets(config, { env, readFile: reading.readFile }).secrets;

export function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const found = items.find((each) => each.name === name);
  if (!found) throw new Error(`nothing is named ${name}`);
  return found;
}
export const deploymentIn = (config: Config, name: string): Deployment =>
  named(config.deployments, name);
export const tokenIn = (config: Config, name: string): Token => named(config.tokens, name);
