import { demandGoing } from '../tree/stopped.ts';

/** What one of a crew has to itself. */
export type Seat = {
  /** Counted from zero. */
  readonly number: number;
  /** Aborts when the work is to end, because of somebody else's failure too. */
  readonly signal: AbortSignal;
};

/**
 * Hands items to so many workers at once, in their order. The first failure ends it: the signals of the workers and of
 * the pages abort, what is under way is waited for, and the failure is thrown.
 */
export async function crew<T>(
  read: (signal: AbortSignal) => AsyncGenerator<readonly T[]>,
  size: number,
  signal: AbortSignal,
  hire: (seat: Seat) => (item: T) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const stoppable = (): AbortSignal => AbortSignal.any([signal, stopping.signal]);
  const next = taker(read(stoppable()));
  let failure: { readonly error: unknown } | undefined;
  const one = async (number: number): Promise<void> => {
    // One each: a signal's listeners are chained, and a chain of those that have gone would be kept for long.
    const work = hire({ number, signal: stoppable() });
    try {
      for (;;) {
        const item = await next();
        if (item === undefined || failure) return;
        demandGoing(signal);
        await work(item);
      }
    } catch (error) {
      // What fails after the first was most often stopped by it.
      failure ??= { error };
      stopping.abort();
    }
  };
  await Promise.all(Array.from({ length: size }, (_, number) => one(number)));
  if (failure) throw failure.error;
}

/** One item after the other, whoever asks; undefined at the end. Only a new page is waited for. */
function taker<T>(pages: AsyncGenerator<readonly T[]>): () => Promise<T | undefined> {
  let page: readonly T[] = [];
  let at = 0;
  let isOver = false;
  let turning: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    const { value, done } = await pages.next();
    isOver = done ?? false;
    page = value ?? [];
    at = 0;
    turning = undefined;
  };
  return async () => {
    while (at >= page.length && !isOver) {
      turning ??= turn();
      await turning;
    }
    at += 1;
    return page[at - 1];
  };
}
