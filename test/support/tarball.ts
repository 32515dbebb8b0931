import { gzipSync } from 'node:zlib';

/** One entry as it will stand in the archive, however odd. */
export type Entry = {
  readonly path: string;
  /** Type flag: a file by default, `5` a folder, `2` a symbolic link, `1` a hard link, `3` a device … */
  readonly flag?: string;
  readonly body?: string | Uint8Array;
  readonly mode?: number;
  readonly target?: string;
  /** Size in the header, where that lies. */
  readonly size?: number;
  /** Extended header before it. */
  readonly pax?: Readonly<Record<string, string>>;
};

const block = 512;
const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);

function header(entry: Entry, size: number): Buffer {
  const head = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number): void =>
    void head.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  head.write(entry.path, 0, 100, 'utf8');
  octal(entry.mode ?? 0o664, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.size ?? size, 124, 12);
  octal(1_700_000_000, 136, 12);
  head.write(' '.repeat(8), 148, 'latin1');
  head.write(entry.flag ?? '0', 156, 'latin1');
  head.write(entry.target ?? '', 157, 100, 'utf8');
  head.write('ustar\u000000', 257, 'latin1');
  head.write('root', 265, 'latin1');
  head.write('root', 297, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}

function paxText(fields: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(fields).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const bytes = Buffer.byteLength(rest);
    const own = String(bytes + String(bytes).length).length;
    return `${bytes + own}${rest}`;
  });
  return Buffer.from(lines.join(''));
}

export function entryBytes(entry: Entry): Buffer {
  const body = Buffer.from(entry.body ?? '');
  const extra = entry.pax ? paxText(entry.pax) : undefined;
  return Buffer.concat([
    ...(extra ? [header({ path: 'pax_header', flag: 'x' }, extra.length), padded(extra)] : []),
    header(entry, body.length),
    padded(body),
  ]);
}

/** What `git archive` writes first: which commit it is. */
export function globalHeader(fields: Readonly<Record<string, string>>): Buffer {
  const text = paxText(fields);
  const head = header({ path: 'pax_global_header', flag: 'g', mode: 0o666 }, text.length);
  return Buffer.concat([head, padded(text)]);
}

export const ending = Buffer.alloc(2 * block);

export type Making = { readonly sha?: string; readonly isOpen?: true };

/** A tar as Git makes it, or as nobody would. */
export const tarOf = (entries: readonly Entry[], { sha, isOpen }: Making = {}): Buffer =>
  Buffer.concat([
    ...(sha ? [globalHeader({ comment: sha })] : []),
    ...entries.map(entryBytes),
    ...(isOpen ? [] : [ending]),
  ]);

/** The archive of a forge: everything in one folder, folders before what is in them. */
export function archiveOf(
  files: Readonly<Record<string, string | Omit<Entry, 'path'>>>,
  { sha, top = 'octo-hello-5555555' }: Making & { readonly top?: string } = {},
): Buffer {
  const folders = new Set<string>();
  for (const path of Object.keys(files)) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      folders.add(parts.slice(0, depth).join('/'));
    }
  }
  const folder = (path: string): Entry => ({ path: `${path}/`, flag: '5', mode: 0o775 });
  const entries: Entry[] = [
    folder(top),
    ...[...folders].map((path) => folder(`${top}/${path}`)),
    ...Object.entries(files).map(([path, file]) => ({
      ...(typeof file === 'string' ? { body: file } : file),
      path: `${top}/${path}`,
    })),
  ];
  return gzipSync(tarOf(entries, sha ? { sha } : {}));
}
