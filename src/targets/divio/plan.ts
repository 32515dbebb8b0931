import { durationText } from '../../duration.ts';
import type { Order } from '../../order.ts';
import type { DivioValues } from './settings.ts';
import { wantedVariables } from './variables.ts';

/** What a deploy would do, one line each. */
export function planOf(values: DivioValues, host: string, order: Order): readonly string[] {
  const environment = values.divioEnvironment ?? order.environment ?? 'the environment';
  const names = wantedVariables(values).map(({ name }) => name);
  const variables = names.length === 1 ? 'variable' : 'variables';
  const steps = [
    `find application ${values.divioApplication} and its environment ${environment} at ${host}`,
    values.divioWebhookUrl && "tell Divio's webhook of the commit (experimental)",
    pullOf(values),
    busyOf(values, environment),
    names.length > 0 && `set the ${variables} ${names.join(', ')} of ${environment}`,
    `POST a deployment of ${environment} (${values.divioBuildMode}) to ${host}, and follow it to its end`,
    logOf(values),
    comparedOf(values, order),
  ];
  return steps.filter((step) => typeof step === 'string');
}

function pullOf({ divioPullDelay: delay }: DivioValues): string | undefined {
  if (delay === 0) return undefined;
  const time = delay === undefined ? 'time' : durationText(delay);
  const which =
    delay === undefined ? 'a commit that is young and comes from elsewhere' : 'the commit';
  return `give Divio ${time} to pull ${which} (divio_pull_delay)`;
}

const busyOf = ({ divioOnBusy, divioQueueTimeout }: DivioValues, environment: string): string =>
  ({
    wait: `wait up to ${durationText(divioQueueTimeout)} for other deployments of ${environment}`,
    attach: `take a deployment of ${environment} that runs for ours`,
    fail: `fail if another deployment of ${environment} runs`,
  })[divioOnBusy];

const logOf = ({ divioLog }: DivioValues): string | undefined =>
  ({
    on_failure: "show the end of the deployment's log if it fails (divio_log: on_failure)",
    always: "show the deployment's log (divio_log: always)",
    never: undefined,
  })[divioLog];

function comparedOf(values: DivioValues, order: Order): string | undefined {
  const { divioVerify, divioVerifyRetries: retries } = values;
  if (divioVerify === 'off') return undefined;
  const compared = order.commit ?? 'the commit, which is not known yet';
  const most = retries === 1 ? 'once' : `${retries} times`;
  const again = retries === 0 ? '' : `deploy again (at most ${most}) while it is another, then `;
  const end = divioVerify === 'warn' ? 'warn' : 'fail';
  return `compare what Divio has deployed with ${compared}; ${again}${end}`;
}
