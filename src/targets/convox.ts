import { checkAll, planOf } from './convox/check.ts';
import { deployTo } from './convox/deploy.ts';
import { placeOf } from './convox/place.ts';
import { createRack } from './convox/rack.ts';
import { convoxSettings, faultsOf } from './convox/settings.ts';
import { createWire } from './convox/wire.ts';
import { defineTarget } from './target.ts';

/** Speaks the API of racks and of the console itself, so there is no CLI to bring along. */
export const convox = defineTarget({
  id: 'convox',
  about: 'Builds and promotes an app on a Convox rack, and watches the rollout to its end.',
  deploysTree: true,
  settings: convoxSettings,
  credentials(values) {
    if (faultsOf(values, (key) => key).length > 0) return [];
    const { setting, host } = placeOf(values);
    return [{ setting, host }];
  },
  faults: faultsOf,
  open(values, deps, nameOf) {
    const place = placeOf(values);
    const { convoxCaCert: caCert, convoxSkipVerify: skipVerify } = values;
    const http = caCert || skipVerify ? deps.http.trusting({ caCert, skipVerify }) : deps.http;
    const rack = (): ReturnType<typeof createRack> =>
      createRack(
        createWire(place, http, { ...deps, rackSetting: nameOf('convoxRack') }),
        values.convoxApp,
      );
    const warn = (): void => {
      if (skipVerify)
        deps.log.warn(`convox_skip_verify: the certificate of ${place.host} is not verified`);
    };
    return {
      id: 'convox',
      plan: (order) => planOf(place, values, order),
      async check(signal) {
        warn();
        return checkAll({ rack: rack(), place, values, deps, nameOf }, signal);
      },
      async deploy(job) {
        warn();
        return deployTo({ rack: rack(), values, deps, nameOf, job });
      },
    };
  },
});
