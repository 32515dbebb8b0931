/** Line breaks and control characters become one space: formats of one line a value have no other way. */
export const singleLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

export const byteLength = (text: string): number => Buffer.byteLength(text);

/** The first `max` bytes of the text in UTF-8, never half a character. */
export function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  let end = max;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}

/** What a format made of the outputs, and what it could not keep. */
export type Rendered = { readonly text: string; readonly lost: readonly string[] };
