import { exits } from '../outcome.ts';
import { nameOf } from '../run/decide.ts';
import { limited } from '../run/stop.ts';
import { words } from '../run/words.ts';
import { type Base, prepare } from './prepare.ts';
import { credentialLine, openForges } from './wiring.ts';

/** Closes what killed runs left open: ours, marked, and past the time at which any run of ours has ended. */
export async function reap(base: Base): Promise<number> {
  const prepared = prepare(base, 'reap');
  const { host, log, order, values, http } = prepared;
  log.info(credentialLine(prepared));
  const limit = limited(host.clock, values.timeout, host.signal);
  let closed = 0;
  for (const reporter of openForges(prepared, 'reap')) {
    const scope = { environment: order.environment, component: order.component };
    const open = (await reporter.forge?.survey(scope, limit.signal, limit.until)) ?? [];
    for (const deployment of open) {
      const { owner, environment } = deployment;
      if (!owner || host.clock.now() <= owner.expiry) continue;
      const since = new Date(owner.expiry).toISOString();
      log.info(
        `${values.dryRun ? 'would close' : 'closing'} ${nameOf(deployment)} (${environment}): nothing was heard of its run, which had to be over by ${since}`,
      );
      closed += 1;
      if (values.dryRun) continue;
      const lost = { state: 'error', description: words.orphan } as const;
      await reporter.forge?.close(deployment, lost, limit.signal, limit.until);
    }
  }
  limit.done();
  http.close();
  log.info(
    closed === 0
      ? 'no orphans'
      : `${closed} ${closed === 1 ? 'orphan' : 'orphans'}${values.dryRun ? ' found' : ' closed'}`,
  );
  return exits.ok.code;
}
