const marker = Buffer.from('F1E49A85-0AD7-4AEF-A618-C249C6E6568D:');
const longestCode = 12;

export type ExitMarker = {
  /** What of these bytes is output. */
  push(bytes: Uint8Array): Buffer;
  /** The rest, once no more comes. */
  rest(): Buffer;
  code(): number | undefined;
};

/** Takes the exit code out of a process's output, where the rack puts it; a frame may cut it anywhere. */
export function createExitMarker(): ExitMarker {
  let kept: Buffer = Buffer.alloc(0);
  let code: number | undefined;

  /** A process may print what looks like a marker: the rack's own is the last. */
  function take(): Buffer {
    const output: Buffer[] = [];
    for (let at = kept.indexOf(marker); at >= 0; at = kept.indexOf(marker)) {
      const from = at + marker.length;
      const text = kept.toString('latin1', from, from + longestCode);
      const [whole, digits] = /^(-?\d{1,10})\r?\n/.exec(text) ?? [];
      if (whole === undefined && /^-?\d{0,10}\r?$/.test(text)) {
        output.push(kept.subarray(0, at));
        kept = kept.subarray(at);
        return Buffer.concat(output);
      }
      // With other words behind it, it is the process's own.
      output.push(kept.subarray(0, whole === undefined ? from : at));
      kept = kept.subarray(from + (whole?.length ?? 0));
      if (digits !== undefined) code = Number(digits);
    }
    // Only what may be the beginning of a marker is kept back.
    const safe = kept.length - begunAtEnd(kept);
    output.push(kept.subarray(0, safe));
    kept = kept.subarray(safe);
    return Buffer.concat(output);
  }

  return {
    push(bytes) {
      kept = kept.length > 0 ? Buffer.concat([kept, bytes]) : Buffer.from(bytes);
      return take();
    },
    rest() {
      const at = kept.indexOf(marker);
      const [, digits] = /:(-?\d+)\s*$/.exec(at < 0 ? '' : kept.toString('latin1', at)) ?? [];
      if (digits !== undefined) code = Number(digits);
      const output = at < 0 ? kept : kept.subarray(0, at);
      kept = Buffer.alloc(0);
      return output;
    },
    code: () => code,
  };
}

/** How many of the last bytes are those that a marker begins with. */
function begunAtEnd(bytes: Buffer): number {
  let length = Math.min(bytes.length, marker.length - 1);
  while (length > 0 && !bytes.subarray(-length).equals(marker.subarray(0, length))) length -= 1;
  return length;
}
