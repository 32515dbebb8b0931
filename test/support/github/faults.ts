/** What can go wrong between a caller and GitHub, by rule. */

export type Canned = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  /** The server did what was asked before it answered so. */
  readonly acts?: boolean;
};

export type Fault =
  /** The connection breaks before anything was done. */
  | 'reset'
  /** It was done, and the answer is lost. */
  | 'reset-after'
  /** It was done, and the answer breaks off in the middle. */
  | 'half-body'
  /** Nothing was done, and no answer ever comes. */
  | 'hang'
  /** It was done, and no answer ever comes. */
  | 'hang-after'
  /** To a listener on another host that notes whether a credential arrived. */
  | 'redirect-elsewhere'
  /** The answer takes so long, in small pieces. */
  | { readonly slowBodyMs: number }
  /** It is done so much later, and answered then, whether or not the caller still waits. */
  | { readonly afterMs: number }
  | Canned
  /** For what depends on the server's clock. */
  | ((serverNow: number) => Canned);

export type FaultRule = {
  readonly method?: string;
  /** Of the path below the API's base, without query; GraphQL's is `/graphql`. */
  readonly path?: RegExp;
  /** Which of the matching requests, from 1; all by default. */
  readonly nth?: number | readonly number[];
  readonly do?: Fault;
  /** Changes the world just before the request is served. */
  readonly meanwhile?: () => void;
};

export function createFaults() {
  const rules: { readonly rule: FaultRule; seen: number }[] = [];
  return {
    add(rule: FaultRule): void {
      rules.push({ rule, seen: 0 });
    },
    clear(): void {
      rules.length = 0;
    },
    /** The rules that apply now; each counts what it matches, whether it applies or not. */
    take(method: string, path: string): readonly FaultRule[] {
      return rules.filter((kept) => matches(kept, method, path)).map(({ rule }) => rule);
    },
  };
}

function matches(kept: { readonly rule: FaultRule; seen: number }, method: string, path: string) {
  const { rule } = kept;
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path && !rule.path.test(path)) return false;
  kept.seen++;
  return rule.nth === undefined || [rule.nth].flat().includes(kept.seen);
}

const said = (status: number, message: string, more: object = {}): Canned => ({
  status,
  body: {
    message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
    ...more,
  },
});

/** The answers that GitHub is known to give. */
export const canned = {
  badCredentials: said(401, 'Bad credentials'),
  noPermission: said(403, 'Resource not accessible by integration'),
  notFound: said(404, 'Not Found'),
  mergeConflict: said(409, 'Conflict merging main into topic.'),
  contextsConflict: said(409, 'Conflict: Commit status checks failed for topic.', {
    errors: [{ resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
  }),
  invalid: (errors: readonly unknown[]): Canned => said(422, 'Validation Failed', { errors }),
  serverError: said(500, 'Server Error'),
  badGateway: {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
  },
  unavailable: (retryAfter?: number): Canned => ({
    ...said(503, 'Service unavailable'),
    ...waiting(retryAfter),
  }),
  /** A proxy's log-in page, say. */
  htmlPage: {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html><html><body>Sign in</body></html>',
  },
  primaryLimit:
    (resetInMs: number) =>
    (serverNow: number): Canned => ({
      ...said(403, 'API rate limit exceeded for installation ID 1.'),
      headers: {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-used': '5000',
        'x-ratelimit-resource': 'core',
        'x-ratelimit-reset': String(Math.ceil((serverNow + resetInMs) / 1000)),
      },
    }),
  secondaryLimit: (retryAfter?: number): Canned => ({
    ...said(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.'),
    ...waiting(retryAfter),
  }),
  /** GraphQL says it in an answer of 200. */
  graphqlLimit: {
    status: 200,
    body: {
      errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded for installation ID 1.' }],
    },
  },
  graphqlTimeout: {
    status: 502,
    body: { data: null, errors: [{ message: 'Something went wrong while executing your query.' }] },
  },
  tooMany: (retryAfter?: number): Canned => ({
    ...said(429, 'You have exceeded a secondary rate limit. Please wait a few minutes.'),
    ...waiting(retryAfter),
  }),
} as const;

const waiting = (retryAfter: number | undefined) =>
  retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } };
