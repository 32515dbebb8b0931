import { durationText } from '../../duration.ts';
import type { Order } from '../../order.ts';
import type { DivioValues } from './settings.ts';
import { wantedVariables } from './variables.ts';

/** What a deploy would do, one line each. */
export function planOf(values: DivioValues, host: string, order: Order): readonly string[] {
  const environment = values.divioEnvironment ?? order.environment ?? 'the environment';
  const names = wantedVariables(values).map(({ name }) => name);
  const { divioOnBusy, divioVerify, divioVerifyRetries: retries } = values;
  const wait = durationText(values.divioQueueTimeout);
  const busy = {
    wait: `wait up to ${wait} for other deployments of ${environment}`,
    attach: `take a deployment of ${environment} that runs for ours`,
    fail: `fail if another deployment of ${environment} runs`,
  }[divioOnBusy];
  const compared = order.commit ?? 'the commit, which is not known yet';
  return [
    `find application ${values.divioApplication} and its environment ${environment} at ${host}`,
    ...(values.divioWebhookUrl ? ["tell Divio's webhook of the commit (experimental)"] : []),
    busy,
    ...(names.length > 0 ? [`set the variables ${names.join(', ')} of ${environment}`] : []),
    `POST a deployment of ${environment} (${values.divioBuildMode}) to ${host}, and follow it to its end`,
    ...(divioVerify === 'off'
      ? []
      : [
          `compare what Divio has deployed with ${compared}; deploy again up to ${retries} times while it is another, then ${divioVerify === 'warn' ? 'warn' : 'fail'}`,
        ]),
  ];
}
