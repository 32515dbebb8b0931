import { checkBitbucketDc } from '../forges/bitbucket-dc/check.ts';
import { createCommitStatuses } from '../forges/bitbucket-dc/commit-statuses.ts';
import {
  type BitbucketDcPlace,
  bitbucketDcCredentials,
  bitbucketDcPlace,
  valuesOf,
} from '../forges/bitbucket-dc/place.ts';
import { bitbucketDcSettings } from '../forges/bitbucket-dc/settings.ts';
import { defineCommitAudience } from '../forges/commit-audience.ts';
import {
  commitStatusSettings,
  type EnvironmentKind,
  environmentKind,
  environmentSettings,
} from '../forges/settings.ts';

export const bitbucketDc = defineCommitAudience<
  BitbucketDcPlace & { readonly kind: EnvironmentKind | undefined }
>({
  id: 'bitbucket-dc',
  title: 'Bitbucket Data Center',
  about: 'A deployment and a build status on the commit at Bitbucket Data Center.',
  settings: { ...bitbucketDcSettings, ...environmentSettings, ...commitStatusSettings },
  setting: 'bitbucket_dc_token',
  credentials: bitbucketDcCredentials,
  hasCredential: (loaded) => valuesOf(loaded).bitbucketDcToken !== undefined,
  isNamed: (loaded) => valuesOf(loaded).bitbucketDcUrl !== undefined,
  naming: 'set bitbucket_dc_url',
  placeOf: (loaded, order) => ({
    ...bitbucketDcPlace(loaded, order),
    kind: environmentKind(loaded),
  }),
  statusesOf: ({ kind, ...place }, forge, { order, log }) =>
    createCommitStatuses({ place, kind, forge, order, log }),
  check: checkBitbucketDc,
});
