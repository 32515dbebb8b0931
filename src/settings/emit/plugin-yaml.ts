import { yamlName } from '../define.ts';
import { defaultText, kindText, type Owner } from './owner.ts';
import { quoted } from './yaml.ts';

/** The list `settings:` of plugin.yml. Texts are written as JSON, which is YAML, so that none needs care. */
export function pluginSettings(owners: readonly Owner[]): string {
  const lines = owners.flatMap(({ title, owner, table }) => [
    `  # ${title}`,
    ...Object.entries(table).flatMap(([key, setting]) => {
      const preset = setting.default === undefined ? undefined : defaultText(setting);
      const { otherwise, required: isRequired = false } = setting;
      // What one target requires is nothing to a step with another.
      const isOfTarget = title.startsWith('Target ');
      const whose = isRequired && isOfTarget ? ` Required by the target ${owner}.` : '';
      const without = otherwise ? ` Without it: ${otherwise}.` : '';
      return [
        `  - name: ${yamlName(key)}`,
        `    type: ${JSON.stringify(kindText(setting))}`,
        `    required: ${isRequired && !isOfTarget}`,
        `    secret: ${setting.secret ?? false}`,
        ...(preset === undefined ? [] : [`    default: ${JSON.stringify(preset)}`]),
        `    description: ${quoted(setting.about + without + whose)}`,
      ];
    }),
  ]);
  return ['settings:', ...lines].join('\n');
}
