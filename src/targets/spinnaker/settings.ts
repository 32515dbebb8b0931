import type { Fault } from '../../errors.ts';
import type { Table, Values } from '../../settings/define.ts';
import {
  bool,
  credential,
  map,
  matching,
  prose,
  type Rule,
  text,
  url,
} from '../../settings/rules.ts';
import { identityFaults } from './identity.ts';
import { placeholderFault } from './parameters.ts';

const headerName: Rule<string> = {
  ...matching(
    /^[A-Za-z][A-Za-z0-9-]{0,63}$/,
    'text',
    'must be the name of a header such as X-Spinnaker-Token',
  ),
  loose: true,
};

export const spinnakerSettings = {
  spinnakerGateUrl: { is: url, about: "Address of Gate, Spinnaker's API.", required: true },
  spinnakerApplication: { is: text, about: 'Application of the pipeline.', required: true },
  spinnakerPipeline: { is: text, about: 'Pipeline to start: its name or id.', required: true },
  spinnakerParameters: {
    is: map,
    about:
      'Parameters of the pipeline, which Spinnaker shows to whoever sees the application; `{{commit}}` and its like stand for what is deployed.',
    secret: true,
  },
  spinnakerToken: {
    is: credential,
    about: "API token of Spinnaker (since 2026.2), or a token of Gate's OAuth2 provider.",
    secret: true,
  },
  spinnakerHeader: {
    is: headerName,
    about: 'Header that carries the token; in `Authorization` it goes as `Bearer`.',
    otherwise: '`X-Spinnaker-Token` for a token `spk_…`, else `Authorization`',
  },
  spinnakerUsername: { is: text, about: 'User for basic authentication.' },
  spinnakerPassword: { is: text, about: 'Password of that user.', secret: true },
  spinnakerClientCert: {
    is: { ...prose, kind: 'text@' },
    about: 'Client certificate (PEM) with its chain, or `@path`.',
    file: true,
  },
  spinnakerClientKey: {
    is: { ...prose, kind: 'text@' },
    about: 'Its private key (PEM) without a passphrase, or `@path`.',
    secret: true,
    file: true,
  },
  spinnakerWait: {
    is: bool,
    about: 'Follow the execution to its end; `false` ends with "started, not followed".',
    default: true,
  },
  spinnakerUiUrl: {
    is: url,
    about: "Address of Spinnaker's UI, for links.",
    otherwise: "guessed from Gate's; where that shows nothing, links lead to Gate",
  },
} as const satisfies Table;
export type SpinnakerValues = Values<typeof spinnakerSettings>;
type Key = keyof SpinnakerValues;
/** Under which name its author wrote a setting. */
export type NameOf = (key: Key) => string;
export type Found = readonly [key: Key, message: string];

/** Which header carries the token. */
export const tokenHeader = ({ spinnakerToken, spinnakerHeader }: SpinnakerValues): string =>
  spinnakerHeader ?? (spinnakerToken?.startsWith('spk_') ? 'X-Spinnaker-Token' : 'Authorization');

export const isAuthorization = (header: string): boolean =>
  header.toLowerCase() === 'authorization';

/** Headers that this target or HTTP itself owns. */
const taken =
  /^(?:host|accept|content-.*|connection|transfer-encoding|user-agent|expect|te|upgrade|trailer)$/i;

/** Faults that no single setting shows, and those of secrets, of which nothing is quoted. */
export function faultsOf(values: SpinnakerValues, nameOf: NameOf, now: number): readonly Fault[] {
  const placeholders = placeholderFault(values.spinnakerParameters ?? {});
  const faults: readonly Found[] = [
    ...addressFaults(values),
    ...tokenFaults(values),
    ...passwordFaults(values),
    ...identityFaults(values, now),
    ...(placeholders ? [['spinnakerParameters', placeholders] as const] : []),
  ];
  return faults.map(([key, message]) => ({ name: nameOf(key), message }));
}

function addressFaults(values: SpinnakerValues): readonly Found[] {
  const { spinnakerGateUrl, spinnakerApplication, spinnakerPipeline } = values;
  const isStep = (name: string): boolean => name === '.' || name === '..';
  return [
    ...found(/[?#]/.test(spinnakerGateUrl), 'spinnakerGateUrl', 'must end with its path'),
    ...found(isStep(spinnakerApplication), 'spinnakerApplication', 'must be a name'),
    ...found(isStep(spinnakerPipeline), 'spinnakerPipeline', 'must be a name or an id'),
  ];
}

const found = (isThere: boolean, key: Key, message: string): readonly Found[] =>
  isThere ? [[key, message]] : [];

function tokenFaults(values: SpinnakerValues): readonly Found[] {
  const { spinnakerToken: token, spinnakerHeader: header } = values;
  if (header === undefined) return [];
  if (token === undefined) return [['spinnakerHeader', 'has no use without spinnaker_token']];
  return taken.test(header) ? [['spinnakerHeader', `cannot be ${header}`]] : [];
}

function passwordFaults(values: SpinnakerValues): readonly Found[] {
  const { spinnakerUsername: username, spinnakerPassword: password, spinnakerToken } = values;
  if (username === undefined && password === undefined) return [];
  if (username === undefined) return [['spinnakerUsername', 'is required with spinnaker_password']];
  if (password === undefined) return [['spinnakerPassword', 'is required with spinnaker_username']];
  if (username.includes(':')) return [['spinnakerUsername', 'cannot hold a colon']];
  const isTwice = spinnakerToken !== undefined && isAuthorization(tokenHeader(values));
  const message = 'would set Authorization, as spinnaker_token does: spinnaker_header';
  return isTwice ? [['spinnakerUsername', `${message} gives the token another header`]] : [];
}
