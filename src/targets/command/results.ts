import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What a command wrote to `$SLIPWAY_OUTPUT`. */
export type Results = {
  readonly pairs: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
};

const mostBytes = 1024 * 1024;
const none: Results = { pairs: new Map(), faults: [] };

/** Lines `name=value`; the last of one name wins. Never throws: a bad file does not undo a deploy. */
export function readResults(path: string): Results {
  const read = readStart(path);
  if (typeof read === 'string') return { ...none, faults: [`$SLIPWAY_OUTPUT ${read}`] };
  const pairs = new Map<string, string>();
  const faults: string[] = [];
  let text = read.toString('utf8');
  if (read.length > mostBytes) {
    faults.push('$SLIPWAY_OUTPUT is larger than 1 MiB: the rest is ignored');
    text = text.slice(0, text.lastIndexOf('\n') + 1);
  }
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([^\0-\x08\x0a-\x1f]*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) pairs.set(name, value);
    // The line itself is not shown: it may be one of many of a key.
    else faults.push(`line ${index + 1} of $SLIPWAY_OUTPUT is ignored: it is not name=value`);
  }
  return { pairs, faults: faults.length > 10 ? [...faults.slice(0, 10), 'and so on'] : faults };
}

/** At most one byte more than allowed; a text says why not. */
function readStart(path: string): Buffer | string {
  try {
    // The command owns the file: a link would lead elsewhere, and a pipe would block for ever.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = openSync(path, flags);
    try {
      if (!fstatSync(file).isFile()) return 'is not a file any more';
      const buffer = Buffer.alloc(mostBytes + 1);
      let length = 0;
      for (let count = 1; count > 0 && length < buffer.length; length += count) {
        count = readSync(file, buffer, length, buffer.length - length, length);
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}
