import { Socket } from 'node:net';

/** What a program writes, in pieces; a piece is only valid until the next one is asked for. */
export type Output = AsyncIterable<Uint8Array> & { destroy(): void };

const size = 64 * 1024;

/**
 * Reads a pipe into one buffer, over and over. A stream would take a new one for each piece, and these are collected
 * so late that 200 MB of output cost 60 MB of memory.
 */
export function readOutput(fd: number): Output {
  const buffer = Buffer.alloc(size);
  let ready = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const socket = new Socket({
    ...{ fd, readable: true, writable: false },
    onread: {
      buffer,
      callback: (count) => {
        ready = count;
        wake();
        // No more before this piece was taken.
        return false;
      },
    },
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    isOver = true;
    wake();
  });

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (ready === 0 && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (ready === 0) break;
      yield buffer.subarray(0, ready);
      ready = 0;
      socket.resume();
    }
    if (failure) throw failure;
  }
  return { [Symbol.asyncIterator]: pieces, destroy: () => void socket.destroy() };
}
