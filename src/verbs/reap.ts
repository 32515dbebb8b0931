import { limited } from '../ending.ts';
import { collect, messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { Deployment, Memory } from '../forges/forge.ts';
import { exits } from '../outcome.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { isLeft, nameOf } from '../run/decide.ts';
import { words } from '../run/words.ts';
import type { Status } from '../status.ts';
import { openForges } from './audience.ts';
import { type Base, judge, type Prepared } from './prepare.ts';
import { credentialLine } from './wiring.ts';

/** Closes what killed runs left open: ours, marked, and past the time at which any run of ours has ended. */
export async function reap(base: Base): Promise<number> {
  const { prepared, faults: read } = judge(base, 'reap');
  const { host, log, values, http } = prepared;
  const faults = [...read];
  const opened = collect(faults, () => openForges(prepared, 'reap'));
  if (!opened || faults.length > 0) throw new SettingsError(faults);
  log.info(credentialLine(prepared));
  const limit = limited(host.clock, values.timeout, host.signal);
  try {
    let count = 0;
    const left: Deployment[] = [];
    for (const reporter of opened) {
      const { orphans, living } = await reapOf(reporter, prepared, limit);
      count += orphans;
      left.push(...living);
    }
    for (const one of left) log.info(stillOpen(one));
    const orphans = count === 1 ? '1 orphan' : `${count} orphans`;
    const done = count === 0 ? 'no orphans' : `${orphans} ${values.dryRun ? 'found' : 'closed'}`;
    log.info(left.length === 0 ? done : `${done}; ${left.length} still open, left alone`);
    return exits.ok.code;
  } finally {
    limit.done();
    http.close();
  }
}

type Within = { readonly signal: AbortSignal; readonly until: number };

type Reaped = { readonly orphans: number; readonly living: readonly Deployment[] };

async function reapOf(reporter: Reporter, p: Prepared, within: Within): Promise<Reaped> {
  const { id, forge, memory, required } = reporter;
  const place = forge ?? memory;
  const none: Reaped = { orphans: 0, living: [] };
  if (!place) return none;
  return reapAt(place, required, p, within).catch((error: unknown) => {
    if (required || !(error instanceof RemoteError)) throw error;
    p.log.warn(`${id} was not looked through: ${messageOf(error)}`);
    return none;
  });
}

async function reapAt(
  forge: Memory,
  required: boolean,
  p: Prepared,
  { signal, until }: Within,
): Promise<Reaped> {
  const { environment, component } = p.order;
  const open = await forge.survey({ environment, component }, signal, until);
  const now = p.host.clock.now() + forge.ahead();
  const orphans = open.filter(({ owner }) => owner !== undefined && now > owner.expiry);
  let count = 0;
  for (const orphan of orphans) {
    count += 1;
    const since = new Date(orphan.owner?.expiry ?? 0).toISOString();
    const doing = p.values.dryRun ? 'would close' : 'closing';
    p.log.info(`${doing} ${nameOf(orphan)} (${orphan.environment}): ${whyOf(orphan, since)}`);
    if (p.values.dryRun) continue;
    const status: Status = isLeft(orphan)
      ? { state: 'success', description: words.forgotten }
      : { state: 'error', description: words.orphan };
    try {
      await forge.close(orphan, status, signal, until);
    } catch (error) {
      // What somebody else has written in our likeness must not keep ours open.
      const isItsOwn = error instanceof RemoteError && error.kind !== 'unavailable';
      if (required || !isItsOwn) throw error;
      count -= 1;
      p.log.warn(`${nameOf(orphan)} could not be closed: ${error.message}`);
    }
  }
  return { orphans: count, living: open.filter((one) => !orphans.includes(one)) };
}

function whyOf(orphan: Deployment, since: string): string {
  if (orphan.untold) return `its run said ${orphan.untold} on the commit, and it was not told`;
  return isLeft(orphan)
    ? `it was deployed, and the CI server that was to say so by ${since} did not`
    : `its run had to be over by ${since}, and nothing was heard of it`;
}

/** Its run may be alive until then, and nobody else may say how it ended. */
const stillOpen = (one: Deployment): string => {
  const until = new Date(one.owner?.expiry ?? 0).toISOString();
  const what = isLeft(one)
    ? 'was deployed, and the CI server has not said so yet'
    : `is open, and its run may be alive until ${until}`;
  return `${nameOf(one)} (${one.environment}) ${what}`;
};
