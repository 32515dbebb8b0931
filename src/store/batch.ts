import { setImmediate as nextTurn } from 'node:timers/promises';

type Waiting<I, O> = {
  readonly item: I;
  resolve(value: O): void;
  reject(error: unknown): void;
};

/**
 * Does the work of all who ask in one moment together. Whoever asks while it is done goes with the next round, so the
 * slower the disk, the more share one turn of it.
 */
export function createBatch<I, O>(
  work: (items: readonly I[]) => Promise<readonly O[]>,
  most: number,
): { add(item: I): Promise<O>; idle(): Promise<void> } {
  const waiting: Waiting<I, O>[] = [];
  let rounds: Promise<void> | undefined;

  async function round(): Promise<void> {
    const batch = waiting.splice(0, most);
    const items = batch.map(({ item }) => item);
    try {
      const results = await work(items);
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function go(): Promise<void> {
    // What has already arrived at the process is read first.
    await nextTurn();
    while (waiting.length > 0) await round();
    rounds = undefined;
  }

  return {
    add: (item) =>
      new Promise<O>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        rounds ??= go();
      }),
    idle: async () => rounds,
  };
}
