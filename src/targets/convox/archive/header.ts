import type { ByteText } from './byte-text.ts';

/** What stands before a file's bytes, or alone for a folder. */
export type Member = {
  /** Without the `/` that a folder's name ends with. */
  readonly name: ByteText;
  readonly isFolder: boolean;
  /** The twelve bits of chmod. */
  readonly mode: number;
  readonly size: number;
};

export const blockBytes = 512;

// The rack sets no times, and neither Docker's cache nor BuildKit's looks at them: the same tree, checked out twice, is to
// be the same bytes. Not 1970, for zip begins in 1980; npm packs with this very second.
const packedAt = Date.parse('1985-10-26T08:15:00Z') / 1000;
const nameBytes = 100;
const largestSize = 0o77777777777;

/** A ustar header, after a PAX one where the name or the size is too long for it. Names stay the bytes that they are. */
export function headerOf({ name, isFolder, mode, size }: Member): Buffer {
  const full = isFolder ? `${name}/` : name;
  const records: [string, ByteText][] = [];
  // PAX wants UTF-8 here. Go and GNU tar write and read any bytes, and GNU warns of the keyword that allows them.
  if (full.length > nameBytes) records.push(['path', full]);
  if (size > largestSize) records.push(['size', String(size)]);
  const kind = isFolder ? '5' : '0';
  const plain = { name: full.slice(0, nameBytes), mode, size: size > largestSize ? 0 : size, kind };
  if (records.length === 0) return ustar(plain);
  const extended = records.map(([key, value]) => recordOf(key, value)).join('');
  const head = ustar({ name: 'PaxHeader', mode: 0o644, size: extended.length, kind: 'x' });
  const body = Buffer.alloc(Math.ceil(extended.length / blockBytes) * blockBytes);
  body.write(extended, 'latin1');
  return Buffer.concat([head, body, ustar(plain)]);
}

/** Its own length is part of a record's length. */
function recordOf(key: string, value: ByteText): ByteText {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return `${length}${rest}`;
}

type Fields = {
  readonly name: ByteText;
  readonly mode: number;
  readonly size: number;
  readonly kind: string;
};

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

function ustar({ name, mode, size, kind }: Fields): Buffer {
  const header = Buffer.allocUnsafe(blockBytes).fill(0);
  header.write(name, 0, 'latin1');
  // Owner and group are root by number, and have no name: the host's mean nothing on the rack.
  header.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
  header.write(`${octal(size, 11)}\0${octal(packedAt, 11)}\0        ${kind}`, 124, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return header;
}
