import type { Permissions } from './credentials.ts';
import { iso, showUser, userId } from './places.ts';
import type { RateLimit } from './rate-limit.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { showRepo } from './views-repo.ts';

export const appRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: '/rate_limit',
    needs: 'user',
    serve: ({ rate, limited }) => showRates(rate, limited),
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}',
    needs: ['metadata', 'read'],
    serve: ({ repo, places }) => ({ status: 200, body: showRepo(repo, places) }),
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/installation',
    needs: 'app',
    serve: (call) => ({ status: 200, body: showInstallation(call) }),
  },
  {
    method: 'POST',
    template: '/app/installations/{installation_id}/access_tokens',
    needs: 'app',
    serve: mintToken,
  },
];

function showRates(rate: RateLimit, limited: boolean) {
  if (!limited) throw new Refusal(404, 'Rate limiting is not enabled.');
  const core = rate.show('core');
  const search = { ...core, limit: 30, used: 0, remaining: 30 };
  const resources = { core, search, graphql: rate.show('graphql') };
  return { status: 200, body: { resources, rate: core } };
}

function showInstallation({ credentials, places, repo, world }: Call) {
  const { app } = credentials;
  const [owner = ''] = repo.slug.split('/');
  if (!app) throw notFound();
  return {
    id: app.installationId,
    account: showUser(owner, places),
    repository_selection: 'all',
    access_tokens_url: `${places.api}/app/installations/${app.installationId}/access_tokens`,
    repositories_url: `${places.api}/installation/repositories`,
    html_url: `${places.web}/settings/installations/${app.installationId}`,
    app_id: Number(app.id),
    app_slug: 'slipway-app',
    target_id: userId(owner),
    target_type: 'User',
    permissions: withoutNone(credentials.granted),
    events: [],
    created_at: iso(world.now()),
    updated_at: iso(world.now()),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}

function mintToken({ credentials, params, body, world }: Call) {
  const { app } = credentials;
  if (!app || Number(params.installation_id) !== app.installationId) throw notFound();
  const wish = (body ?? {}) as { permissions?: Permissions; repositories?: readonly string[] };
  const names = world.repos.map(({ slug }) => slug.split('/')[1]);
  if (wish.repositories?.some((name) => !names.includes(name))) {
    throw new Refusal(422, 'There is at least one repository that does not exist.');
  }
  const { token, expiresAt, permissions } = credentials.mint(wish);
  return {
    status: 201,
    body: {
      token,
      expires_at: iso(expiresAt),
      permissions: withoutNone(permissions),
      repository_selection: wish.repositories ? 'selected' : 'all',
    },
  };
}

const withoutNone = (permissions: Permissions) =>
  Object.fromEntries(Object.entries(permissions).filter(([, level]) => level !== 'none'));
