import { exits } from '../outcome.ts';
import type { Forge } from '../reporters/reporter.ts';
import { nameOf } from '../run/decide.ts';
import { limited } from '../run/stop.ts';
import { words } from '../run/words.ts';
import { type Base, type Prepared, prepare } from './prepare.ts';
import { credentialLine, openForges } from './wiring.ts';

/** Closes what killed runs left open: ours, marked, and past the time at which any run of ours has ended. */
export async function reap(base: Base): Promise<number> {
  const prepared = prepare(base, 'reap');
  const { host, log, values, http } = prepared;
  const forges = openForges(prepared, 'reap').flatMap(({ forge }) => forge ?? []);
  log.info(credentialLine(prepared));
  const limit = limited(host.clock, values.timeout, host.signal);
  try {
    let count = 0;
    for (const forge of forges) count += await reapAt(forge, prepared, limit);
    const orphans = count === 1 ? '1 orphan' : `${count} orphans`;
    log.info(count === 0 ? 'no orphans' : `${orphans} ${values.dryRun ? 'found' : 'closed'}`);
    return exits.ok.code;
  } finally {
    limit.done();
    http.close();
  }
}

type Within = { readonly signal: AbortSignal; readonly until: number };

/** How many orphans there were. */
async function reapAt(forge: Forge, p: Prepared, { signal, until }: Within): Promise<number> {
  const { environment, component } = p.order;
  const open = await forge.survey({ environment, component }, signal, until);
  const now = p.host.clock.now() + forge.ahead();
  const orphans = open.filter(({ owner }) => owner !== undefined && now > owner.expiry);
  for (const orphan of orphans) {
    const since = new Date(orphan.owner?.expiry ?? 0).toISOString();
    const doing = p.values.dryRun ? 'would close' : 'closing';
    p.log.info(
      `${doing} ${nameOf(orphan)} (${orphan.environment}): its run had to be over by ${since}, and nothing was heard of it`,
    );
    if (p.values.dryRun) continue;
    await forge.close(orphan, { state: 'error', description: words.orphan }, signal, until);
  }
  return orphans.length;
}
