import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { createLane, type Lane } from './lane.ts';

/** Takes bytes where they are read to, so that no file is copied, and packs them on all cores. */
export type Gzip = {
  /** Where the next bytes go: what is free of the piece under way, never nothing. */
  room(): Buffer;
  /** So many bytes were put there. A promise where there is no room until it resolves. */
  filled(count: number): Promise<void> | undefined;
  put(bytes: Uint8Array): Promise<void>;
  /** Packs what is left; resolves when the sink has taken everything. */
  end(): Promise<void>;
  /** Resolves when nothing is under way any more, whatever became of it. */
  close(): Promise<void>;
};

export type Sink = (packed: readonly Uint8Array[]) => Promise<void>;

// One member, of pieces that know nothing of each other, as pigz can make them: 0.5 % larger than one stream. Where they
// end depends on the tree alone, not on the machine.
const pieceBytes = 256 * 1024;
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const lastBlock = Buffer.from([3, 0]);

// Node's pool has four threads; one more is filled, and the others wait while the walk is busy. The same on any machine, and always in turn: where a
// piece fills the buffer that the one before it in its lane has begun, zlib ends it twice, so the lanes are in the bytes.
const laneCount = 10;

export function createGzip(sink: Sink): Gzip {
  const lanes = Array.from({ length: laneCount }, () => createLane(pieceBytes));
  const [first, ...free] = lanes as [Lane, ...Lane[]];
  let lane = first;
  let used = 0;
  let sum = 0;
  let total = 0;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  let written = pass([head]);

  async function pass(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      if (!failure) await sink(pieces);
    } catch (error) {
      failure = { error };
    }
  }
  async function pack(full: Lane, count: number, before: Promise<void>): Promise<void> {
    const packing = full.pack(count).catch((error) => {
      failure ??= { error };
      return [];
    });
    await before;
    await pass(await packing);
    full.release();
    free.push(full);
    wake();
  }
  function start(): void {
    sum = crc32(lane.input.subarray(0, used), sum);
    total += used;
    written = pack(lane, used, written);
    used = 0;
  }
  async function next(): Promise<void> {
    start();
    if (free.length > 0) await turn();
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure.error;
    lane = free.shift() as Lane;
  }
  const filled = (count: number): Promise<void> | undefined => {
    used += count;
    return used === pieceBytes ? next() : undefined;
  };
  return {
    room: () => lane.input.subarray(used),
    filled,
    put: async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const count = Math.min(bytes.length - at, pieceBytes - used);
        lane.input.set(bytes.subarray(at, at + count), used);
        at += count;
        await filled(count);
      }
    },
    end: async () => {
      if (used > 0) start();
      await written;
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(sum, 0);
      trailer.writeUInt32LE(total % 2 ** 32, 4);
      await pass([lastBlock, trailer]);
      if (failure) throw failure.error;
    },
    close: async () => {
      await written;
      for (const one of lanes) one.close();
    },
  };
}
