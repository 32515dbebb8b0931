import { collect, type Fault, SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';
import type { Verb, Wish } from '../reporters/reporter.ts';

type Wanting = {
  readonly id: Order['forge'];
  /** Setting of the credential, as the docs spell it. */
  readonly setting: string;
  readonly hasCredential: boolean;
  /** The author wrote that the repository is there, or that it can be nowhere else. */
  readonly isNamed: boolean;
};

/** Where a commit is told of. Throws a SettingsError with everything that is missing. */
export function placeOfCommit<P>(
  {
    title,
    setting,
    hasCredential,
  }: Pick<Wanting, 'setting' | 'hasCredential'> & { readonly title: string },
  { commit }: Order,
  verb: Verb,
  placeOf: () => P,
): P {
  const faults: Fault[] = [];
  const place = collect(faults, placeOf);
  if (!hasCredential) faults.push({ name: setting, message: `is required to report to ${title}` });
  if (!commit && verb !== 'reap') {
    faults.push({ name: 'commit', message: `is required for a commit status on ${title}` });
  }
  if (place === undefined || faults.length > 0) throw new SettingsError(faults);
  return place;
}

/** Whether a commit is to be told on a forge where nothing but commits can be. */
export function wishForCommit(
  { id, setting, hasCredential, isNamed }: Wanting,
  { forge, repo, commit }: Order,
  verb: Verb,
): Wish {
  const why = () => {
    if (forge && forge !== id) return `the repository is on ${forge}`;
    if (!hasCredential) return `no ${setting}`;
    if (!forge && !isNamed) return `nothing says that the repository is on ${id}`;
    if (!repo) return 'no repository is known: set repo';
    return commit || verb === 'reap' ? undefined : 'no commit is known';
  };
  const obstacle = why();
  return obstacle === undefined
    ? { wanted: true, why: `${setting} is set` }
    : { wanted: false, why: obstacle };
}
