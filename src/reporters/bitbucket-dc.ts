import { checkBitbucketDc } from '../forges/bitbucket-dc/check.ts';
import { createCommitStatuses } from '../forges/bitbucket-dc/commit-statuses.ts';
import type { EnvironmentType } from '../forges/bitbucket-dc/deployments.ts';
import {
  type BitbucketDcPlace,
  bitbucketDcCredentials,
  bitbucketDcPlace,
  valuesOf,
} from '../forges/bitbucket-dc/place.ts';
import { bitbucketDcSettings } from '../forges/bitbucket-dc/settings.ts';
import { defineCommitAudience } from '../forges/commit-audience.ts';
import { commitStatusSettings, environmentSettings } from '../forges/settings.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';

export const bitbucketDc = defineCommitAudience<
  BitbucketDcPlace & { readonly type: EnvironmentType | undefined }
>({
  id: 'bitbucket-dc',
  title: 'Bitbucket Data Center',
  about: 'A deployment and a build status on the commit at Bitbucket Data Center.',
  settings: { ...bitbucketDcSettings, ...environmentSettings, ...commitStatusSettings },
  setting: 'bitbucket_dc_token',
  credentials: bitbucketDcCredentials,
  hasCredential: (loaded) => valuesOf(loaded).bitbucketDcToken !== undefined,
  isNamed: (loaded) => valuesOf(loaded).bitbucketDcUrl !== undefined,
  placeOf: (loaded, order) => ({ ...bitbucketDcPlace(loaded, order), type: typeOf(loaded) }),
  statusesOf: ({ type, ...place }, forge, { order, log }) =>
    createCommitStatuses({ place, type, forge, order, log }),
  check: checkBitbucketDc,
});

function typeOf(loaded: Loaded): EnvironmentType | undefined {
  const values = loaded.values as Values<typeof environmentSettings>;
  if (values.productionEnvironment) return 'PRODUCTION';
  return values.transientEnvironment ? 'DEVELOPMENT' : undefined;
}
