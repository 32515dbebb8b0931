import type { Table } from './define.ts';
import { isObject } from './rules.ts';

/** Every text that must not leave: the values of the secret settings, and what gives access inside them. */
export function secretTexts(table: Table, values: Readonly<Record<string, unknown>>): string[] {
  const texts = Object.entries(table).flatMap(([key, setting]) => {
    const value = values[key];
    if (!setting.secret || value === undefined) return [];
    return isObject(value) ? Object.values(value).map(String) : [String(value)];
  });
  return [...new Set(texts.flatMap((text) => [text, ...partsOf(text)]))].filter(
    (text) => !['', 'true', 'false', 'null'].includes(text),
  );
}

/** A URL's user info, path and query; a header's credential; a key behind its base64. */
function partsOf(text: string): readonly string[] {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return urlParts(new URL(text));
  const [, scheme, credential = ''] =
    /^(basic|bearer|token|apikey)\s+(\S+)$/i.exec(text.trim()) ?? [];
  const decoded = decode(credential || text.trim());
  if (scheme?.toLowerCase() === 'basic') return [credential, decoded, ...passwordOf(decoded)];
  if (scheme) return [credential];
  return decoded.startsWith('-----BEGIN') ? [decoded] : [];
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
const passwordOf = (pair: string): readonly string[] =>
  pair.includes(':') ? [pair.slice(pair.indexOf(':') + 1)] : [];

function urlParts(url: URL): readonly string[] {
  // A user beside a password is a name (`git`, `convox`), and a short path is `/deploy`: words of any log.
  const user = url.password ? [] : [url.username];
  const path = url.pathname.length >= 8 ? [url.pathname] : [];
  const raw = [...user, url.password, ...path, url.search.slice(1)].filter(Boolean);
  return [...raw, ...raw.map(decodePercent), ...url.searchParams.values()];
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
