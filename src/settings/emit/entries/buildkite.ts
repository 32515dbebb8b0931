import { execDockerRun } from '../docker-run.ts';
import { indented, quoted } from '../yaml.ts';
import { type Input, open, variablesOf } from './inputs.ts';

const types: Readonly<Record<string, string>> = {
  bool: '[boolean, string]',
  int: '[integer, string]',
  list: '[array, string]',
};

/** `properties:` of plugin.yml. The agent loses how the keys of a map are written, so a map is JSON in a text. */
export const buildkiteProperties = (inputs: readonly Input[]): string =>
  open(inputs)
    .map(
      ({ name, about, kind }) => `    ${name}:
      description: ${quoted(about)}
      type: ${types[kind] ?? 'string'}`,
    )
    .join('\n');

/** The settings by the names that the hook looks for, one a line. */
export const buildkiteNames = (inputs: readonly Input[]): string =>
  ['settings=(', ...open(inputs).map(({ name }) => `  ${name.toUpperCase()}`), ')'].join('\n');

export const buildkiteRun = (inputs: readonly Input[], facts: readonly string[]): string =>
  indented(execDockerRun([...facts, ...variablesOf(inputs)]), 2);
