import { posix } from 'node:path';

/**
 * A name as the file system has it: one character for each byte (`latin1`). So no name is lost or changed, whatever its
 * encoding, and names sort as their bytes do.
 */
export type ByteText = string;

const isAscii = (bytes: ByteText): boolean => !/[^\0-\x7f]/.test(bytes);

export const bytesOf = (text: string): ByteText => Buffer.from(text, 'utf8').toString('latin1');

/** For calls of node:fs. */
export const pathOf = (bytes: ByteText): string | Buffer =>
  isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1');

/** As Go reads it: UTF-8, and each byte that is none becomes U+FFFD; other decoders make one of several. */
export function textOf(bytes: ByteText): string {
  if (isAscii(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  if (bytesOf(text) === bytes) return text;
  return bytes.replace(sequence, (run) => {
    const read = Buffer.from(run, 'latin1').toString('utf8');
    return read.includes('\ufffd') && run !== '\xef\xbf\xbd' ? '\ufffd'.repeat(run.length) : read;
  });
}

const sequence =
  /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

export const isUtf8 = (bytes: ByteText): boolean => {
  const text = textOf(bytes);
  return text === bytes || bytesOf(text) === bytes;
};

/** For people: in quotes, with nothing in it that a terminal would obey. */
export const shown = (bytes: ByteText): string =>
  isUtf8(bytes)
    ? JSON.stringify(textOf(bytes)).replace(/[\x7f-\x9f]/g, escaped)
    : JSON.stringify(bytes).replace(/[\x7f-\xff]/g, escaped);

const escaped = (sign: string): string => `\\x${sign.charCodeAt(0).toString(16)}`;

/** As Go's filepath.Clean. */
export const clean = (bytes: ByteText): ByteText =>
  posix.normalize(bytes).replace(/(?<=.)\/$/s, '');

export const join = (folder: ByteText, name: ByteText): ByteText =>
  folder === '' ? name : `${folder}/${name}`;
