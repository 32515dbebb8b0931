import type { ClientOptions } from './client.ts';
import type { Http } from './http.ts';

/** Loads got with the first request: help, versions and settings faults do not need it. */
export function createHttp(options: ClientOptions): Http {
  let client: Promise<Http> | undefined;
  return {
    async request(exchange) {
      client ??= import('./client.ts').then((module) => module.createHttp(options));
      return (await client).request(exchange);
    },
    close: () => void client?.then((http) => http.close()),
  };
}
