/** Longer lines are passed on in pieces, cut at the same places however often they are told. */
const longest = 64 * 1024;

export type Lines = {
  /** The lines that are whole now, each with its line break. */
  push(bytes: Uint8Array): readonly Buffer[];
  /** What has no line break yet. */
  rest(): Buffer | undefined;
};

/** Bytes as lines: letters that a frame cuts in two come together again without being looked at. */
export function createLines(): Lines {
  let kept: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      const all = kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([kept, bytes]);
      const lines: Buffer[] = [];
      let from = 0;
      for (;;) {
        const at = all.indexOf(10, from);
        const end = at < 0 ? all.length : at + 1;
        if (end - from > longest) {
          lines.push(all.subarray(from, from + longest));
          from += longest;
        } else if (at < 0) break;
        else {
          lines.push(all.subarray(from, end));
          from = end;
        }
      }
      kept = all.subarray(from);
      return lines;
    },
    rest() {
      const last = kept.length > 0 ? kept : undefined;
      kept = Buffer.alloc(0);
      return last;
    },
  };
}

/** FNV-1a: tells lines apart without keeping them. */
export function hashOf(line: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of line) {
    if (byte === 10 || byte === 13) continue;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
