import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import type { Target, TargetDeps, TargetEntry, Verdict } from '../../src/targets/target.ts';
import type { Line, Recorded } from './job.ts';

export type Settings = Readonly<Record<string, string>>;

/** The target as a process with these variables opens it; names without the target's own prefix, empty ones left out. */
export function openTarget(entry: TargetEntry, settings: Settings, deps: TargetDeps): Target {
  const prefix = `PLUGIN_${entry.id.toUpperCase()}_`;
  const variables = Object.entries(settings)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [prefix + name.toUpperCase(), value]);
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(entry.settings, [fromEnv(Object.fromEntries(variables), 'PLUGIN_')], reading);
  if (loaded.faults.length > 0) throw new Error(JSON.stringify(loaded.faults));
  return entry.open(loaded, deps);
}

/** One process that deploys. */
export type Process = {
  readonly recorded: Recorded;
  readonly lines: readonly Line[];
  readonly verdict: Promise<Verdict>;
  /** As `kill -9`: nothing more is sent, stored or heard. */
  kill(): void;
};
