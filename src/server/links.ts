import type { Config, Home } from '../deployments/config.ts';
import { isObject } from '../settings/rules.ts';
import type { NewRun, Run } from '../store/run.ts';

/** Every link that the server gives away, from `public_url` alone. */
export type Links = {
  /** Absolute. */
  api(path: string): string;
  /** For our own pages, behind whatever path the front has. */
  page(path: string): string;
  readonly origin: string;
  readonly isSecure: boolean;
};

export function createLinks(publicUrl: string): Links {
  const base = publicUrl.replace(/\/+$/, '');
  const { origin, protocol, pathname } = new URL(`${base}/`);
  const prefix = pathname.replace(/\/+$/, '');
  return {
    api: (path) => base + path,
    page: (path) => prefix + path,
    origin,
    isSecure: protocol === 'https:',
  };
}

/** The build or the execution that asked for a run, as it said itself; whoever shows it demands https. */
export function callerLink(request: NewRun['request'] | undefined): string | undefined {
  const settings = request?.settings;
  const link = isObject(settings) ? settings.log_url : undefined;
  return typeof link === 'string' ? link : undefined;
}

function pageOf(forge: Home, repo: string): string {
  if (forge === 'diversion') return `r/${repo}`;
  const [owner = '', name] = repo.split('/');
  if (forge !== 'bitbucket-dc') return repo;
  const group = owner.startsWith('~') ? `users/${owner.slice(1)}` : `projects/${owner}`;
  return `${group}/repos/${name}`;
}

/** Where the forge shows what a run is about; nothing where slipway.yml no longer has its deployment. */
export function forgeLinks(
  { deployments }: Config,
  run: Run,
): { readonly commit?: string; readonly deployment?: string; readonly repo?: string } {
  const found = deployments.find(({ name }) => name === run.deployment);
  if (!found || !/^[\w.~/-]+$/.test(run.repo)) return {};
  const repo = `${found.forgeUrl}/${pageOf(found.forge, run.repo)}`;
  const folder = {
    ...{ github: 'commit', gitea: 'commit', diversion: 'commit' },
    ...{ gitlab: '-/commit', bitbucket: 'commits', 'bitbucket-dc': 'commits' },
  };
  return {
    repo,
    ...(run.commit ? { commit: `${repo}/${folder[found.forge]}/${run.commit}` } : {}),
    ...(run.deploymentId && found.forge === 'github'
      ? { deployment: `${repo}/deployments/${encodeURIComponent(run.environment)}` }
      : {}),
  };
}
