import type { Api } from './api.ts';
import { arranging } from './arrange.ts';
import { createCodeload } from './codeload.ts';
import { type App, createCredentials, type Permissions } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import { createFaults, type FaultRule } from './faults.ts';
import { describe, type Flavour } from './openapi.ts';
import { createRateLimit } from './rate-limit.ts';
import { handle, type ServerParts } from './server.ts';
import { listen } from './wire.ts';
import { addRepo, createWorld, type Repo, type RepoSetup, renameRepo } from './world.ts';

export { canned, type Fault, type FaultRule } from './faults.ts';

export type FakeGithubOptions = {
  /** GitHub Enterprise Server has another base, another description, and no rate limits. */
  readonly flavour?: Flavour;
  /** The one token that is known from the start. */
  readonly token?: string;
  readonly now?: () => number;
  readonly app?: App;
  /** `false`: GraphQL is refused. */
  readonly graphql?: boolean;
  /** Order of a deployment's statuses in GraphQL, of which GitHub says nothing; oldest first by default. */
  readonly graphqlStatuses?: 'oldest-first' | 'newest-first';
  readonly latencyMs?: number;
  /** What the token, and the App's installation, may do. */
  readonly permissions?: Permissions;
  /** `false` (for demonstrations): needs no description of GitHub's and forgives manners. */
  readonly validate?: boolean;
};

export type FakeGithub = Awaited<ReturnType<typeof fakeGithub>>;

/** A GitHub of one's own: a real HTTP server on loopback that forgives nothing and remembers everything. */
export async function fakeGithub(options: FakeGithubOptions = {}) {
  const { flavour = 'dotcom', now = Date.now, validate = true, token = 'ghp_fake' } = options;
  let clockSkewMs = 0;
  const serverNow = (): number => now() + clockSkewMs;
  const world = createWorld(serverNow);
  const faults = createFaults();
  const violations: string[] = [];
  const requests: Exchange[] = [];
  const stray: Pick<Exchange, 'method' | 'path' | 'headers'>[] = [];
  const credentials = createCredentials({
    ...{ token, now: serverNow, app: options.app, permissions: options.permissions },
  });
  const restBase = flavour === 'ghes' ? '/api/v3' : '';

  const elsewhere = await listen('localhost', async (message, response) => {
    const { method = '', url: path = '', headers } = message;
    stray.push({ method, path, headers });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const violate = (what: string): void => void violations.push(what);
  const codeload = createCodeload({ faults, violate, now: serverNow });
  const archives = await listen('localhost', codeload.handle);
  const parts = (): ServerParts => ready;
  const main = await listen('127.0.0.1', (message, response, raw) =>
    handle(parts(), message, response, raw),
  );
  const web = `http://127.0.0.1:${main.port}`;
  const api: Api = {
    ...{ world, credentials, violate, rate: createRateLimit(serverNow) },
    limited: flavour === 'dotcom',
    newestFirst: options.graphqlStatuses === 'newest-first',
    places: {
      api: `${web}${restBase}`,
      web,
      archive: (repo, ref) => `http://localhost:${archives.port}${codeload.sign(repo, ref)}`,
    },
    description: validate ? describe(flavour) : undefined,
  };
  const ready: ServerParts = {
    ...{ restBase, api, faults, requests, serverNow, validate },
    graphqlPath: flavour === 'ghes' ? '/api/graphql' : '/graphql',
    graphql: options.graphql ?? true,
    latencyMs: options.latencyMs ?? 0,
    elsewhere: () => `http://localhost:${elsewhere.port}/stray`,
  };

  const arranged = arranging(world);
  return {
    /** Base of the REST API. */
    url: api.places.api,
    graphqlUrl: `${web}${ready.graphqlPath}`,
    token,
    /** Every exchange, in the order of arrival. */
    requests,
    /** What arrived at codeload. */
    downloads: codeload.downloads,
    /** What arrived at the other host that a `redirect-elsewhere` points to. */
    stray,
    violations,
    set clockSkewMs(ms: number) {
      clockSkewMs = ms;
    },
    get clockSkewMs() {
      return clockSkewMs;
    },
    repo: (slug: string, setup: RepoSetup = {}): Repo => addRepo(world, slug, setup),
    rename: (from: string, to: string): void => renameRepo(world, from, to),
    fail: (rule: FaultRule): void => faults.add(rule),
    heal: (): void => faults.clear(),
    ...arranged,
    /** Of every repository, in the order of creation. */
    get deployments() {
      return arranged.deployments();
    },
    /** Throws with everything that a caller did wrong. */
    assertClean(): void {
      const carried = stray.filter(({ headers }) => headers.authorization !== undefined);
      const leaked = carried.map(({ path }) => `a credential arrived at another host: ${path}`);
      const all = [...violations, ...leaked];
      if (all.length > 0) throw new Error(`GitHub was not used well:\n  ${all.join('\n  ')}`);
    },
    close: async (): Promise<void> => {
      await Promise.all([main.close(), elsewhere.close(), archives.close()]);
    },
  };
}
