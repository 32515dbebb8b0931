import { yamlName } from '../define.ts';
import { allSettings, defaultText, kindText, type Owner } from './owner.ts';
import { quoted } from './plugin-yaml.ts';

/** The map `inputs:` of action.yml. None has a default there, so that an input that nobody writes is not set. */
export const actionInputs = (owners: readonly Owner[]): string =>
  mapOf(
    'inputs',
    allSettings(owners).map(([key, setting]) => {
      const preset = defaultText(setting);
      const without = preset ? ` Without it: ${preset}.` : '';
      return [yamlName(key), `${setting.about} (${kindText(setting)})${without}`];
    }),
  );

/** The map `outputs:`; a target's own are set beside them. */
export const actionOutputs = (names: readonly string[]): string =>
  mapOf(
    'outputs',
    names.map((name) => [name, `${sentenceOf(name)} of the deploy.`]),
  );

const mapOf = (name: string, entries: readonly (readonly [string, string])[]): string =>
  [
    `${name}:`,
    ...entries.flatMap(([key, about]) => [`  ${key}:`, `    description: ${quoted(about)}`]),
  ].join('\n');

const sentenceOf = (name: string): string => {
  const words = name.replaceAll('_', ' ').replace('url', 'URL');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
