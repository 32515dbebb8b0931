import { levels } from '../log.ts';
import type { Table } from './define.ts';
import { bool, lasting, list, matching, object, oneOf, prose, text, url, whole } from './rules.ts';

const minutes = 60_000;
const seconds = 1000;

export const actions = ['deploy', 'status', 'check', 'reap'] as const;

const fullSha = matching(
  /^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|dv\.commit\.[\w-]{1,110})$/,
  'text',
  'must be a full commit id of 40 or 64 hex digits (at Diversion dv.commit.…)',
);
// Forges answer in lower case, and the two are compared.
const sha = { ...fullSha, read: (raw: string) => fullSha.read(raw)?.toLowerCase() };
const repo = matching(/^[\w.-]+(?:\/[\w.-]+)*$/, 'text', 'must be owner/name');
const deploymentId = matching(/^\d{1,19}$/, 'text', 'must be the number of a deployment');

/** What every run understands. Targets and forges own their parts of the table. */
export const general = {
  action: { is: oneOf(...actions), about: 'What to do when no verb is given.', default: 'deploy' },
  only: {
    is: list,
    about:
      'Names of the settings that the author wrote; any other `PLUGIN_*` variable is then a fault.',
  },
  target: {
    is: text,
    about: 'Service that deploys.',
    otherwise: 'the one whose settings are written',
  },
  environment: {
    is: text,
    about: 'Environment to deploy to.',
    otherwise: 'context',
    caller: true,
  },
  component: {
    is: text,
    about: 'One of several services or matrix legs that share an environment.',
  },
  repo: { is: repo, about: 'Repository, `owner/name`.', otherwise: 'context', caller: true },
  owner: {
    is: text,
    about: 'Owner of the repository, where `repo` is a name alone.',
    caller: true,
  },
  commit: {
    is: sha,
    about: 'Commit to deploy and to report on.',
    otherwise: 'context',
    caller: true,
    alias: ['sha'],
  },
  ref: { is: text, about: 'Branch or tag of the commit.', otherwise: 'context', caller: true },
  deploymentId: {
    is: deploymentId,
    about: 'Deployment of the forge to adopt; `0` means none.',
    otherwise: 'context',
    caller: true,
  },
  task: {
    is: text,
    about:
      'Kind of deploy; one that starts with `rollback` is worded as such, and so is one whose payload has `is_rollback`.',
    otherwise: '`deploy`',
    caller: true,
  },
  description: {
    is: prose,
    about: 'Text of the statuses; 140 characters are kept.',
    caller: true,
  },
  payload: {
    is: object,
    about: 'Goes into a created deployment beside the run key; an adopted one brings its own.',
    caller: true,
  },
  environmentUrl: {
    is: url,
    about: 'Where the environment serves; on every status but failures.',
    caller: true,
  },
  logUrl: {
    is: url,
    about: 'Where people read the log.',
    otherwise: 'link of the CI step',
    caller: true,
  },
  events: {
    is: list,
    about: 'CI events that may deploy, in the words of the CI system.',
    otherwise: 'promotions, rollbacks and deployments; elsewhere all but pull requests',
  },
  timeout: {
    is: lasting,
    about: 'Longest time for the whole run.',
    default: 50 * minutes,
    caller: true,
  },
  runKey: { is: text, about: 'Replaces the CI execution in the run key.' },
  whenBusy: {
    is: oneOf('proceed', 'wait', 'refuse'),
    about: 'What to do while an older run of the same environment is open and may be alive.',
    default: 'proceed',
  },
  supersede: {
    is: bool,
    about: 'End as superseded, before anything is changed, when a newer run has the environment.',
    default: true,
  },
  checkout: {
    is: oneOf('workspace', 'archive', 'diversion', 'none'),
    about:
      "Where the source tree comes from; `archive` fetches the forge's tarball of the commit, `diversion` a tree of Diversion's.",
    default: 'workspace',
  },
  checkoutLimit: {
    is: whole(1, 1024 * 1024),
    about: 'Largest tree that is fetched, in MiB.',
    default: 2048,
  },
  dryRun: {
    is: bool,
    about:
      'Read and decide everything, with the credentials of the target too; write nothing anywhere.',
    default: false,
    caller: true,
  },
  outputFile: {
    is: text,
    about: 'File for the outputs: dotenv, or JSON if its name ends in `.json`.',
  },
  summary: { is: bool, about: 'Write the job summary where CI shows one.', default: true },
  cardSchema: {
    is: url,
    about: 'Template of the card on the Drone build page; there is no card without it.',
  },
  logLevel: {
    is: oneOf(...levels),
    about: 'How much to say; `trace` shows HTTP exchanges without secrets.',
    default: 'info',
  },
  debug: { is: bool, about: 'Short for `log_level: debug`.', default: false },
  logFormat: { is: oneOf('text', 'json'), about: 'Form of the log.', default: 'text' },
  heartbeat: {
    is: lasting,
    about: 'Longest silence; CI systems kill silent jobs.',
    default: 60 * seconds,
  },
  caCert: {
    is: { ...prose, kind: 'text@' },
    about: 'PEM certificates to trust besides those of the system and of Node, or `@path`.',
    file: true,
  },
  skipVerify: {
    is: bool,
    about: 'Do not verify TLS certificates; every run warns about it.',
    default: false,
  },
  envFile: {
    is: text,
    about: 'dotenv file with further settings; overrides nothing.',
    otherwise: '`.env`, outside CI',
  },
  httpTimeout: {
    is: lasting,
    about: 'Longest time for one HTTP exchange.',
    default: 30 * seconds,
  },
  report: {
    is: list,
    about: 'Ids of the reporters, `auto` or `none`.',
    default: ['auto'],
  },
  requireStatus: {
    is: bool,
    about: 'Exit 3 when the deploy succeeded and its status was lost.',
    default: true,
  },
  state: {
    is: oneOf('queued', 'in_progress', 'pending', 'success', 'failure', 'error', 'inactive'),
    about: 'State to post; for the verb `status` only.',
    otherwise: 'the status of the CI build so far',
    caller: true,
  },
} as const satisfies Table;
