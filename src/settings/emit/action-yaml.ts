import { yamlName } from '../define.ts';
import { allSettings, inputText, type Owner } from './owner.ts';
import { quoted } from './yaml.ts';

/** The map `inputs:` of action.yml. None has a default there, so that an input that nobody writes is not set. */
export const actionInputs = (owners: readonly Owner[]): string =>
  mapOf(
    'inputs',
    allSettings(owners).map(([key, setting]) => [yamlName(key), inputText(setting)]),
  );

/** The map `outputs:`, of a sentence for each name; a target's own are set beside them. */
export const actionOutputs = (outputs: Readonly<Record<string, string>>): string =>
  mapOf('outputs', Object.entries(outputs));

const mapOf = (name: string, entries: readonly (readonly [string, string])[]): string =>
  [
    `${name}:`,
    ...entries.flatMap(([key, about]) => [`  ${key}:`, `    description: ${quoted(about)}`]),
  ].join('\n');
