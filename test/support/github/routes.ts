import type { Route } from './route.ts';
import { appRoutes } from './routes-app.ts';
import { archiveRoutes } from './routes-archives.ts';
import { commitRoutes } from './routes-commits.ts';
import { deploymentRoutes } from './routes-deployments.ts';

const routes: readonly Route[] = [
  ...appRoutes,
  ...archiveRoutes,
  ...deploymentRoutes,
  ...commitRoutes,
];

const patterns = routes.map((route) => ({ route, pattern: toPattern(route.template) }));

/** A ref may hold slashes; every other parameter is one segment. */
function toPattern(template: string): RegExp {
  const source = template
    .replaceAll('{ref}', '(?<ref>.+)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

export function matchRoute(method: string, path: string): Match | undefined {
  for (const { route, pattern } of patterns) {
    const found = route.method === method ? pattern.exec(path) : null;
    if (found) return { route, params: decodeAll(found.groups ?? {}) };
  }
  return undefined;
}

const decodeAll = (groups: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
