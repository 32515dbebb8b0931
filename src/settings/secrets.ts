import type { Table } from './define.ts';

/**
 * Every text that must not leave: values of the secret settings, the values inside secret maps, the user
 * info of secret URLs, and each line of those that have several, because output is read by lines.
 */
export function secretTexts(table: Table, values: Readonly<Record<string, unknown>>): string[] {
  const found = Object.entries(table)
    .filter(([, setting]) => setting.secret)
    .flatMap(([key]) => textsOf(values[key]));
  return [...new Set(found.flatMap((text) => [text, ...parts(text)]))].filter(
    (text) => text !== '',
  );
}

const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

function parts(text: string): readonly string[] {
  const { username = '', password = '' } = (/^https?:/.test(text) && URL.parse(text)) || {};
  const lines = text.includes('\n') ? text.split(/\r?\n/).map((line) => line.trim()) : [];
  // Short lines (`-----`, `{`) would mask half of any log.
  return [...decoded(username), ...decoded(password), ...lines.filter((line) => line.length >= 8)];
}

const decoded = (part: string): readonly string[] => {
  try {
    return [part, decodeURIComponent(part)];
  } catch {
    return [part];
  }
};
