import { randomFillSync } from 'node:crypto';
import type { Clock } from '../clock.ts';

const hex = (value: number | bigint, length: number): string =>
  value.toString(16).padStart(length, '0');

/**
 * UUIDs of version 7 (RFC 9562), each higher than the one before, whatever the clock does: jobs of one moment are told
 * apart by them, first come first served.
 */
export function createIds(clock: Clock): () => string {
  const random = createRandom();
  let last = 0;
  let count = 0;
  return () => {
    const now = clock.now();
    count = now > last ? 0 : count + 1;
    // 12 bits of counter; a moment with more borrows from the next.
    if (count > 0xfff) count = 0;
    last = count === 0 ? Math.max(now, last + 1) : last;
    const tail = random() & 0x3fff_ffff_ffff_ffffn;
    const digits = `${hex(last, 12)}7${hex(count, 3)}${hex(tail | (1n << 63n), 16)}`;
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}

/** 64 random bits at a time, fetched for many at once: each fetch is a call of the system. */
function createRandom(): () => bigint {
  const pool = Buffer.alloc(4096);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += 8;
    return pool.readBigUInt64BE(at - 8);
  };
}
