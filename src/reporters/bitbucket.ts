import { checkBitbucket } from '../forges/bitbucket/check.ts';
import { createCommitStatuses } from '../forges/bitbucket/commit-statuses.ts';
import {
  type BitbucketPlaces,
  bitbucketCredentials,
  bitbucketPlace,
  bitbucketPlaces,
  hasCredential,
  lackOfBitbucket,
} from '../forges/bitbucket/place.ts';
import { bitbucketSettings } from '../forges/bitbucket/settings.ts';
import { defineCommitAudience } from '../forges/commit-audience.ts';
import { commitStatusSettings } from '../forges/settings.ts';

export const createBitbucket = (places: BitbucketPlaces) =>
  defineCommitAudience({
    id: 'bitbucket',
    title: 'Bitbucket Cloud',
    about: 'A build status on the commit at Bitbucket Cloud.',
    settings: { ...bitbucketSettings, ...commitStatusSettings },
    setting: 'bitbucket_token',
    credentials: (loaded) => bitbucketCredentials(loaded, [places.api]),
    hasCredential,
    lackOf: lackOfBitbucket,
    isNamed: () => false,
    naming: 'name bitbucket in report',
    placeOf: (loaded, order) => bitbucketPlace(loaded, order, places),
    statusesOf: createCommitStatuses,
    check: checkBitbucket,
  });

export const bitbucket = createBitbucket(bitbucketPlaces);
