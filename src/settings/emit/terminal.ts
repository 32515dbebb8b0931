import { envName, flagName, type Setting, yamlName } from '../define.ts';
import { defaultText, kindText, type Owner } from './owner.ts';

const width = 80;

/** `help settings`: every setting with its type, default and meaning, in 80 columns. */
export const settingsHelp = (owners: readonly Owner[]): string =>
  owners.map(ownerHelp).join('\n\n');

function ownerHelp({ title, about, table }: Owner): string {
  const parts = Object.entries(table).map(([key, setting]) => settingHelp(key, setting));
  return [title.toUpperCase(), wrap(about, ''), ...parts].join('\n\n');
}

function settingHelp(key: string, setting: Setting): string {
  const flag = setting.secret ? '' : `  --${flagName(key)}`;
  return [
    `  ${yamlName(key)}${flag}`,
    wrap(`${kindText(setting).replaceAll('|', ' | ')}; ${presetText(setting)}`, '      '),
    wrap(setting.about, '      '),
  ].join('\n');
}

/** `help settings NAME`: the same of one, with every name under which it is read. */
export function oneSetting(key: string, setting: Setting): string {
  const { alias = [], vendor = [] } = setting;
  const names = [envName(key), ...alias.map((name) => `PLUGIN_${name.toUpperCase()}`), ...vendor];
  return [settingHelp(key, setting), wrap(`read from: ${names.join(', ')}`, '      ')].join('\n');
}

export function presetText(setting: Setting): string {
  if (setting.required) return 'required';
  const preset = defaultText(setting);
  if (preset === undefined) return 'not set';
  return `default: ${preset === '' ? 'empty' : preset}`;
}

/** A name and what it means, a line each; what is too long goes on below. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const name = Math.max(...rows.map(([each]) => each.length));
  return rows
    .map(([each, about]) => {
      const lines = wrap(about, ' '.repeat(name + 4)).trimStart();
      return `  ${each.padEnd(name)}  ${lines}`;
    })
    .join('\n');
}

/** Without the backticks of the docs, which mean nothing on a terminal. */
export const plain = (text: string): string => text.replaceAll('`', '');

/** Breaks between words; a word that is longer than a line keeps its own. */
export function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(/\s+/)) {
    if (line && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, indent + line].join('\n');
}
