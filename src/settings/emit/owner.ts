import { durationText } from '../../duration.ts';
import { type Setting, type Table, yamlName } from '../define.ts';
import type { Rule } from '../rules.ts';

/** Whose settings a table holds: the product's own, a target's, a reporter's, a forge's. */
export type Owner = {
  /** Heading of its part of the docs. */
  readonly title: string;
  /** Short name, as in `help settings command`. */
  readonly owner: string;
  /** One sentence for the docs. */
  readonly about: string;
  readonly table: Table;
};

export const allSettings = (owners: readonly Owner[]): readonly (readonly [string, Setting])[] =>
  owners.flatMap(({ table }) => Object.entries(table));

/** A secret's value never stands in a command line, so it has no flag. */
export const flagged = (owners: readonly Owner[]): readonly (readonly [string, Setting])[] =>
  allSettings(owners).filter(([, { secret }]) => !secret);

export const kindText = ({ is: rule, secret }: Setting): string => {
  if (!secret) return rule.kind;
  return rule.kind === 'text' ? 'secret' : `secret ${rule.kind}`;
};

/** undefined: there is no default. */
export function defaultText(setting: Setting): string | undefined {
  const { is: rule, default: preset, otherwise } = setting;
  if (preset === undefined) return otherwise;
  return valueText(rule, preset);
}

/** A value as an author would write it. */
export function valueText(rule: Rule<unknown>, value: unknown): string {
  if (rule.kind === 'duration') return durationText(Number(value));
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** One line for an entry whose host shows a description and knows neither type nor default. */
export function inputText(setting: Setting): string {
  const preset = defaultText(setting);
  const without = preset ? ` Without it: ${preset}.` : '';
  return `${setting.about} (${kindText(setting)})${without}`;
}

/** Other names that are read for a setting: older ones, then the vendor's variables. */
export const otherNames = ({ alias = [], vendor = [] }: Setting): readonly string[] => [
  ...alias.map((name) => `\`${name}\``),
  ...vendor.map((name) => `\`${name}\``),
];

/**
 * Every name that one setting takes from others, for the test that no two settings share one: all spellings of
 * a name are one once case, `-` and `.` are gone.
 */
export const namesOf = (key: string, { alias = [], vendor = [] }: Setting): readonly string[] => [
  yamlName(key),
  ...alias,
  ...vendor.map((name) => `vendor:${name}`),
];
