import { checkAll } from './divio/check.ts';
import { createClient } from './divio/client.ts';
import { deployBy } from './divio/deploy.ts';
import { planOf } from './divio/plan.ts';
import { createService } from './divio/service.ts';
import { baseOf, divioSettings, faultsOf } from './divio/settings.ts';
import { defineTarget } from './target.ts';

/** Follows a deployment on Divio to its end, and tells which of its two races it has met. */
export const divio = defineTarget({
  id: 'divio',
  about: 'Deploys an environment of an application on Divio.',
  settings: divioSettings,
  credentials: (values) => [
    // Of a zone that is none there is no host, and `open` says so.
    ...(URL.canParse(baseOf(values))
      ? [{ setting: 'divio_token', host: new URL(baseOf(values)).host }]
      : []),
    ...(['divio_webhook_url', 'divio_webhook_secret'] as const).flatMap((setting) => {
      const url = values.divioWebhookUrl;
      const isSet = setting === 'divio_webhook_url' || values.divioWebhookSecret !== undefined;
      return url && isSet ? [{ setting, host: new URL(url).host }] : [];
    }),
  ],
  faults: faultsOf,
  open(values, deps, nameOf) {
    const client = createClient(baseOf(values), values.divioToken, deps);
    const opened = { values, deps, nameOf, service: createService(client) };
    // A general setting, read along with ours: the order, which has the last word, comes only with the job.
    const { environment } = values as { readonly environment?: string };
    return {
      id: 'divio',
      plan: (order) => planOf(values, client.host, order),
      check: (signal) => checkAll(opened, environment, signal),
      deploy: (job) => deployBy(opened, job),
    };
  },
});
