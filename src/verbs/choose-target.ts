import { type Fault, quoted } from '../errors.ts';
import type { Setting, Values } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import type { Loaded } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import { targetEntries } from '../targets/index.ts';
import type { TargetEntry } from '../targets/target.ts';

export type Choice = { readonly entry?: TargetEntry; readonly fault?: Fault };

const ids = targetEntries.map(({ id }) => id);

/** The target that is named, else the one whose settings are written. */
export function chooseTarget(loaded: Loaded, values: Values<typeof general>): Choice {
  const id = values.target;
  if (id === undefined) return loaded.faulty.has('target') ? {} : infer(loaded);
  const entry = targetEntries.find((candidate) => candidate.id === id);
  if (entry) return { entry };
  const nearest = nearestOf(id, ids);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  const name = loaded.origins.get('target') ?? 'target';
  return { fault: { name, message: `must be one of ${ids.join(', ')}, got ${quoted(id)}${hint}` } };
}

function infer(loaded: Loaded): Choice {
  const implied = impliedTargets(loaded);
  // A secret that did not arrive is better named than a target that is missing.
  const [entry, ...others] = implied.length > 0 ? implied : having(isRequired, loaded.empty);
  if (entry && others.length === 0) return { entry };
  const several = [entry, ...others].map((one) => one?.id).join(', ');
  const message = entry
    ? `is required, because settings of several are written: name one of ${several}`
    : `is required: set command, or name the service that deploys (${ids.join(', ')})`;
  return { fault: { name: 'PLUGIN_TARGET', message } };
}

/** Targets whose required settings are written; where there are none, those with any setting written. */
export function impliedTargets({ origins, faulty }: Loaded): readonly TargetEntry[] {
  const written = new Set(
    [...origins].flatMap(([key, origin]) => (origin === 'default' ? [] : [key])).concat(...faulty),
  );
  const sure = having(isRequired, written);
  return sure.length > 0 ? sure : having(() => true, written);
}

const isRequired = ({ required }: Setting): boolean => required ?? false;

const having = (
  counts: (setting: Setting) => boolean,
  keys: { has(key: string): boolean },
): readonly TargetEntry[] =>
  targetEntries.filter(({ settings }) =>
    Object.entries(settings).some(([key, setting]) => counts(setting) && keys.has(key)),
  );
