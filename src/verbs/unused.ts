import { yamlName } from '../settings/define.ts';
import type { Finding } from '../targets/target.ts';
import { whyIdle } from './idle.ts';
import { everySetting, owners } from './owners.ts';
import type { Prepared } from './prepare.ts';
import { credentialsOf } from './wiring.ts';

/** Secrets that are set and go nowhere: nobody may take the silence about them for a test. */
export function unusedSecrets(p: Prepared): readonly Finding[] {
  const used = new Set(credentialsOf(p).map(({ setting }) => setting));
  return Object.entries(everySetting)
    .filter(([key, { secret }]) => secret && p.loaded.values[key] !== undefined)
    .filter(([key]) => !used.has(yamlName(key)) && !(p.target && key in p.target.settings))
    .map(([key]) => ({
      ok: 'not provable',
      text: `${yamlName(key)} is not used: ${whyNot(key, p, used)}`,
    }));
}

function whyNot(key: string, p: Prepared, used: ReadonlySet<string>): string {
  const telling = p.reporters.filter(({ entry }) => key in entry.settings);
  if (telling.length > 0) {
    const others = Object.keys(telling[0]?.entry.settings ?? {}).map(yamlName);
    return `${others.filter((name) => used.has(name)).join(' and ')} goes instead`;
  }
  const owner = owners.find(({ table }) => key in table);
  return (owner && whyIdle(owner.owner, p)) ?? 'nothing here needs it';
}
