import type { Clock } from '../../clock.ts';
import { sizeText } from '../tree/size.ts';

export type Pace = {
  /** So many bytes came over the network. */
  received(bytes: number): void;
  /** A file is in the tree; `isNew` where it had to be fetched. */
  settled(bytes: number, isNew: boolean): void;
  /** `5000 files (120 MiB), 400 of them fetched (12 MiB, 3.0 MiB/s)` */
  summary(): string;
};

const everyMs = 10_000;

/** How far a checkout is, and how fast; a line now and then. */
export function createPace(clock: Clock, progress: (text: string) => void): Pace {
  const startedAt = clock.now();
  let saidAt = startedAt;
  let saidBytes = 0;
  let received = 0;
  const all = { files: 0, bytes: 0 };
  const fetched = { files: 0, bytes: 0 };

  function sayNowAndThen(): void {
    const now = clock.now();
    if (now - saidAt < everyMs) return;
    const rate = rateText(received - saidBytes, now - saidAt);
    saidAt = now;
    saidBytes = received;
    progress(
      `${filesText(all.files)} of the tree fetched or there; ${sizeText(received)} fetched, ${rate}`,
    );
  }

  return {
    received(bytes) {
      received += bytes;
      sayNowAndThen();
    },
    settled(bytes, isNew) {
      for (const sum of isNew ? [all, fetched] : [all]) {
        sum.files += 1;
        sum.bytes += bytes;
      }
      sayNowAndThen();
    },
    summary() {
      const rate = rateText(received, clock.now() - startedAt);
      const of = `${filesText(all.files)} (${sizeText(all.bytes)})`;
      return `${of}, ${fetched.files} of them fetched (${sizeText(received)}, ${rate})`;
    },
  };
}

const filesText = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

const rateText = (bytes: number, ms: number): string =>
  `${sizeText(bytes / Math.max(ms / 1000, 0.001))}/s`;
