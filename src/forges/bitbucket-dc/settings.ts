import type { Table } from '../../settings/define.ts';
import { credential, url } from '../../settings/rules.ts';

export const bitbucketDcSettings = {
  bitbucketDcUrl: {
    is: url,
    about: 'Address of Bitbucket Data Center.',
    otherwise: "the repository's host",
  },
  bitbucketDcToken: {
    is: credential,
    about: 'HTTP access token of Bitbucket Data Center that may read the repository.',
    secret: true,
  },
} as const satisfies Table;
