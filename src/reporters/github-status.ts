import { wishForStatus } from '../forges/github/choice.ts';
import type { Github } from '../forges/github/client.ts';
import { createCommitForge } from '../forges/github/commit-forge.ts';
import {
  type CommitStatus,
  inContext,
  postCommitStatus,
  readCommit,
  readingStatuses,
} from '../forges/github/commit-statuses.ts';
import { connectGithub, credentialsOf, valuesOf } from '../forges/github/connect.ts';
import { createPoster } from '../forges/github/poster.ts';
import { probe } from '../forges/github/probe.ts';
import { githubSettings } from '../forges/github/settings.ts';
import { commitState } from '../forges/github/states.ts';
import { shorten } from '../forges/github/text.ts';
import { markedLink } from '../identity.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';
import type { Reporter, ReporterDeps, ReporterEntry } from './reporter.ts';

export const githubStatus: ReporterEntry = {
  id: 'github-status',
  about: 'A status on the commit at GitHub.',
  settings: githubSettings,
  credentials: credentialsOf,
  auto: wishForStatus,
  open(loaded, order, deps) {
    const missing = { name: 'commit', message: 'is required for a commit status on GitHub' };
    const fault = order.commit || deps.verb === 'reap' ? undefined : missing;
    const github = connectGithub(loaded, order, deps, { statuses: 'write' }, [fault]);
    return createReporter(github, loaded, order, deps);
  },
};

function createReporter(
  github: Github,
  loaded: Loaded,
  order: Order,
  { clock, log, verb }: ReporterDeps,
): Reporter {
  const { statusContext } = valuesOf(loaded);
  const forge = createCommitForge({
    ...{ github, clock, log, order, statusContext },
    posts: verb !== 'reap',
  });
  const { context } = forge;
  const own = forge.marker();
  const sha = order.commit ?? '';
  const poster = createPoster({
    ...{ clock, log, own },
    send: (words: CommitStatus, patience) => postCommitStatus(github, sha, words, patience),
    read: async (patience) => inContext(await readCommit(github, sha, patience), context),
  });
  return {
    id: githubStatus.id,
    required: true,
    forge,
    async post(status, signal, until) {
      if (!forge.opened()) throw new TypeError('post needs an open status');
      const description = shorten(status.description);
      const link = markedLink(order.logUrls, forge.marker());
      const words = { state: commitState(status.state), description, link, context };
      await poster.post(words, { signal, until });
      return 'posted';
    },
    check: (signal) =>
      probe(
        github,
        {
          path: order.commit
            ? `/commits/${order.commit}/statuses?per_page=1`
            : '/commits?per_page=1',
          reads: readingStatuses,
          permission: 'statuses',
          scopes: ['repo', 'repo:status'],
        },
        { signal },
      ),
  };
}
