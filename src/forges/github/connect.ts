import type { Clock } from '../../clock.ts';
import { collect, type Fault, quoted, SettingsError } from '../../errors.ts';
import type { Http } from '../../http/http.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import type { Loaded } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import type { commitStatusSettings } from '../settings.ts';
import { apiUrlOf } from './api-url.ts';
import { readAppKey } from './app-key.ts';
import { type Credential, createGithub, type Github } from './client.ts';
import type { githubSettings } from './settings.ts';

export type GithubValues = Values<typeof githubSettings & typeof commitStatusSettings>;
type Permissions = Readonly<Record<string, 'read' | 'write'>>;

export const valuesOf = (loaded: Loaded): GithubValues => loaded.values as GithubValues;

/** The name that the author used for a setting. */
const nameIn = ({ origins }: Loaded, key: string, name: string): string => origins.get(key) ?? name;

/** Why the order cannot be reported to GitHub at all; undefined when it can. */
export function obstacle(loaded: Loaded, order: Order): string | undefined {
  const { githubToken, githubAppId } = valuesOf(loaded);
  if (order.forge && order.forge !== 'github') return `the repository is on ${order.forge}`;
  if (!githubToken && !githubAppId) return 'no github_token';
  if (!order.repo) return 'no repository is known: set repo';
  return isRepo(order.repo) ? undefined : `${order.repo} is not owner/name`;
}

const isRepo = (repo: string): boolean => repo.split('/').length === 2;

export function credentialsOf(loaded: Loaded, order: Order): readonly CredentialUse[] {
  const { githubApiUrl, githubAppId, githubToken } = valuesOf(loaded);
  if (!githubAppId && !githubToken) return [];
  const host = new URL(apiUrlOf(githubApiUrl, order.repoUrl)).host;
  return [{ setting: githubAppId ? 'github_app_private_key' : 'github_token', host }];
}

type Place = { readonly http: Http; readonly clock: Clock; readonly log: Log };

/** The repository's client. Throws a SettingsError with everything that is missing, `more` included. */
export function connectGithub(
  loaded: Loaded,
  order: Order,
  place: Place,
  permissions: Permissions,
  more: readonly (Fault | undefined)[] = [],
  why = 'to report to GitHub',
): Github {
  const faults = more.filter((fault) => fault !== undefined);
  const auth = collect(faults, () => credentialOf(loaded, permissions, why));
  const { repo } = order;
  if (!repo || !isRepo(repo)) {
    const message = repo ? `must be owner/name, got ${quoted(repo)}` : `is required ${why}`;
    faults.push({ name: 'repo', message });
  }
  const elsewhere = order.forge !== undefined && order.forge !== 'github';
  if (elsewhere && !valuesOf(loaded).githubApiUrl) {
    const message = `is required: this build's repository is on ${order.forge}, where the GitHub credential must not go`;
    faults.push({ name: 'github_api_url', message });
  }
  if (order.unprovenHost && !valuesOf(loaded).githubApiUrl) {
    const message = `is required here, such as https://${order.unprovenHost}/api/v3: whoever runs the build may have set the repository's link, so the GitHub credential does not follow it`;
    faults.push({ name: 'github_api_url', message });
  }
  if (!auth || !repo || faults.length > 0) throw new SettingsError(faults);
  const apiUrl = apiUrlOf(valuesOf(loaded).githubApiUrl, order.repoUrl);
  const { http, clock, log } = place;
  return createGithub({ http, clock, log, apiUrl, repo, auth });
}

/** An App is chosen on purpose, a token may have come along by itself: the App goes first. */
function credentialOf(loaded: Loaded, permissions: Permissions, why: string): Credential {
  const values = valuesOf(loaded);
  const { githubAppId: appId, githubAppPrivateKey: raw, githubToken: token } = values;
  const keyName = nameIn(loaded, 'githubAppPrivateKey', 'github_app_private_key');
  if (appId && raw) {
    const installationId = values.githubAppInstallationId;
    const key = readAppKey(raw, keyName);
    return { kind: 'app', setting: keyName, appId, key, installationId, permissions };
  }
  if (appId) {
    throw new SettingsError([{ name: keyName, message: 'is required beside github_app_id' }]);
  }
  if (raw) {
    const name = nameIn(loaded, 'githubAppId', 'github_app_id');
    throw new SettingsError([{ name, message: 'is required beside github_app_private_key' }]);
  }
  if (token)
    return { kind: 'token', setting: nameIn(loaded, 'githubToken', 'github_token'), token };
  const message = `is required ${why} (or github_app_id and github_app_private_key)`;
  throw new SettingsError([{ name: 'github_token', message }]);
}
