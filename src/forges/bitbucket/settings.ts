import type { Table } from '../../settings/define.ts';
import { credential, text } from '../../settings/rules.ts';

export const bitbucketSettings = {
  bitbucketToken: {
    is: credential,
    about:
      'Bitbucket Cloud token that may read the repository, and write it to report: an access token, or `email:token` for an API token.',
    secret: true,
  },
  bitbucketUsername: {
    is: text,
    about: 'Who `bitbucket_app_password` is of, or the email of an API token in `bitbucket_token`.',
  },
  bitbucketAppPassword: {
    is: credential,
    about: 'App password of that user, or an API token, of which the user is its email.',
    secret: true,
  },
} as const satisfies Table;
