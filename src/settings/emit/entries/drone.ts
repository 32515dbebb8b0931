import { yamlName } from '../../define.ts';
import { allSettings, defaultText, kindText, type Owner } from '../owner.ts';
import { indented, quoted } from '../yaml.ts';

const types: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int: 'number',
  list: 'array',
  map: 'object',
};

/** `properties:` of an entry in the index of Drone's plugins: all five keys of each are demanded there. */
export const indexProperties = (owners: readonly Owner[]): string =>
  [
    'properties:',
    ...allSettings(owners).map(([key, setting]) => {
      const preset = setting.default === undefined ? '' : (defaultText(setting) ?? '');
      const without = setting.otherwise ? ` Without it: ${setting.otherwise}.` : '';
      return `  ${yamlName(key)}:
    type: ${types[setting.is.kind] ?? 'string'}
    defaultValue: ${quoted(preset)}
    description: ${quoted(`${setting.about} (${kindText(setting)})${without}`)}
    secret: ${setting.secret ?? false}
    required: false`;
    }),
  ].join('\n');

/** `example:`, a whole pipeline. */
export const indexExample = (pipeline: string): string =>
  `example: |\n${indented(pipeline.trimEnd(), 2)}`;
