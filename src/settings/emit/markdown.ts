import { yamlName } from '../define.ts';
import { defaultText, kindText, type Owner, otherNames } from './owner.ts';

/** The README's settings: one table per owner. ● in its own column: a request to the server may set it. */
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
  return [
    `### ${title}`,
    '',
    about,
    '',
    line(['Setting', 'Type', 'Default', 'Caller', 'Meaning']),
    line(['---', '---', '---', ':-:', '---']),
    ...rows.map(line),
  ].join('\n');
}

const codeText = (literal: boolean, text = ''): string => {
  if (!literal) return text;
  return text === '' ? 'empty' : `\`${text}\``;
};
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
