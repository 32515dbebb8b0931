import type { Table } from '../../settings/define.ts';
import { credential, url } from '../../settings/rules.ts';

export const giteaSettings = {
  giteaToken: {
    is: credential,
    about: 'Gitea or Forgejo token that may read the repository (scope `read:repository`).',
    secret: true,
  },
  giteaUrl: {
    is: url,
    about: 'Address of Gitea or Forgejo.',
    otherwise: "the repository's host",
  },
} as const satisfies Table;
