import { messageOf } from '../../errors.ts';
import { briefly } from './brief.ts';
import type { Deploying } from './deploying.ts';
import type { Deployment } from './wire.ts';

/** What later steps may want to know of the deployment. */
export function tellResults({ job }: Deploying, deployment: Deployment): void {
  const { status, success, startedAt, endedAt } = deployment;
  if (status) job.result('status', status);
  if (success !== undefined) job.result('success', String(success));
  if (startedAt) job.result('started_at', new Date(startedAt).toISOString());
  if (endedAt) job.result('ended_at', new Date(endedAt).toISOString());
  if (startedAt && endedAt) {
    job.result('duration', String(Math.round(Math.max(endedAt - startedAt, 0) / 1000)));
  }
}

/** A deployment without a known address is as good. */
export async function tellSite(d: Deploying, uuid: string): Promise<void> {
  const { job, service, place, deps, ending } = d;
  if (job.order.environmentUrl) return;
  try {
    const site = await briefly(d, ending.signal, (signal) =>
      service.site(uuid, place.environment, signal),
    );
    if (site) job.serves(site);
    else deps.log.debug('Divio names no DOMAIN for the deployment; environment_url would');
  } catch (error) {
    deps.log.info(`Where the environment serves could not be read: ${messageOf(error)}`);
  }
}
