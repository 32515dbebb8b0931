import type { Table } from '../../settings/define.ts';
import { text, url } from '../../settings/rules.ts';

export const gitlabSettings = {
  gitlabToken: {
    is: text,
    about: 'GitLab token that may read the repository (scope `read_api`).',
    secret: true,
  },
  gitlabUrl: {
    is: url,
    about: 'Address of GitLab.',
    otherwise: "the repository's host, else `https://gitlab.com`",
  },
} as const satisfies Table;
