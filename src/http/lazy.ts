import type { ClientOptions } from './client.ts';
import type { Http } from './http.ts';

/** Loads got with the first request: help, versions and settings faults do not need it. */
export function createHttp(options: ClientOptions): Http {
  return lazily(() => import('./client.ts').then((module) => module.createHttp(options)));
}

function lazily(load: () => Promise<Http>): Http {
  let client: Promise<Http> | undefined;
  const loaded = (): Promise<Http> => {
    client ??= load();
    return client;
  };
  return {
    request: async (exchange) => (await loaded()).request(exchange),
    socket: async (call) => (await loaded()).socket(call),
    // Its client is the loaded one's own, so it is closed with it.
    trusting: (trust) => lazily(async () => (await loaded()).trusting(trust)),
    close: () => void client?.then((http) => http.close()),
  };
}
