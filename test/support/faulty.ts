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
  | 'empty'
  /** JSON of another shape than the service's: a list, and an object. */
  | 'strange list after'
  | 'strange object after'
  | '400'
  | '401'
  | '403'
  | '404'
  | '404 page'
  | '429'
  | '500'
  | '500 after'
  | '502 after'
  | '503';

/** What every fake service tells of itself, and takes. */
export type Faulty<Exchange> = {
  readonly url: string;
  readonly host: string;
  readonly token: string;
  /** What no well-mannered client sends. */
  readonly complaints: readonly string[];
  readonly exchanges: readonly Exchange[];
  readonly seen: readonly IncomingMessage[];
  /** When each of them arrived, in the world's time; and the looks at what goes on alone. */
  readonly times: readonly number[];
  readonly looks: readonly number[];
  /** The next requests of this exchange go wrong, one fault each. */
  fail(exchange: Exchange, ...faults: readonly Fault[]): void;
  /** The nth request of all goes wrong. */
  failAt(nth: number, fault: Fault): void;
  /** Called when a request has been dealt with, or has been left hanging. */
  onExchange: (exchange: Exchange, count: number) => void;
  close(): Promise<void>;
};

/** Which requests of a fake go wrong, by what they ask for or by their number. */
export function createFaults<Exchange>() {
  const byExchange = new Map<Exchange, Fault[]>();
  const byNumber = new Map<number, Fault>();
  return {
    /** The next requests of this exchange go wrong, one fault each. */
    fail: (exchange: Exchange, ...more: readonly Fault[]): void =>
      void byExchange.set(exchange, [...(byExchange.get(exchange) ?? []), ...more]),
    /** The nth request of all goes wrong. */
    failAt: (nth: number, fault: Fault): void => void byNumber.set(nth, fault),
    /** Of the request that is the nth of all. */
    take: (exchange: Exchange, nth: number): Fault | undefined =>
      byNumber.get(nth) ?? byExchange.get(exchange)?.shift(),
  };
}

/** The service has not acted, and never will. */
export const isBefore = (fault: Fault | undefined): fault is Fault =>
  fault !== undefined && fault !== 'none' && !fault.endsWith('after');

const strangeList = '[null,7,"x",{},[]]';
const strangeObject = '{"values":[null,7,"x",{},[]],"last_pipeline":7}';

/** Answers with JSON, as far as the fault lets it. */
export function sendFaulty(
  response: ServerResponse,
  fault: Fault | undefined,
  status: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const json = { 'content-type': 'application/json', ...more };
  if (fault?.startsWith('cut')) response.destroy();
  else if (fault?.startsWith('hang')) return;
  else if (fault === 'strange list after') response.writeHead(200, json).end(strangeList);
  else if (fault === 'strange object after') response.writeHead(200, json).end(strangeObject);
  else if (fault === 'empty') response.writeHead(200, json).end();
  else if (fault?.startsWith('html')) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  } else if (fault === 'half after') {
    response.writeHead(status, { ...json, 'content-length': body.length });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  } else if (fault === '404 page') response.writeHead(404).end('404 page not found');
  else if (fault === '429') response.writeHead(429, { ...json, 'retry-after': '2' }).end(body);
  else response.writeHead(fault === '500 after' ? 500 : status, json).end(body);
}
