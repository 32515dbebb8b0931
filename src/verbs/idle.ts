import { archive } from '../checkout/archive.ts';
import { diversion } from '../checkout/diversion.ts';
import { yamlName } from '../settings/define.ts';
import { targetEntries } from '../targets/index.ts';
import { owners } from './owners.ts';
import { checkoutEntry, homeOf, type Prepared, whyNobody } from './prepare.ts';

/** Of every run. */
const shared: readonly string[] = ['general', 'commit-status'];

/** Why none of an owner's settings bears on this run; undefined where some may. */
export function whyIdle(owner: string, p: Prepared): string | undefined {
  if (shared.includes(owner)) return undefined;
  if (targetEntries.some(({ id }) => id === owner)) {
    if (p.target?.id === owner) return undefined;
    return p.target ? `the target is ${p.target.id}` : 'there is no target';
  }
  const source = checkoutEntry(p)?.id;
  if (owner === diversion.id) {
    if (source === owner) return undefined;
    const { checkout } = p.values;
    return checkout === owner ? 'the target deploys no tree' : `checkout is ${checkout}`;
  }
  if (p.reporters.some(({ entry }) => homeOf(entry) === owner)) return undefined;
  // It takes its tree from whichever forge the settings say.
  if (source === archive.id && owner !== 'slack') return undefined;
  const own = p.declined.filter(({ home }) => home === owner);
  return whyNobody(own.length > 0 ? own : p.declined) || 'report does not name it';
}

/** What somebody wrote for a part that this run does not have: seldom meant, and nobody would see it. */
export const idleWarnings = (p: Prepared): readonly string[] =>
  owners.flatMap(({ owner, table }) => {
    // An audience may have some of another's settings too.
    const used = p.reporters.map(({ entry }) => entry.settings);
    const written = Object.keys(table).filter(
      (key) => isWritten(key, p) && !used.some((others) => key in others),
    );
    const why = written.length > 0 && !isMeant(owner, p) ? whyIdle(owner, p) : undefined;
    if (why === undefined) return [];
    const names = written.map(yamlName).join(', ');
    return [`${names} ${written.length === 1 ? 'has' : 'have'} no effect: ${why}`];
  });

/** For this step: what CI says, and a vendor's own variable, are there for others too. */
const isWritten = (key: string, { loaded }: Prepared): boolean =>
  /^(?:--|(?:PLUGIN|SLIPWAY|SPINNAKER_PARAM|INPUT)_)/i.test(loaded.origins.get(key) ?? '');

/** Steps that many repositories share have credentials of several forges, and `report` says who is told. */
function isMeant(owner: string, { values, order, declined }: Prepared): boolean {
  if (!values.report.includes('auto')) return !isDeploying(owner);
  const isForge = owner !== 'slack' && declined.some(({ home }) => home === owner);
  return isForge && order.forge !== undefined && order.forge !== owner;
}

const isDeploying = (owner: string): boolean =>
  owner === diversion.id || targetEntries.some(({ id }) => id === owner);
