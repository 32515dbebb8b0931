import { collect, type Fault, SettingsError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { ReporterEntry, Verb, Wish } from '../reporters/reporter.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import type { Finding } from '../targets/target.ts';
import { createCommitReporter } from './commit-reporter.ts';
import type { CommitStatuses } from './commit-statuses.ts';
import type { Patience } from './forge.ts';
import { createForgeHttp, type ForgeHttp } from './forge-http.ts';
import type { commitStatusSettings } from './settings.ts';

/** What is peculiar to a forge that is told of commits by one credential. */
export type CommitAudience<P> = Omit<ReporterEntry, 'auto' | 'open' | 'forge'> & {
  readonly id: NonNullable<Order['forge']>;
  /** For people. */
  readonly title: string;
  /** Setting of the credential, as the docs spell it. */
  readonly setting: string;
  hasCredential(loaded: Loaded): boolean;
  /** Why what is at hand instead of a credential does not do. */
  lackOf?(loaded: Loaded, order: Order): string | undefined;
  /** The author wrote where the forge is, so a repository of unknown whereabouts is there. */
  isNamed(loaded: Loaded): boolean;
  /** How the author says so. */
  readonly naming: string;
  /** The author wrote which repository there it is, wherever the build's own is. */
  namesRepo?(loaded: Loaded): boolean;
  /** Throws a SettingsError for what settings and order lack. */
  placeOf(loaded: Loaded, order: Order): P;
  statusesOf(
    place: P,
    forge: ForgeHttp,
    run: { readonly order: Order; readonly log: Log },
  ): CommitStatuses;
  check(place: P, forge: ForgeHttp, patience: Patience): Promise<readonly Finding[]>;
};

export function defineCommitAudience<P>(audience: CommitAudience<P>): ReporterEntry {
  const { id, about, settings, credentials } = audience;
  return {
    ...{ id, about, settings, credentials, forge: id },
    auto: (loaded, order, verb) => wish(audience, loaded, order, verb),
    open(loaded, order, deps) {
      const place = demand(audience, loaded, order, deps.verb);
      const forge = createForgeHttp(deps);
      const { statusContext } = loaded.values as Values<typeof commitStatusSettings>;
      return createCommitReporter({
        ...{ id, order, deps, statusContext },
        statuses: audience.statusesOf(place, forge, { order, log: deps.log }),
        check: (signal) => audience.check(place, forge, { signal }),
      });
    },
  };
}

function wish<P>(
  { id, title, setting, hasCredential, isNamed, naming, namesRepo, lackOf }: CommitAudience<P>,
  loaded: Loaded,
  order: Order,
  verb: Verb,
): Wish {
  const { forge, repo, commit } = order;
  const refuse = (why: string): Wish => ({ wanted: false, why });
  const isChosen = namesRepo?.(loaded) ?? false;
  if (forge && forge !== id && !isChosen) return refuse(`the repository is on ${forge}`);
  if (!hasCredential(loaded)) return refuse(lacking(`no ${setting}`, lackOf?.(loaded, order)));
  if (!forge && !isNamed(loaded) && !isChosen) {
    return refuse(`nothing says that the repository is on ${title}: ${naming}`);
  }
  if (!repo && !isChosen) return refuse('no repository is known: set repo');
  if (!commit && verb !== 'reap') return refuse('no commit is known');
  return { wanted: true, why: `${setting} is set` };
}

const lacking = (text: string, why: string | undefined): string => (why ? `${text}: ${why}` : text);

/** Every fault at once. */
function demand<P>(
  { title, setting, hasCredential, placeOf, lackOf }: CommitAudience<P>,
  loaded: Loaded,
  order: Order,
  verb: Verb,
): P {
  const faults: Fault[] = [];
  const place = collect(faults, () => placeOf(loaded, order));
  if (!hasCredential(loaded)) {
    const text = `is required to report to ${title}`;
    faults.push({ name: setting, message: lacking(text, lackOf?.(loaded, order)) });
  }
  if (!order.commit && verb !== 'reap') {
    faults.push({ name: 'commit', message: `is required for a commit status on ${title}` });
  }
  if (place === undefined || faults.length > 0) throw new SettingsError(faults);
  return place;
}
