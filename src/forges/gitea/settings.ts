import type { Table } from '../../settings/define.ts';
import { credential, url } from '../../settings/rules.ts';

export const giteaSettings = {
  giteaToken: {
    is: credential,
    about:
      'Gitea or Forgejo token: scope `write:repository` to report, `read:repository` for `checkout: archive`.',
    secret: true,
  },
  giteaUrl: {
    is: url,
    about: 'Address of Gitea or Forgejo.',
    otherwise: "the repository's host",
  },
} as const satisfies Table;
