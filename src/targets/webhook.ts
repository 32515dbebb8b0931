import { yamlName } from '../settings/define.ts';
import { defineTarget } from './target.ts';
import { deployBy } from './webhook/deploy.ts';
import { createService } from './webhook/service.ts';
import { faultsOf, type WebhookValues, webhookSettings } from './webhook/settings.ts';

const secrets = ['webhookUrl', 'webhookToken', 'webhookHeaders', 'webhookBody'] as const;

const usesOf = (values: WebhookValues): readonly { setting: string; host: string }[] => {
  if (!URL.canParse(values.webhookUrl ?? '')) return [];
  const { host } = new URL(values.webhookUrl);
  return secrets
    .filter((key) => values[key] !== undefined)
    .map((key) => ({ setting: yamlName(key), host }));
};

/** Its defaults follow our own server, so that one Slipway can drive another. */
export const webhook = defineTarget({
  id: 'webhook',
  about: 'Asks an HTTP service to deploy, and follows the deploy to its end.',
  settings: webhookSettings,
  credentials: usesOf,
  faults: faultsOf,
  open(values, deps) {
    const service = createService(values, deps);
    return {
      id: 'webhook',
      plan: () => [
        `${values.webhookMethod} ${service.host}/… (webhook_url) with an Idempotency-Key of the run key`,
        values.webhookWait === false
          ? 'take its answer as accepted, without following the deploy'
          : `follow the deploy at the URL that the answer has at ${values.webhookStatusUrl}, every ${values.webhookInterval / 1000} s`,
      ],
      // The only request that this service is known to understand deploys.
      check: async () =>
        usesOf(values).map(({ setting, host }) => ({
          ok: 'not provable',
          text: `${setting} goes to ${host}, which has no read that would prove it`,
        })),
      deploy: (job) => deployBy(service, values, deps, job),
    };
  },
});
