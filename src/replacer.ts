/** Bytes to look for, and what to write in their place. */
export type Pattern = { readonly bytes: Uint8Array; readonly shown: Uint8Array };

/** Replaces patterns in bytes that come in pieces. */
export type ReplacingStream = {
  /** Pieces to pass on; they may be views of `bytes`. Keeps back only what may yet become a pattern. */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** What was kept back. The stream may be used anew afterwards. */
  end(): readonly Uint8Array[];
};

/**
 * Where patterns overlap, all they cover is replaced, once, by what the first one shows: no pattern's
 * remainder stays behind. The result does not depend on how the bytes were cut into pieces.
 */
export function createReplacer(patterns: readonly Pattern[]): () => ReplacingStream {
  const finder = createFinder(patterns.filter(({ bytes }) => bytes.length >= shortest));
  return () => createStream(finder);
}

export function replaceText(stream: ReplacingStream, text: string): string {
  const out = [...stream.push(Buffer.from(text, 'utf8')), ...stream.end()];
  return Buffer.concat(out).toString('utf8');
}

/** The skip search looks at three bytes at a time. */
export const shortest = 3;

/** A wider window would skip more at a time, and take longer to prepare than most logs to search. */
const widest = 32;

const nothing: Uint8Array = new Uint8Array(0);

type Found = { readonly at: number; readonly pattern: Pattern };
type Finder = {
  /** The first match that starts at `from` or later; of several there, the longest. */
  find(data: Uint8Array, from: number): Found | undefined;
  /** Where the longest end of `data` starts that is the beginning of a pattern; its length if none is. */
  pending(data: Uint8Array): number;
};

function createStream(finder: Finder | undefined): ReplacingStream {
  let held = nothing;
  // So many bytes at the start of `held` are covered by a replacement that was already written.
  let covered = 0;

  const run = (data: Uint8Array, limit: number, { find }: Finder): readonly Uint8Array[] => {
    const out: Uint8Array[] = [];
    let done = covered;
    for (let hit = find(data, 0); hit && hit.at < limit; hit = find(data, hit.at + 1)) {
      if (hit.at >= done) {
        if (hit.at > done) out.push(data.subarray(done, hit.at));
        out.push(hit.pattern.shown);
      }
      done = Math.max(done, hit.at + hit.pattern.bytes.length);
    }
    if (done < limit) out.push(data.subarray(done, limit));
    // A copy: a view would keep the whole piece in memory, and its owner may write over it.
    held = limit < data.length ? new Uint8Array(data.subarray(limit)) : nothing;
    covered = Math.max(0, done - limit);
    return out;
  };

  return {
    push: (bytes) => {
      if (bytes.length === 0) return [];
      if (!finder) return [bytes];
      const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      return run(data, finder.pending(data), finder);
    },
    end: () => (finder ? run(held, held.length, finder) : []),
  };
}

/**
 * Wu and Manber's search: a window as long as the shortest pattern moves over the data, and its last three
 * bytes tell how far no pattern can end. Most of the data is never looked at, however many patterns there are.
 */
function createFinder(patterns: readonly Pattern[]): Finder | undefined {
  if (patterns.length === 0) return undefined;
  const ordered = patterns.toSorted((a, b) => b.bytes.length - a.bytes.length);
  const window = Math.min(widest, ordered.at(-1)?.bytes.length ?? 0);
  const longest = ordered[0]?.bytes.length ?? 0;
  const shifts = new Uint8Array(65536).fill(window - shortest + 1);
  // By the hash of the window's last three bytes.
  const ending = createIndex(ordered);
  // By the first two bytes: what may be the beginning of a pattern.
  const starting = createIndex(ordered);
  const firsts = new Set<number>();
  // The last that is put into a list comes first: the longest, so that the first match is the longest.
  for (let index = ordered.length - 1; index >= 0; index--) {
    const { bytes } = ordered[index] as Pattern;
    for (let end = shortest - 1; end < window; end++) {
      const key = hash(bytes, end);
      const shift = window - 1 - end;
      if (at(shifts, key) > shift) shifts[key] = shift;
    }
    ending.put(hash(bytes, window - 1), index);
    starting.put(pair(bytes, 0), index);
    firsts.add(at(bytes, 0));
  }

  return {
    find: (data, from) => {
      const last = data.length;
      let end = from + window - 1;
      while (end < last) {
        const key = hash(data, end);
        const shift = at(shifts, key);
        if (shift > 0) {
          end += shift;
          continue;
        }
        const start = end - window + 1;
        const pattern = ending.find(key, ({ bytes }) => startsWith(data, start, bytes));
        if (pattern) return { at: start, pattern };
        end += 1;
      }
      return undefined;
    },
    pending: (data) => {
      const end = data.length;
      for (let start = Math.max(0, end - longest + 1); start < end - 1; start++) {
        const left = end - start;
        const begun = starting.find(
          pair(data, start),
          ({ bytes }) => bytes.length > left && agrees(data, start, bytes, left),
        );
        if (begun) return start;
      }
      return end > 0 && firsts.has(at(data, end - 1)) ? end - 1 : end;
    },
  };
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] as number;
/** Of the three bytes that end at `end`. */
const hash = (b: Uint8Array, end: number): number =>
  ((b[end - 2] as number) << 8) ^ ((b[end - 1] as number) << 4) ^ (b[end] as number);
const pair = (b: Uint8Array, start: number): number => (at(b, start) << 8) | at(b, start + 1);

// As many lists as that are quickly made, and are short.
const lists = 4096;
/** Lists of patterns by a number, in two blocks of memory: an array for each takes ms to make. */
function createIndex(patterns: readonly Pattern[]): {
  put(key: number, index: number): void;
  find(key: number, matches: (pattern: Pattern) => boolean): Pattern | undefined;
} {
  // One more than the pattern's index; 0 ends a list.
  const heads = new Uint32Array(lists);
  const nexts = new Uint32Array(patterns.length + 1);
  return {
    put: (key, index) => {
      nexts[index + 1] = at32(heads, key % lists);
      heads[key % lists] = index + 1;
    },
    find: (key, matches) => {
      for (let next = at32(heads, key % lists); next !== 0; next = at32(nexts, next)) {
        const pattern = patterns[next - 1] as Pattern;
        if (matches(pattern)) return pattern;
      }
      return undefined;
    },
  };
}
const at32 = (numbers: Uint32Array, index: number): number => numbers[index] as number;

const startsWith = (data: Uint8Array, start: number, bytes: Uint8Array): boolean =>
  start + bytes.length <= data.length && agrees(data, start, bytes, bytes.length);

function agrees(data: Uint8Array, start: number, bytes: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (data[start + i] !== bytes[i]) return false;
  }
  return true;
}
