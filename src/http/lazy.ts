import type { ClientOptions } from './client.ts';
import type { Downloads, Http } from './http.ts';

/** Loads got with the first request: help, versions and settings faults do not need it. */
export function createHttp(options: ClientOptions): Http & Downloads {
  let client: Promise<Http & Downloads> | undefined;
  const load = (): Promise<Http & Downloads> => {
    client ??= import('./client.ts').then((module) => module.createHttp(options));
    return client;
  };
  return {
    ...lazily(load),
    download: async (download) => (await load()).download(download),
    // What was never loaded need not be.
    close: () => void client?.then((http) => http.close()),
  };
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
