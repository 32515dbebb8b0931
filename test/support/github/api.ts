import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Caller, type Credentials, demandPermission } from './credentials.ts';
import type { Description } from './openapi.ts';
import { createPager } from './paging.ts';
import type { Places } from './places.ts';
import type { RateLimit } from './rate-limit.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Reply, Route } from './route.ts';
import { type Match, matchRoute } from './routes.ts';
import { findRepo, type Repo, type World } from './world.ts';

export type Request = {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly url: URL;
  /** Below the API's base. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

export type Api = {
  readonly world: World;
  readonly credentials: Credentials;
  readonly places: Places;
  readonly rate: RateLimit;
  /** Whether rate limits exist: Enterprise Server has none by default. */
  readonly limited: boolean;
  /** Order of a deployment's statuses in GraphQL. */
  readonly newestFirst: boolean;
  readonly description: Description | undefined;
  /** Notes what no well-mannered caller does, or where the fake itself left GitHub's description. */
  readonly violate: (what: string) => void;
};

/** Finds the route and judges the request by GitHub's description, before anything is done. */
export function admit(api: Api, request: Request): Match {
  const path = byName(api.world, request.path);
  const match = matchRoute(request.method === 'HEAD' ? 'GET' : request.method, path);
  if (!match) throw new Refusal(404, 'Not Found', { violation: true });
  const { method, template } = match.route;
  const { params } = match;
  const sent = { params, query: request.url.searchParams, body: request.body };
  const faults = api.description?.request(method, template, sent) ?? [];
  if (faults.length === 0) return match;
  for (const fault of faults) api.violate(fault);
  throw new Refusal(422, 'Invalid request.', { errors: faults });
}

/** A redirect after a rename names the repository by its id. */
function byName(world: World, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
  if (id === undefined) return path;
  const repo = world.repos.find((candidate) => candidate.id === Number(id));
  return repo ? `/repos/${repo.slug}${rest}` : path;
}

export function serve(api: Api, request: Request, { route, params }: Match): Reply {
  const caller = identify(api, request, route);
  const slug = params.owner === undefined ? undefined : `${params.owner}/${params.repo}`;
  const moved = slug === undefined ? undefined : movedReply(api, request, slug);
  if (moved) return moved;
  const repo = findRepo(api.world, slug ?? api.world.repos[0]?.slug ?? '');
  if (!repo) throw notFound();
  if (slug !== undefined) demandAccess(route, caller, repo);
  const pager = createPager(request.url);
  const { world, credentials, places, rate, limited } = api;
  const { body, url } = request;
  const common = {
    world,
    credentials,
    places,
    rate,
    limited,
    repo,
    params,
    body,
    query: url.searchParams,
  };
  const reply = route.serve({ ...common, login: caller?.login ?? '', page: pager.cut });
  checkAnswer(api, route, reply);
  return withTag(request, { ...reply, headers: { ...pager.headers(), ...reply.headers } });
}

function identify(api: Api, { headers }: Request, route: Route): Caller | undefined {
  if (route.needs !== 'app') return api.credentials.identify(headers.authorization);
  api.credentials.identifyApp(headers.authorization);
  return undefined;
}

function demandAccess({ needs }: Route, caller: Caller | undefined, repo: Repo): void {
  if (!caller || typeof needs === 'string') return;
  const name = repo.slug.split('/')[1] ?? '';
  if (caller.repositories && !caller.repositories.includes(name)) throw notFound();
  const [permission, level] = needs;
  if (permission !== 'metadata') demandPermission(caller, permission, level);
  if (level === 'write' && !repo.pushable) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
}

/** A renamed repository: 301 for reads, 307 for writes, to its id. */
function movedReply(api: Api, { method, path, url }: Request, slug: string): Reply | undefined {
  const repo = api.world.renamed.get(slug.toLowerCase());
  if (!repo || findRepo(api.world, slug)) return undefined;
  const rest = path.slice(`/repos/${slug}`.length);
  const location = `${api.places.api}/repositories/${repo.id}${rest}${url.search}`;
  const message = 'Moved Permanently';
  const documentation_url =
    'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api';
  return {
    status: method === 'GET' || method === 'HEAD' ? 301 : 307,
    body: { message, url: location, documentation_url },
    headers: { location },
  };
}

/** Refusals and redirects have forms of their own; what a route answers must be what GitHub describes. */
function checkAnswer(api: Api, { method, template }: Route, { status, body }: Reply): void {
  // Only what goes over the wire counts: undefined fields do not.
  const sent = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  const faults = api.description?.answer(method, template, status, sent) ?? [];
  for (const fault of faults) api.violate(`the fake's own answer ${status}: ${fault}`);
}

/** `ETag` on what was read, and 304 for who has it already. */
function withTag({ method, headers }: Request, reply: Reply): Reply {
  if (reply.status !== 200 || (method !== 'GET' && method !== 'HEAD')) return reply;
  const digest = createHash('sha256').update(JSON.stringify(reply.body)).digest('hex');
  const etag = `W/"${digest}"`;
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim()) ?? [];
  const tagged = { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  if (known.includes(etag)) return { status: 304, headers: tagged };
  return { ...reply, headers: tagged };
}
