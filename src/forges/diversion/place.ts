import { SettingsError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import type { diversionSettings } from './settings.ts';

export type DiversionValues = Values<typeof diversionSettings>;

export const valuesOf = (loaded: Loaded): DiversionValues => loaded.values as DiversionValues;

/** Where a repository is at Diversion, and how it is asked. */
export type Place = {
  /** Id or name. */
  readonly repo: string;
  readonly token: string;
  /** Setting that holds the token, as its author wrote it. */
  readonly setting: string;
  readonly clientId: string;
  /** Without a slash at their ends. */
  readonly apiUrl: string;
  readonly authUrl: string;
};

/** What the order is of when it is Diversion's, else what the settings say. */
export const repoOf = (loaded: Loaded, { forge, repo }: Order): string | undefined =>
  forge === 'diversion' ? repo : valuesOf(loaded).diversionRepo;

/** Branch, tag or commit; undefined: the default branch. */
export const refOf = (loaded: Loaded, { forge, commit, ref }: Order): string | undefined =>
  forge === 'diversion' ? (commit ?? ref) : valuesOf(loaded).diversionRef;

/** Throws a SettingsError for what is missing. */
export function placeOf(loaded: Loaded, order: Order): Place {
  const { diversionToken: token, diversionClientId: clientId, ...urls } = valuesOf(loaded);
  const repo = repoOf(loaded, order);
  const why = 'is required to fetch a tree from Diversion';
  const faults = [
    ...(repo ? [] : [{ name: 'diversion_repo', message: `${why}: the repository's id or name` }]),
    ...(token ? [] : [{ name: 'diversion_token', message: `${why} (web app → API Tokens)` }]),
  ];
  if (!repo || !token || faults.length > 0) throw new SettingsError(faults);
  return {
    ...{ repo, token, clientId },
    setting: writtenName(loaded, 'diversionToken'),
    apiUrl: urls.diversionApiUrl.replace(/\/+$/, ''),
    authUrl: urls.diversionAuthUrl.replace(/\/+$/, ''),
  };
}

/** Keys that only the program `dv` takes: the token exchange knows none of them. */
export const isKey = (token: string): boolean => token.startsWith('dvk_');

/** `cure`: what else there is to do. Throws a SettingsError. */
export function demandExchangeable({ token, setting }: Place, cure: string): void {
  if (!isKey(token)) return;
  const message = `is a key (dvk_…), which the REST API does not take: ${cure}`;
  throw new SettingsError([{ name: setting, message }]);
}

/** The token goes to one host, what it is exchanged for to another. */
export function diversionCredentials(loaded: Loaded): readonly CredentialUse[] {
  const { diversionToken, diversionAuthUrl, diversionApiUrl } = valuesOf(loaded);
  if (!diversionToken) return [];
  return [diversionAuthUrl, diversionApiUrl].map((url) => ({
    setting: 'diversion_token',
    host: new URL(url).host,
  }));
}
