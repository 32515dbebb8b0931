import type { Table } from '../../settings/define.ts';
import { text, url } from '../../settings/rules.ts';

export const giteaSettings = {
  giteaToken: {
    is: text,
    about: 'Gitea or Forgejo token that may read the repository (scope `read:repository`).',
    secret: true,
  },
  giteaUrl: {
    is: url,
    about: 'Address of Gitea or Forgejo.',
    otherwise: "the repository's host",
  },
} as const satisfies Table;
