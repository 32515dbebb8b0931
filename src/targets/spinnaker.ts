import { yamlName } from '../settings/define.ts';
import { checkAll } from './spinnaker/check.ts';
import { createClient } from './spinnaker/client.ts';
import { deployBy } from './spinnaker/deploy.ts';
import { identityOf } from './spinnaker/identity.ts';
import { planOf } from './spinnaker/plan.ts';
import { createService } from './spinnaker/service.ts';
import { faultsOf, spinnakerSettings } from './spinnaker/settings.ts';
import { defineTarget } from './target.ts';

const secrets = [
  ...(['spinnakerToken', 'spinnakerPassword', 'spinnakerClientCert'] as const),
  'spinnakerParameters',
] as const;

/** Follows an execution to its end; by the correlation id a retry joins it instead of doubling it. */
export const spinnaker = defineTarget({
  id: 'spinnaker',
  about: 'Starts a pipeline in Spinnaker, and follows its execution to the end.',
  settings: spinnakerSettings,
  credentials(values) {
    if (!URL.canParse(values.spinnakerGateUrl ?? '')) return [];
    const { host } = new URL(values.spinnakerGateUrl);
    return secrets
      .filter((key) => values[key] !== undefined)
      .map((key) => ({ setting: yamlName(key), host }));
  },
  faults: (values, nameOf, { clock }) => faultsOf(values, nameOf, clock.now()),
  open(values, deps, nameOf) {
    const identity = identityOf(values, deps.clock.now());
    const http = identity ? deps.http.trusting({ identity }) : deps.http;
    const client = createClient(values, { http, clock: deps.clock });
    const service = createService(client, values.spinnakerApplication);
    const opened = { values, deps, service, nameOf };
    return {
      id: 'spinnaker',
      plan: () => planOf(values, client.host),
      check: (signal) => checkAll(opened, signal),
      deploy: (job) => deployBy(opened, job),
    };
  },
});
