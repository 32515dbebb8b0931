import { serverContext } from '../context/server.ts';
import type { Deployment } from '../deployments/config.ts';
import { limited } from '../ending.ts';
import { messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { ServerDeps, StatusOrder, StatusPosted } from '../server/deps.ts';
import type { State } from '../status.ts';
import { openReporters } from './audience.ts';
import { judge } from './prepare.ts';
import { readFor, type Serving } from './serving.ts';

/** An answer that is later than this does not come at all, as Orca sees it. */
const longestMs = 20_000;

/** Posts one status for somebody without a forge's token, on a deployment that one of the candidates may speak for. */
export function createPoster(serving: Serving): ServerDeps['postStatus'] {
  return async (order) => {
    try {
      for (const deployment of order.candidates) {
        if (await post(serving, deployment, order)) {
          return {
            outcome: 'posted',
            text: `${order.state} is posted on deployment ${order.deploymentId}`,
          };
        }
      }
    } catch (error) {
      return refusalOf(error);
    }
    const names = order.candidates.map(({ environment }) => environment).join(', ');
    return {
      outcome: 'refused',
      message: `Deployment ${order.deploymentId} is for none of: ${names}.`,
    };
  };
}

function refusalOf(error: unknown): StatusPosted {
  if (error instanceof RemoteError && error.kind === 'unavailable') {
    return { outcome: 'unavailable', message: error.message };
  }
  if (error instanceof RemoteError || error instanceof SettingsError) {
    return { outcome: 'refused', message: messageOf(error) };
  }
  throw error;
}

/** Whether it was this deployment's to post. */
async function post(
  serving: Serving,
  deployment: Deployment,
  order: StatusOrder,
): Promise<boolean> {
  const { forge, forgeUrl, repository } = deployment;
  const { host, publicUrl } = serving;
  const context = serverContext({
    ...{ runId: `status-${order.deploymentId}`, createdAt: host.clock.now(), publicUrl },
    ...{ forge, forgeUrl, repository, source: 'spinnaker' as const, actor: order.by },
  });
  const settings = {
    deployment_id: order.deploymentId,
    ...(order.description ? { description: order.description } : {}),
  };
  const seat = { signal: host.signal, write: () => {} };
  const { prepared, faults } = judge(
    await readFor(serving, deployment, context, settings, seat),
    'status',
  );
  if (faults.length > 0) throw new SettingsError(faults);
  const limit = limited(host.clock, longestMs);
  try {
    const reporter = openReporters(prepared, 'status').find(({ id }) => id === 'github-deployment');
    const adopted = (await reporter?.forge?.look(limit.signal, limit.until))?.adopted;
    const isTheirs = adopted?.environment.toLowerCase() === deployment.environment.toLowerCase();
    if (!reporter?.forge || !adopted || !isTheirs) return false;
    await reporter.forge.open(adopted, limit.signal, limit.until);
    const description = order.description ?? `${order.state.replace('_', ' ')}, by ${order.by}`;
    await reporter.post({ state: order.state as State, description }, limit.signal, limit.until);
    return true;
  } finally {
    limit.done();
    prepared.http.close();
  }
}
