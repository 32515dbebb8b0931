import { envName, flagName, yamlName } from '../define.ts';
import { defaultText, kindText, type Owner, otherNames } from './owner.ts';

/** The settings for docs/settings.md: one table per owner. ● in its own column: a request to the server may set it. */
export const settingsMarkdown = (owners: readonly Owner[]): string =>
  owners.map(ownerTable).join('\n\n');

function ownerTable({ title, about, table }: Owner): string {
  const rows = Object.entries(table).map(([key, setting]) => {
    const others = otherNames(setting);
    const also = others.length > 0 ? ` Also read: ${others.join(', ')}.` : '';
    return [
      `\`${yamlName(key)}\``,
      kindText(setting),
      setting.required
        ? '**required**'
        : codeText(setting.default !== undefined, defaultText(setting)),
      setting.caller ? '●' : '',
      setting.about + also,
    ];
  });
  const head = ['Setting', 'Type', 'Default', 'Caller', 'Meaning'];
  return [`### ${title}`, '', about, '', ...aligned([head, ...rows], 'Caller')].join('\n');
}

/** Settings of the process that serves: by variable, and as flags. */
export function serverMarkdown({ table }: Owner): string {
  const rows = Object.entries(table).map(([key, setting]) => [
    `\`${envName(key, 'SLIPWAY_')}\``,
    setting.secret ? '' : `\`--${flagName(key)}\``,
    kindText(setting),
    setting.required
      ? '**required**'
      : codeText(setting.default !== undefined, defaultText(setting)),
    `${setting.about}${otherNames(setting)
      .map((name) => ` Also read: ${name}.`)
      .join('')}`,
  ]);
  return aligned([['Variable', 'Flag', 'Type', 'Default', 'Meaning'], ...rows]).join('\n');
}

const codeText = (literal: boolean, text = ''): string => {
  if (!literal) return text;
  return text === '' ? 'empty' : `\`${text}\``;
};

/** Rows as Biome formats them: every cell as wide as its column. */
export function aligned(rows: readonly (readonly string[])[], centred?: string): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const [head = []] = cells;
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = widths.map((width, at) =>
    head[at] === centred ? `:${'-'.repeat(width - 2)}:` : '-'.repeat(width),
  );
  const padded = cells.map((row) =>
    row.map((cell, at) => {
      const spare = (widths[at] ?? 0) - cell.length;
      const left = head[at] === centred ? Math.floor(spare / 2) : 0;
      return ' '.repeat(left) + cell + ' '.repeat(spare - left);
    }),
  );
  return [line(padded[0] ?? []), line(rule), ...padded.slice(1).map(line)];
}
