import type { ClientOptions } from './client.ts';
import type { Downloads, Http } from './http.ts';

/** Loads got with the first request: help, versions and settings faults do not need it. */
export function createHttp(options: ClientOptions): Http & Downloads {
  let client: Promise<Http & Downloads> | undefined;
  const loaded = (): Promise<Http & Downloads> => {
    client ??= import('./client.ts').then((module) => module.createHttp(options));
    return client;
  };
  return {
    request: async (exchange) => (await loaded()).request(exchange),
    download: async (download) => (await loaded()).download(download),
    close: () => void client?.then((http) => http.close()),
  };
}
