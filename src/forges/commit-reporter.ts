import { markedLink } from '../identity.ts';
import type { Order } from '../order.ts';
import type { Reporter, ReporterDeps } from '../reporters/reporter.ts';
import { createCommitForge } from './commit-forge.ts';
import { type CommitStatuses, type CommitWords, inContext } from './commit-statuses.ts';
import { createPoster } from './poster.ts';

type Options = Pick<Reporter, 'id' | 'check'> & {
  readonly statuses: CommitStatuses;
  readonly order: Order;
  readonly statusContext: string | undefined;
  readonly deps: ReporterDeps;
};

/** Tells the order's commit, and keeps the run's memory in what it was told. */
export function createCommitReporter({
  id,
  check,
  statuses,
  order,
  statusContext,
  deps: { clock, log, verb },
}: Options): Reporter {
  const forge = createCommitForge({
    ...{ statuses, clock, log, order, statusContext },
    posts: verb !== 'reap',
  });
  const { context } = forge;
  const sha = order.commit ?? '';
  const poster = createPoster({
    ...{ clock, log, own: forge.own },
    send: (words: CommitWords, patience) => statuses.post(sha, words, patience),
    read: async (patience) => inContext(await statuses.read(sha, patience), context),
  });
  return {
    id,
    check,
    required: true,
    forge,
    async post(status, signal, until) {
      if (!forge.opened()) throw new TypeError('post needs an open status');
      // Without a page of the run, the commit's own carries what later runs must know.
      const link = markedLink([...order.logUrls, statuses.pageOf(sha)], forge.marker());
      const words = {
        ...{ link, context, environment: order.environment, told: status },
        state: statuses.stateOf(status.state),
        description: statuses.shorten(status.description),
      };
      await poster.post(words, { signal, until });
      return 'posted';
    },
  };
}
