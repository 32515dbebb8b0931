import type { Table } from '../../settings/define.ts';
import {
  bool,
  credential,
  duration,
  list,
  matching,
  oneOf,
  prose,
  url,
} from '../../settings/rules.ts';
import { environmentSettings } from '../settings.ts';

/** Shared by both GitHub reporters. */
export const githubSettings = {
  githubToken: {
    is: credential,
    about: 'GitHub token that may write deployments or commit statuses.',
    secret: true,
    vendor: ['GITHUB_TOKEN'],
    alias: ['token', 'api_token'],
  },
  githubApiUrl: {
    is: url,
    about: "Base of GitHub's REST API; GitHub Enterprise Server's ends in `/api/v3`.",
    otherwise: "derived from the repository's host",
    vendor: ['GITHUB_API_URL'],
    alias: ['endpoint'],
  },
  githubAppId: {
    is: matching(/^(?:\d+|Iv[\w.]+)$/, 'text', 'must be the id or client id of a GitHub App'),
    about: 'GitHub App to act as, instead of a token.',
  },
  githubAppPrivateKey: {
    is: { ...prose, kind: 'text@' },
    about: 'Private key of that App: PEM, base64 of it, or `@path`.',
    secret: true,
    file: true,
  },
  githubAppInstallationId: {
    is: matching(/^\d+$/, 'text', 'must be the number of an installation'),
    about: 'Installation of that App.',
    otherwise: "looked up by the repository's name",
  },
  createDeployment: {
    is: bool,
    about: 'Create a GitHub deployment where none is adopted.',
    otherwise: 'false on Drone and Woodpecker, else true',
  },
  ...environmentSettings,
  autoInactive: {
    is: bool,
    about: 'Whether GitHub makes older deployments of the environment inactive.',
  },
  requiredContexts: {
    is: list,
    about: 'Commit statuses that must be green; `all` is the default of GitHub.',
    default: [],
  },
  autoMerge: {
    is: bool,
    about: 'Let GitHub merge the default branch into the ref first.',
    default: false,
  },
  finalStatus: {
    is: oneOf('auto', 'slipway', 'ci'),
    about: 'Who posts the terminal `success` on an adopted deployment.',
    default: 'auto',
  },
  cancelState: {
    is: oneOf('failure', 'error', 'inactive'),
    about: 'State of the deployment when its run was cancelled.',
    default: 'failure',
  },
  settle: {
    is: duration,
    about: 'An adopted deployment gets no status before it is this old.',
    default: 3000,
  },
} as const satisfies Table;
