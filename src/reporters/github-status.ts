import { createCommitReporter } from '../forges/commit-reporter.ts';
import { wishForStatus } from '../forges/github/choice.ts';
import { readingStatuses } from '../forges/github/commit-rest.ts';
import { createCommitStatuses } from '../forges/github/commit-statuses.ts';
import { connectGithub, credentialsOf, valuesOf } from '../forges/github/connect.ts';
import { probe } from '../forges/github/probe.ts';
import { githubSettings } from '../forges/github/settings.ts';
import { commitStatusSettings } from '../forges/settings.ts';
import type { ReporterEntry } from './reporter.ts';

const id = 'github-status';

export const githubStatus: ReporterEntry = {
  id,
  about: 'A status on the commit at GitHub.',
  forge: 'github',
  settings: { ...githubSettings, ...commitStatusSettings },
  credentials: credentialsOf,
  auto: wishForStatus,
  open(loaded, order, deps) {
    const missing = { name: 'commit', message: 'is required for a commit status on GitHub' };
    const fault = order.commit || deps.verb === 'reap' ? undefined : missing;
    const github = connectGithub(loaded, order, deps, { statuses: 'write' }, [fault]);
    const path = order.commit
      ? `/commits/${order.commit}/statuses?per_page=1`
      : '/commits?per_page=1';
    const scopes = ['repo', 'repo:status'];
    const what = { path, reads: readingStatuses, permission: 'statuses', scopes } as const;
    return createCommitReporter({
      ...{ id, order, deps },
      statuses: createCommitStatuses(github),
      statusContext: valuesOf(loaded).statusContext,
      check: (signal) => probe(github, what, { signal }),
    });
  },
};
