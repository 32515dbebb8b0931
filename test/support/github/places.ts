import { createHash } from 'node:crypto';
import type { Repo } from './world.ts';

/** Where the fake says that things live. */
export type Places = {
  /** Base of the REST API. */
  readonly api: string;
  /** Base of the pages for people. */
  readonly web: string;
  /** A signed link to an archive, on another host. */
  archive(repo: Repo, ref: string): string;
};

export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export const nodeId = (kind: string, id: number | string): string =>
  Buffer.from(`${kind}:${id}`).toString('base64');

/** A stable number for a login. */
export const userId = (login: string): number =>
  createHash('sha1').update(login).digest().readUInt32BE(0);

export function showUser(login: string, { api, web }: Places) {
  // An App's login ends in `[bot]`, which no URL may hold as it is.
  const name = encodeURIComponent(login);
  const url = `${api}/users/${name}`;
  return {
    login,
    id: userId(login),
    node_id: nodeId('User', login),
    avatar_url: `${web}/${name}.png`,
    gravatar_id: '',
    url,
    html_url: `${web}/${name}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

export const repoUrl = (repo: Repo, { api }: Places): string => `${api}/repos/${repo.slug}`;
