import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import { baseUrlOf } from '../base-url.ts';
import type { Site } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { gitlabSettings } from './settings.ts';

export type GitlabPlace = Site & {
  /** Of the project. */
  readonly project: string;
  /** Of its repository. */
  readonly api: string;
  /** Of a commit, for people; of the project where nothing but its number is known. */
  pageOf(sha: string): string;
  /** Of what the server says of the token. */
  readonly tokenUrl: string;
};

/** What GitLab gives to each job of its CI. */
export const isJobToken = (token: string | undefined): boolean =>
  token?.startsWith('glcbt-') ?? false;

/** Where the order's project is, and how it is asked. */
export function gitlabPlace(loaded: Loaded, order: Order): GitlabPlace {
  const { gitlabToken: token, gitlabProject } = valuesOf(loaded);
  const base = urlOf(loaded, order);
  const repo = gitlabProject ?? repoOf(order);
  const project = `${base}/api/v4/projects/${encodeURIComponent(repo)}`;
  return {
    repo,
    host: new URL(base).host,
    project,
    api: `${project}/repository`,
    pageOf: (sha) =>
      repo.includes('/') ? `${base}/${repo}/-/commit/${sha}` : `${base}/projects/${repo}`,
    tokenUrl: `${base}/api/v4/personal_access_tokens/self`,
    headers: token ? { [isJobToken(token) ? 'job-token' : 'private-token']: token } : {},
    setting: writtenName(loaded, 'gitlabToken'),
    needs: 'the scope `read_api` and the role Reporter',
  };
}

export const gitlabCredentials = (loaded: Loaded, order: Order): readonly CredentialUse[] =>
  valuesOf(loaded).gitlabToken
    ? [{ setting: 'gitlab_token', host: new URL(urlOf(loaded, order)).host }]
    : [];

export const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof gitlabSettings>;

const urlOf = (loaded: Loaded, order: Order): string =>
  baseUrlOf(
    {
      id: 'gitlab',
      name: writtenName(loaded, 'gitlabUrl'),
      written: valuesOf(loaded).gitlabUrl,
      usual: 'https://gitlab.com',
    },
    order,
  );
