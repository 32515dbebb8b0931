import { forges } from '../hooks/hook.ts';
import { general } from '../settings/general.ts';
import { bool, matching, oneOf, text, url } from '../settings/rules.ts';
import { busyWays, homes, rights } from './config.ts';
import { secretRef } from './secret-ref.ts';
import { type Fields, type Recorded, record, type Shape, scalar, several } from './shape.ts';
import type { Tree } from './tree.ts';

const name = scalar(
  matching(
    /^[A-Za-z0-9][\w.-]{0,62}$/,
    'text',
    'must be a name of letters, digits, `.`, `_` and `-`, at most 63',
  ),
);
const part = '(?!\\.{1,2}(?:/|$))[\\w.~-]+';
const repository = scalar(
  matching(new RegExp(`^${part}(?:/${part})*$`), 'text', 'must be owner/name'),
);
const line = scalar(text);
const globs = several(line);
const access = record({
  access: { is: scalar(oneOf('token', 'public')), about: 'Who may look.', default: 'token' },
});

const token = record({
  name: { is: name, about: 'Who it is; runs and logs show this name.', required: true },
  value: { is: secretRef, about: 'Where its value is.', required: true },
  may: { is: several(scalar(oneOf(...rights))), about: 'What it may do.', required: true },
  deployments: {
    is: globs,
    about: 'Names of the deployments that it may start, read and cancel; `*` is any text.',
    required: true,
  },
});

const forgeAbout = 'Kind of forge; `gitea` is Forgejo too.';
const forgeUrl = {
  is: scalar(url),
  about: "Address of the forge's site, where it is not the public one.",
} as const;

const webhook = record({
  forge: { is: scalar(oneOf(...forges)), about: forgeAbout, required: true },
  forge_url: forgeUrl,
  secret: {
    is: secretRef,
    about: 'Secret that signs deliveries of GitHub, Bitbucket, Gitea and Diversion.',
  },
  token: { is: secretRef, about: 'Secret token that GitLab sends along.' },
  signing_token: { is: secretRef, about: 'Signing token of GitLab.' },
  repositories: {
    is: globs,
    about: 'Repositories whose deliveries are believed; `*` is any text.',
    required: true,
  },
});

/** Judged with the settings tables, once it is known which target they are for. */
const tree: Shape<Tree> = { schema: { type: 'object' }, read: (given) => given };

const places = general.checkout.is.json.enum as readonly string[];
/** There is no CI that checked anything out. */
export const checkouts = places.filter((place) => place !== 'workspace');

export const deploymentFields = {
  name: { is: name, about: 'What requests call it.', required: true },
  forge: { is: scalar(oneOf(...homes)), about: forgeAbout, default: 'github' },
  forge_url: forgeUrl,
  repository: {
    is: repository,
    about: 'Repository, `owner/name`; at Diversion its id or its name.',
    required: true,
  },
  environment: { is: line, about: 'Environment to deploy to.', required: true },
  component: { is: line, about: general.component.about },
  refs: {
    is: globs,
    about:
      'Branches and tags; the commit must be reachable from one that matches. Without it, any commit.',
  },
  on: {
    is: record({
      api: { is: scalar(bool), about: 'The API, Spinnaker and the page.', default: false },
      deployment: { is: scalar(bool), about: 'Deployments made at GitHub.', default: false },
      push: { is: globs, about: 'Pushes to branches that match.' },
      tag: { is: globs, about: 'Pushes of tags that match.' },
    }),
    about: 'What may start it; without it, the API alone.',
  },
  checkout: {
    is: scalar(oneOf(...checkouts)),
    about: general.checkout.about,
    default: 'none',
  },
  busy: {
    is: scalar(oneOf(...busyWays)),
    about:
      'While a run of its environment is in progress: the next waits its turn (`queue`), replaces those that wait (`latest`), or is refused.',
    default: 'queue',
  },
  target: { is: line, about: 'Service that deploys.', required: true },
  settings: { is: tree, about: 'Settings of the target, of the forge and of the run.' },
  secrets: { is: tree, about: 'Where the values of secret settings are.' },
} as const satisfies Fields;

export type Written = Recorded<typeof deploymentFields>;

export const fileFields = {
  tokens: { is: several(token), about: 'Who may call the API.' },
  webhooks: { is: several(webhook), about: 'Whose deliveries are believed.' },
  page: { is: access, about: 'Who may see the page.' },
  metrics: { is: access, about: 'Who may read the metrics.' },
  deployments: {
    is: several(record(deploymentFields)),
    about: 'What may be deployed, where and how.',
    required: true,
  },
} as const satisfies Fields;
export const file = record(fileFields);
export type WrittenFile = Recorded<typeof fileFields>;
