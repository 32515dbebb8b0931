import type { Table } from '../../settings/define.ts';
import { credential, matching, url } from '../../settings/rules.ts';

export const gitlabSettings = {
  gitlabToken: {
    is: credential,
    about:
      'GitLab token: scope `api` and role Developer to report, scope `read_api` for `checkout: archive`.',
    secret: true,
    vendor: ['GITLAB_TOKEN'],
  },
  gitlabUrl: {
    is: url,
    about: 'Address of GitLab.',
    otherwise: "the repository's host, else `https://gitlab.com`",
  },
  gitlabProject: {
    is: matching(/^(?:\d+|[^/\s]+(?:\/[^/\s]+)+)$/, 'text', 'must be group/project or a number'),
    about: 'Project to report to, by its path or its number.',
    otherwise: 'the repository',
  },
} as const satisfies Table;
