import { TextDecoder } from 'node:util';
import { isObject, jsonOf } from '../settings/rules.ts';
import { type Headers, header, type Reading } from './hook.ts';

export type Body = Readonly<Record<string, unknown>>;
type Read = { readonly body: Body } | { readonly refused: Reading };

const refused = (status: 400 | 415, why: string): { readonly refused: Reading } => ({
  refused: { kind: 'refused', status, why },
});

/** A JSON object in UTF-8; `form`: GitHub may send it as the field `payload` of a form too. */
export function readBody(bytes: Uint8Array, headers: Headers, form = false): Read {
  const [type = ''] = (header(headers, 'content-type') ?? '').toLowerCase().split(';');
  const isForm = type.trim() === 'application/x-www-form-urlencoded';
  if (type.trim() !== 'application/json' && !(form && isForm)) {
    return refused(415, 'is not application/json: choose that as the content type of the webhook');
  }
  const text = utf8(bytes);
  if (text === undefined) return refused(400, 'is not UTF-8');
  const json = isForm ? new URLSearchParams(text).get('payload') : text;
  const body = json === null ? undefined : jsonOf(json);
  return isObject(body) ? { body } : refused(400, 'is not a JSON object');
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What stands at a path of objects; a list may be anywhere, and is none. */
export function at(body: unknown, ...path: readonly string[]): unknown {
  let value = body;
  for (const key of path) {
    if (!isObject(value)) return undefined;
    value = value[key];
  }
  return value;
}

export const textAt = (body: unknown, ...path: readonly string[]): string | undefined => {
  const value = at(body, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
