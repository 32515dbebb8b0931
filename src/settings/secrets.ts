import type { Table } from './define.ts';
import { isObject, jsonOf } from './rules.ts';

/**
 * Every text that must not leave: the values of the secret settings, and what gives access inside them. A map is
 * secret as a whole and holds ordinary words, too: an entry that stands in a text which everybody sees is none.
 */
export function secretTexts(
  table: Table,
  values: Readonly<Record<string, unknown>>,
  seen: readonly string[] = [],
): string[] {
  const isSeen = (text: string): boolean => seen.some((shown) => shown.includes(text));
  const texts = Object.entries(table).flatMap(([key, setting]) => {
    const value = values[key];
    if (!setting.secret || value === undefined) return [];
    if (!isObject(value)) return [String(value), ...partsOf(String(value)).filter(isHidden)];
    const entries = Object.values(value).map(String);
    return entries.flatMap((text) => [text, ...partsOf(text)]).filter(isHidden);
  });
  return [...new Set(texts)];

  function isHidden(text: string): boolean {
    return !['', 'true', 'false', 'null'].includes(text) && !isSeen(text);
  }
}

/** A URL's user info, path and query; a header's credential; a key behind its base64. */
function partsOf(text: string): readonly string[] {
  if (text.startsWith('http') && /^https?:\/\//.test(text) && URL.canParse(text)) {
    return urlParts(new URL(text));
  }
  // The lines of a key are looked for anyway.
  if (text.includes('-----BEGIN') && text.trimStart().startsWith('-----BEGIN')) return [];
  const trimmed = text.trim();
  const [, scheme, credential = ''] =
    (trimmed.includes(' ') && /^(basic|bearer|token|apikey)\s+(\S+)$/i.exec(trimmed)) || [];
  const decoded = decode(credential || trimmed);
  if (scheme?.toLowerCase() === 'basic') return [credential, decoded, ...passwordOf(decoded)];
  if (scheme) return [credential];
  return [...(decoded.startsWith('-----BEGIN') ? [decoded] : []), ...piecesOf(text)];
}

/** What looks like a credential in a service account, a cookie or a template: programs show it alone. */
function piecesOf(text: string): readonly string[] {
  const pieces = text.split(/[\s;,&="'{}]+/);
  if (pieces.length === 1) return [];
  const quoted = [...text.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([literal]) => jsonOf(literal));
  return [...quoted.map(String), ...pieces].filter(looksSecret);
}

const looksSecret = (text: string): boolean =>
  /^(?!https?:\/\/)(?=.*\d)(?=.*[a-z])\S{12,}$/i.test(text) || text.startsWith('-----BEGIN');

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
const passwordOf = (pair: string): readonly string[] =>
  pair.includes(':') ? [pair.slice(pair.indexOf(':') + 1)] : [];

function urlParts(url: URL): readonly string[] {
  // A user beside a password is a name (`git`, `convox`), and a short path is `/deploy`: words of any log.
  const user = url.password ? [] : [url.username];
  const path = url.pathname.length >= 8 ? [url.pathname] : [];
  const raw = [...user, url.password, ...path, url.search.slice(1)].filter(Boolean);
  const pair = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  // As it goes out in a header.
  const basic = url.password ? [Buffer.from(pair).toString('base64').replace(/=+$/, '')] : [];
  return [...raw, ...raw.map(decodePercent), ...url.searchParams.values(), ...basic];
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
