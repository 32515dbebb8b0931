import { messageOf, SettingsError } from '../errors.ts';
import { isCommitId } from '../forges/diversion/ids.ts';
import {
  demandExchangeable,
  diversionCredentials,
  placeOf,
  refOf,
  valuesOf,
} from '../forges/diversion/place.ts';
import type { Values } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import { type Loaded, writtenName } from '../settings/load.ts';
import type { Checkout, CheckoutEntry } from './checkout.ts';
import { demandPath } from './diversion/home.ts';
import { byProgram } from './diversion/program.ts';
import { byRest } from './diversion/rest.ts';
import type { Fetched, Method, Source } from './diversion/source.ts';

/** A tree of Diversion's at one commit, by its API or by its program. */
export const diversion: CheckoutEntry = {
  id: 'diversion',
  subject(loaded) {
    const { diversionRepo: repo, diversionRef: ref } = valuesOf(loaded);
    return {
      forge: 'diversion',
      ...(repo ? { repo } : {}),
      ...(ref ? (isCommitId(ref) ? { commit: ref } : { ref }) : {}),
    };
  },
  credentials(loaded) {
    const { diversionMethod: method, diversionToken: token } = valuesOf(loaded);
    if (method === 'rest') return diversionCredentials(loaded);
    return token ? [{ setting: 'diversion_token', host: 'the program dv' }] : [];
  },
  open(loaded, order, deps) {
    const place = placeOf(loaded, order);
    const { diversionMethod, diversionPath: path } = valuesOf(loaded);
    const { checkoutLimit } = loaded.values as Values<typeof general>;
    const pathSetting = writtenName(loaded, 'diversionPath');
    demandPath(path, deps.cwd, pathSetting);
    const most = checkoutLimit * 1024 * 1024;
    const source: Source = { place, ref: refOf(loaded, order), deps, most, path, pathSetting };
    if (diversionMethod === 'dv') {
      demandNoFlags(loaded, source);
      return createCheckout(source, byProgram(source, writtenName(loaded, 'diversionMethod')));
    }
    demandExchangeable(place, 'set diversion_method: dv, or use an API token');
    return createCheckout(source, byRest(source));
  },
};

/** The program would take them for flags of its own. */
function demandNoFlags(loaded: Loaded, { place, ref }: Source): void {
  const key = valuesOf(loaded).diversionRef === undefined ? 'ref' : 'diversionRef';
  const named = { diversionRepo: place.repo, [key]: ref };
  const faults = Object.entries(named).flatMap(([key, value]) =>
    value?.startsWith('-')
      ? [{ name: writtenName(loaded, key), message: `begins with -, which dv takes for a flag` }]
      : [],
  );
  if (faults.length > 0) throw new SettingsError(faults);
}

function createCheckout({ place, ref, path, deps }: Source, method: Method): Checkout {
  let fetching: Promise<Fetched> | undefined;
  const what = `the tree of ${place.repo} at ${ref ?? 'its default branch'}`;
  return {
    id: diversion.id,
    plan: () => [
      `fetch ${what} from Diversion ${method.how}${path ? ` into ${path}, as far as it differs` : ''}`,
    ],
    check: (_order, signal) => method.check(signal),
    async fetch(_order, within) {
      within.progress(`fetching ${what} from Diversion`);
      fetching = method.fetch(within);
      return (await fetching).tree;
    },
    async release() {
      const fetched = await fetching?.catch(() => undefined);
      await fetched?.release().catch((error: unknown) => {
        deps.log.warn(`the fetched tree could not be removed: ${messageOf(error)}`);
      });
    },
  };
}
