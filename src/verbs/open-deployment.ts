import { checkoutEntries } from '../checkout/index.ts';
import { serverContext } from '../context/server.ts';
import type { Deployment } from '../deployments/config.ts';
import type { Opening } from '../deployments/judge.ts';
import { type Fault, SettingsError } from '../errors.ts';
import { factsEntries } from '../forges/witnesses.ts';
import type { Host } from '../host.ts';
import { createHttp } from '../http/lazy.ts';
import type { Log } from '../log.ts';
import { reporterEntries } from '../reporters/index.ts';
import type { ReporterEntry } from '../reporters/reporter.ts';
import { type Values, yamlName } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import type { Loaded } from '../settings/load.ts';
import { targetEntries } from '../targets/index.ts';
import { makeOrder } from './order.ts';
import { childEnv, chooseReporters } from './prepare.ts';

/**
 * Opens what a run of a deployment would: faults that no single setting shows, such as a key that is none. Nothing
 * is asked of any remote.
 */
export const openingOn =
  (host: Host, publicUrl: string): Opening =>
  (deployment, loaded) => {
    const values = loaded.values as Values<typeof general>;
    const { caCert, skipVerify, httpTimeout: timeoutMs } = values;
    const { clock, cwd } = host;
    const http = createHttp({
      proxyEnv: host.env,
      caCert,
      skipVerify,
      timeoutMs,
      clock,
      log: silent,
    });
    const { forge, forgeUrl, repository } = deployment;
    const context = serverContext({
      ...{ runId: 'check', createdAt: clock.now(), publicUrl },
      ...{ forge, forgeUrl, repository, source: 'deployment' as const },
    });
    const settings = { values, origins: loaded.origins, fromContext: new Set<string>() };
    const made = makeOrder(settings, context, clock).order;
    // Of no deployment and no commit that there is, as a run would have them.
    const order = { ...made, deploymentId: '1', commit: '1'.repeat(40) };
    const chosen = chooseReporters(loaded, values, order, 'deploy');
    const deps = { http, clock, log: silent };
    const target = targetEntries.find(({ id }) => id === deployment.target);
    const source = checkoutEntries.find(
      ({ id }) => target?.deploysTree && id === deployment.checkout,
    );
    const here = { cwd, env: childEnv(host.env) };
    const witness = factsEntries.find(({ id }) => id === forge);
    try {
      return [
        ...chosen.faults,
        ...faultsOf(() => target?.open(loaded, { ...deps, ...here })),
        ...known(
          ...faultsOf(() => source?.open(loaded, order, { ...deps, ...here, scratch: [] })),
          ...(asksAlways(deployment) ? faultsOf(() => witness?.open(loaded, order, deps)) : []),
        ),
        ...chosen.entries.flatMap(({ entry }) =>
          faultsOf(() => entry.open(loaded, order, { ...deps, verb: 'deploy' })),
        ),
        ...uselessSecrets(
          deployment,
          loaded,
          chosen.entries.map(({ entry }) => entry),
        ),
      ];
    } finally {
      http.close();
    }
  };

/** A token of another forge than the deployment's tells nobody anything, and its operator believes that it does. */
function uselessSecrets(
  { forge, target }: Deployment,
  { values }: Loaded,
  chosen: readonly ReporterEntry[],
): readonly Fault[] {
  const ofTarget = targetEntries.filter(({ id }) => id === target);
  const used = [...chosen, ...reporterEntries.filter((each) => each.forge === forge), ...ofTarget];
  const useless = reporterEntries.flatMap(({ id, forge: theirs, settings }) =>
    Object.entries(settings)
      .filter(([key, { secret }]) => secret && values[key] !== undefined)
      .filter(([key]) => used.every((each) => !(key in each.settings)))
      .map(([key]): [string, string] => [
        yamlName(key),
        `tells nobody: the forge of this deployment is ${forge}; write \`forge: ${theirs}\` beside \`settings\` if its repository is there, or name ${id} in \`report\``,
      ]),
  );
  return [...new Map(useless)].map(([name, message]) => ({ name, message }));
}

/** Whether there are runs that nothing is deployed for without the forge's word. */
const asksAlways = ({ refs, on: { deployment, push, tag } }: Deployment): boolean =>
  refs !== undefined || deployment || push.length + tag.length > 0;

/** Each setting once: a tree and the facts of its commit come by the same token. */
const known = (...faults: readonly Fault[]): readonly Fault[] => [
  ...new Map(faults.toReversed().map((fault) => [fault.name, fault])).values(),
];

function faultsOf(open: () => unknown): readonly Fault[] {
  try {
    open();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

const nothing = (): void => {};
const silent: Log = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  spokeAt: () => 0,
  output: async () => {},
  endOutput: nothing,
};
