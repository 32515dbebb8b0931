import { type Setting, yamlName } from '../../define.ts';
import { general } from '../../general.ts';

export type Parameter = {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly defaultValue: string;
};

/** A parameter of a stage for a caller's setting; the user reads what docs/settings.md says. */
export const parameterOf = (key: keyof typeof general, defaultValue = ''): Parameter =>
  parameterFor(key, general[key], defaultValue);

export function parameterFor(key: string, setting: Setting, defaultValue = ''): Parameter {
  return {
    name: yamlName(key),
    label: labelOf(yamlName(key)),
    description: setting.about.replaceAll('`', ''),
    defaultValue,
  };
}

const labelOf = (name: string): string =>
  name
    .split('_')
    .map((word) => (word === 'id' || word === 'url' ? word.toUpperCase() : capital(word)))
    .join(' ');
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

/** A text as JSON, which is YAML. */
export const quote = (text: string): string => JSON.stringify(text);

/** The list under `parameters:`; a Job's parameters also say which part of the manifest they fill. */
export const parameterLines = (
  parameters: readonly Parameter[],
  mappingOf?: (index: number) => string,
): readonly string[] =>
  parameters.flatMap(({ name, label, description, defaultValue }, index) => [
    `- name: ${name}`,
    `  label: ${label}`,
    `  description: ${quote(description)}`,
    '  type: string',
    `  defaultValue: ${quote(defaultValue)}`,
    `  order: ${index}`,
    ...(mappingOf ? [`  mapping: ${mappingOf(index)}`] : []),
  ]);

export const indent = (lines: readonly string[], by: number): readonly string[] =>
  lines.map((line) => (line ? ' '.repeat(by) + line : line));
