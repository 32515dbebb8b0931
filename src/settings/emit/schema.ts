import { type Setting, yamlName } from '../define.ts';
import { allSettings, defaultText, type Owner } from './owner.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const property = (setting: Setting): JsonSchema => {
  const preset = defaultText(setting);
  const note = preset === undefined || preset === '' ? '' : ` Default: ${preset}.`;
  return { ...setting.is.json, description: setting.about + note };
};

const schemaOf = (settings: readonly (readonly [string, Setting])[]): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    settings.map(([key, setting]) => [yamlName(key), property(setting)]),
  ),
});

/** What a request to the server may set; never a secret. */
export const requestSchema = (owners: readonly Owner[]): JsonSchema =>
  schemaOf(allSettings(owners).filter(([, { caller, secret }]) => caller && !secret));

/** What an operator may write under `settings:`; secrets come by reference, under `secrets:`. */
export const settingsSchema = (owners: readonly Owner[]): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Settings of Slipway',
  ...schemaOf(allSettings(owners).filter(([, { secret }]) => !secret)),
});
