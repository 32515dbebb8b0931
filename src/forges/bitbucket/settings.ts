import type { Table } from '../../settings/define.ts';
import { text } from '../../settings/rules.ts';

export const bitbucketSettings = {
  bitbucketToken: {
    is: text,
    about:
      'Bitbucket Cloud token that may read the repository: an access token, or `email:token` for an API token.',
    secret: true,
  },
} as const satisfies Table;
