import { yamlName } from '../../define.ts';
import { aligned } from '../markdown.ts';
import { allSettings, defaultText, kindText, type Owner } from '../owner.ts';

/** The table of a page in Woodpecker's index of plugins. */
export const woodpeckerSettings = (owners: readonly Owner[]): string =>
  aligned([
    ['Settings Name', 'Default', 'Description'],
    ...allSettings(owners).map(([key, setting]) => [
      `\`${yamlName(key)}\``,
      defaultText(setting) || '_none_',
      `${setting.about} (${kindText(setting)})`,
    ]),
  ]).join('\n');
