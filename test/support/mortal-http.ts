import type { Http } from '../../src/http/http.ts';

const never = new Promise<never>(() => {});

/** A client of a process that can be killed as by `kill -9`: from then on nothing is sent and nothing is heard. */
export function mortalHttp(http: Http): {
  readonly http: Http;
  isDead(): boolean;
  kill(): void;
} {
  const killed = new AbortController();
  const dead = (): boolean => killed.signal.aborted;
  const alive = async <T>(asked: Promise<T>): Promise<T> =>
    asked.then(
      (value) => (dead() ? never : value),
      (error) => (dead() ? never : Promise.reject(error)),
    );
  const hear = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, killed.signal]);
  const mortal = (inner: Http): Http => ({
    request: (exchange) =>
      dead() ? never : alive(inner.request({ ...exchange, signal: hear(exchange.signal) })),
    async socket(call) {
      if (dead()) return never;
      const socket = await alive(inner.socket({ ...call, signal: hear(call.signal) }));
      return {
        send: (message) => void (dead() || socket.send(message)),
        close: () => socket.close(),
        async *[Symbol.asyncIterator]() {
          for await (const message of socket) yield await alive(Promise.resolve(message));
          await alive(Promise.resolve());
        },
      };
    },
    trusting: (trust) => mortal(inner.trusting(trust)),
    close: () => inner.close(),
  });
  return {
    http: mortal(http),
    isDead: dead,
    kill() {
      killed.abort();
      http.close();
    },
  };
}
