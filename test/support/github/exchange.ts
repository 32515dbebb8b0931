import type { IncomingHttpHeaders } from 'node:http';

/** One request as it came, and how it ended. */
export type Exchange = {
  readonly at: number;
  readonly method: string;
  /** Below the API's base, without query; GraphQL's is `/graphql`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; text where it is not JSON. */
  readonly body: unknown;
  /** What was answered; undefined while it hangs, or when the answer was lost. */
  status: number | undefined;
  /** How a fault rule bent it. */
  fault: string | undefined;
};

export const looselyParsed = (raw: string): unknown => {
  if (raw === '') return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
};
