import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import type { Target, TargetDeps, TargetEntry } from '../../src/targets/target.ts';

export type Settings = Readonly<Record<string, string>>;

/** The target as a process with these variables opens it; names come without the target's own in front. */
export function openTarget(entry: TargetEntry, settings: Settings, deps: TargetDeps): Target {
  const variables = Object.entries(settings).map(([name, value]) => [
    `PLUGIN_${entry.id.toUpperCase()}_${name.toUpperCase()}`,
    value,
  ]);
  const sources = [fromEnv(Object.fromEntries(variables), 'PLUGIN_')];
  const loaded = load(entry.settings, sources, { emptyMeansMissing: false, readFile: () => '' });
  if (loaded.faults.length > 0) throw new Error(JSON.stringify(loaded.faults));
  return entry.open(loaded, deps);
}
