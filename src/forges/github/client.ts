import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Http } from '../../http/http.ts';
import type { Log } from '../../log.ts';
import { isObject } from '../../settings/rules.ts';
import type { Patience } from '../forge.ts';
import { graphqlUrlOf, webUrlOf } from './api-url.ts';
import { createAppAuth } from './app-auth.ts';
import { type Auth, tokenAuth } from './auth.ts';
import type { Purpose } from './explain.ts';
import { createWire, type Reply, type Wire, type WireRequest } from './wire.ts';

export type Credential = { readonly setting: string } & (
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'app';
      readonly appId: string;
      readonly key: KeyObject;
      readonly installationId: string | undefined;
      readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
    }
);

export type GithubOptions = {
  readonly http: Http;
  readonly apiUrl: string;
  readonly repo: string;
  readonly auth: Credential;
  readonly clock: Clock;
  readonly log: Log;
};

type RestRequest = Patience & {
  readonly method: 'GET' | 'POST';
  /** From the repository on: `/deployments`. */
  readonly path: string;
  readonly body?: unknown;
  readonly etag?: string | undefined;
  readonly purpose: Purpose;
};

export type GraphqlError = {
  readonly type?: string;
  readonly message: string;
  readonly path?: readonly unknown[];
};

export type Github = {
  readonly repo: string;
  /** Of the repository, for people. */
  readonly webUrl: string;
  /** Setting that holds the credential. */
  readonly setting: string;
  /** Of something below the repository: `/deployments`. */
  urlOf(path: string): string;
  /** Sends by other means, and again with another token where GitHub refused this one. */
  authorized<T>(signal: AbortSignal, send: (authorization: string) => Promise<T>): Promise<T>;
  rest(request: RestRequest): Promise<Reply>;
  /** Asks once: whoever is refused goes on with REST. Errors at fields that `spare` names are let pass. */
  graphql(
    query: string,
    variables: object,
    patience: Patience,
    purpose: Purpose,
    spare?: string,
  ): Promise<unknown>;
  /** The server's time, as its last answer told it. */
  now(): number;
  /** By how many ms the server's clock is ahead of ours. */
  ahead(): number;
  granted: Auth['granted'];
};

/** One repository of GitHub. */
export function createGithub(options: GithubOptions): Github {
  const { apiUrl, repo, auth: credential } = options;
  const wire = createWire({ ...options, setting: credential.setting });
  const auth = authOf(options, wire);

  async function authorized<T>(
    signal: AbortSignal,
    use: (authorization: string) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const token = await auth.token(signal);
      try {
        return await use(`Bearer ${token}`);
      } catch (error) {
        const refused = error instanceof RemoteError && error.status === 401;
        if (!refused || !(await auth.recover(token, signal))) throw error;
      }
    }
  }

  const send = (request: WireRequest): Promise<Reply> =>
    authorized(request.signal, (authorization) => wire.send(authorization, request));
  const urlOf = (path: string): string => `${apiUrl}/repos/${repo}${path}`;

  return {
    repo,
    setting: credential.setting,
    urlOf,
    authorized,
    webUrl: `${webUrlOf(apiUrl)}/${repo}`,
    now: wire.now,
    ahead: wire.ahead,
    granted: () => auth.granted(),
    rest: ({ path, etag, until, ...request }) =>
      send({
        ...request,
        url: urlOf(path),
        ...(etag ? { etag } : {}),
        ...(until === undefined ? {} : { until }),
      }),
    async graphql(query, variables, { signal, until }, purpose, spare) {
      const url = graphqlUrlOf(apiUrl);
      const reply = await send({
        method: 'POST',
        url,
        body: { query, variables },
        repeat: 'once',
        purpose,
        signal,
        ...(until === undefined ? {} : { until }),
        // GraphQL has an allowance of its own, so nobody waits for it: REST has another.
        waits: false,
      });
      const { data, errors } = isObject(reply.body) ? reply.body : {};
      const told: readonly unknown[] = Array.isArray(errors) ? errors : [];
      const [fault] = (told.filter(isObject) as unknown as readonly GraphqlError[]).filter(
        ({ path }) => !spare || !Array.isArray(path) || path.at(-1) !== spare,
      );
      if (!fault && data) return data;
      throw new RemoteError(
        `POST ${new URL(url).host} (GraphQL) failed: ${String(fault?.message ?? 'no data')}`,
        {
          kind: 'refused',
          status: reply.status,
        },
      );
    },
  };
}

function authOf({ apiUrl, repo, auth, clock }: GithubOptions, wire: Wire): Auth {
  return auth.kind === 'token'
    ? tokenAuth(auth.token)
    : createAppAuth({ ...auth, wire, clock, apiUrl, repo });
}

/** Whether REST may know what GraphQL would not say. */
export const mayAskRest = (error: unknown): boolean =>
  error instanceof RemoteError &&
  error.status !== 401 &&
  (error.status !== undefined || error.unknown);
