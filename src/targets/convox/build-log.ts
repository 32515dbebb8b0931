import { createLines, hashOf } from './lines.ts';

/** So many of the last lines are compared when a stream begins anew. */
const ringSize = 512;
const tailSize = 40;
const longestTail = 2000;

/** Said while there is no log yet; a stored log does not have them. */
const filler =
  /^(?:waiting for build pod to be scheduled\.\.\.|waiting for build to start\.\.\.|build pod did not start within .*)$/;

export type BuildLog = {
  /** A connection begins: each one tells everything from the start. */
  begin(): void;
  /** What of these bytes was not passed on yet. */
  take(bytes: Uint8Array): Buffer;
  /** The connection is over; `isWhole` when the rack said so. Gives what is left. */
  end(isWhole: boolean): Buffer;
  /** Lines passed on so far. */
  count(): number;
  /** What the last connection told was an error about itself, and no log. */
  complaint(): string | undefined;
  /** The line that most likely says why a build failed. */
  cause(): string | undefined;
};

/** The log of one build, told by any number of connections, each line once. Its memory does not grow. */
export function createBuildLog(): BuildLog {
  const ring: number[] = [];
  const fillers = new Set<string>();
  const tail: string[] = [];
  let first: number | undefined;
  let count = 0;
  let lines = createLines();
  // Of this connection: how many lines are known already, and whether any came.
  let skip: number | undefined;
  let isEmpty = true;
  let held: Buffer | undefined;
  let complaint: string | undefined;

  /** How many lines from here on were passed on before. */
  function known(hash: number): number {
    if (first === undefined) return 0;
    if (hash === first) return count;
    // A log that was rotated begins somewhere in what we know.
    const at = ring.lastIndexOf(hash);
    return at < 0 ? 0 : ring.length - at;
  }

  function isNew(line: Buffer): boolean {
    const hash = hashOf(line);
    skip ??= known(hash);
    if (skip > 0) {
      const expected = skip <= ring.length ? ring[ring.length - skip] : hash;
      // Told twice is better than not at all.
      skip = expected === hash ? skip - 1 : 0;
      if (expected === hash) return false;
    }
    first ??= hash;
    count += 1;
    ring.push(hash);
    if (ring.length > ringSize) ring.shift();
    keep(line);
    return true;
  }
  function keep(line: Buffer): void {
    if (line.length > longestTail) return;
    const text = line.toString().trim();
    if (text === '') return;
    tail.push(text);
    if (tail.length > tailSize) tail.shift();
  }

  function pass(line: Buffer): boolean {
    if (line.length < 200 && line[0] !== 69 /* E */) {
      const text = line.toString('latin1').trim();
      if (filler.test(text)) {
        if (fillers.has(text)) return false;
        fillers.add(text);
        return true;
      }
    }
    return isNew(line);
  }

  function sift(all: readonly Buffer[]): Buffer {
    const news: Buffer[] = [];
    for (const line of all) {
      // Errors of the stream itself come in the place of a log.
      if (isEmpty && line.subarray(0, 7).toString('latin1') === 'ERROR: ') {
        held = line;
        isEmpty = false;
        continue;
      }
      isEmpty = false;
      const before = held;
      held = undefined;
      if (before && pass(before)) news.push(before);
      if (pass(line)) news.push(line);
    }
    return Buffer.concat(news);
  }

  return {
    begin() {
      lines = createLines();
      skip = undefined;
      isEmpty = true;
      held = undefined;
      complaint = undefined;
    },
    take: (bytes) => sift(lines.push(bytes)),
    end(isWhole) {
      const rest = isWhole ? lines.rest() : undefined;
      const last = rest ? sift([rest]) : Buffer.alloc(0);
      if (!held) return last;
      const line = held;
      held = undefined;
      if (isWhole && !ofStream.test(line.toString('latin1'))) {
        return pass(line) ? Buffer.concat([last, line]) : last;
      }
      complaint = line
        .toString()
        .replace(/^ERROR: /, '')
        .trim();
      return last;
    },
    count: () => count,
    complaint: () => complaint,
    cause: () => causeIn(tail),
  };
}

/** Says only that a command failed. */
export const isBare = (text: string): boolean => /^(?:build failed: )?exit status \d+$/.test(text);
const telling = /\b(?:error|fatal|failed|denied|cannot|not found|no such)\b/i;
const nearby = 10;

function causeIn(tail: readonly string[]): string | undefined {
  const at = tail.findLastIndex((line) => line.startsWith('ERROR: '));
  const last = tail[at]?.slice(7) ?? tail.at(-1);
  if (last === undefined || !isBare(last)) return last;
  const lines = tail.slice(0, at < 0 ? -1 : at).filter((line) => !isBare(line));
  const before = lines.slice(-nearby).findLast((line) => telling.test(line)) ?? lines.at(-1);
  return before ? `${before.replace(/^ERROR: /, '')} (${last})` : last;
}

const ofStream =
  /^ERROR: (?:invalid authentication|you are unauthorized to access this|unable to read logs|builds\S* .*not found|time: )/i;
