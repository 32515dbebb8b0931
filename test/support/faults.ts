import type { IncomingMessage, ServerResponse } from 'node:http';

/** What goes wrong at one exchange; `after` means that the service had acted by then. */
export type Fault =
  | 'none'
  | 'cut'
  | 'cut after'
  | 'half after'
  | 'hang'
  | 'hang after'
  | 'html'
  | 'html after'
  | '400'
  | '401'
  | '403'
  | '404'
  | '405'
  | '429'
  | '500'
  | '500 after'
  | '502 after'
  | '503';

/** Whether the service acts on what it is asked. */
export const isHeard = (fault: Fault | undefined): boolean =>
  fault === undefined || fault === 'none' || fault.endsWith('after');

/** What a test sees of a service on loopback, and does to it. */
export type Faulty<Exchange extends string> = {
  readonly url: string;
  readonly host: string;
  /** What no well-mannered client sends. */
  readonly complaints: readonly string[];
  /** Exchanges in the order in which they arrived. */
  readonly exchanges: readonly Exchange[];
  readonly seen: readonly IncomingMessage[];
  /** The next requests of this exchange go wrong, one fault each. */
  fail(exchange: Exchange, ...faults: readonly Fault[]): void;
  /** The nth request of all goes wrong. */
  failAt(nth: number, fault: Fault): void;
  /** Called when a request has been dealt with, or has been left hanging. */
  onExchange: (exchange: Exchange, count: number) => void;
  close(): Promise<void>;
};

/** Exchanges as they arrive, each with the fault that was planned for it. */
export function createFaults<Exchange extends string>() {
  const exchanges: Exchange[] = [];
  const next = new Map<Exchange, Fault[]>();
  const nth = new Map<number, Fault>();
  return {
    exchanges: exchanges as readonly Exchange[],
    fail: (exchange: Exchange, ...more: readonly Fault[]): void =>
      void next.set(exchange, [...(next.get(exchange) ?? []), ...more]),
    failAt: (count: number, fault: Fault): void => void nth.set(count, fault),
    arrive(exchange: Exchange): Fault | undefined {
      exchanges.push(exchange);
      return nth.get(exchanges.length) ?? next.get(exchange)?.shift();
    },
  };
}

/** A JSON answer as the fault leaves it. */
export function answerWith(
  fault: Fault | undefined,
  response: ServerResponse,
  status: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const headers = { 'content-type': 'application/json', ...more };
  if (fault?.startsWith('cut')) response.destroy();
  else if (fault?.startsWith('hang')) return;
  else if (fault?.startsWith('html')) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  } else if (fault === 'half after') {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  } else response.writeHead(fault === '500 after' ? 500 : status, headers).end(body);
}
