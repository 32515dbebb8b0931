import { createHmac } from 'node:crypto';
import { messageOf } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Deploying } from './deploying.ts';
import { historyOf } from './git.ts';
import type { DivioValues } from './settings.ts';

const freshMs = 60_000;
const usualDelayMs = 15_000;
/** As the vendor's own script waits between its push and its deploy. */
const nudgedDelayMs = 5000;

/** Divio deploys what it has pulled: tells it of the commit where it can be told, and gives it time. */
export async function letDivioPull(d: Deploying): Promise<void> {
  const { job, deps } = d;
  const isNudged = await nudge(d);
  const ms = d.values.divioPullDelay ?? (await defaultDelay(d, isNudged));
  if (ms === 0) return;
  job.progress(`gives Divio ${Math.ceil(ms / 1000)} s to pull the commit (divio_pull_delay)`);
  await deps.clock.pause(ms, job.signal);
}

async function defaultDelay({ job, deps, place }: Deploying, isNudged: boolean): Promise<number> {
  if (isNudged) return nudgedDelayMs;
  const { commit, buildCreatedAt, seq } = job.order;
  // Hosted by Divio, the push itself was the pull.
  if (place.application.repository === null || commit === undefined) return 0;
  const made = await historyOf(job.tree, deps.env).madeAt(commit);
  return deps.clock.now() - (made ?? buildCreatedAt ?? seq) < freshMs ? usualDelayMs : 0;
}

/** Between two deployments of one run, when Divio had deployed another commit. */
export const redeployDelay = ({ divioPullDelay }: DivioValues): number =>
  divioPullDelay ?? usualDelayMs;

/** Says at the webhook what the git host would say. Whether Divio takes that from us is not documented. */
async function nudge(d: Deploying): Promise<boolean> {
  const { values, deps, job, place, ending } = d;
  const { divioWebhookUrl: url } = values;
  if (!url) return false;
  const { commit } = job.order;
  const { branch } = place.environment;
  if (commit === undefined || branch === undefined) {
    const missing = commit === undefined ? 'the commit' : "the environment's branch";
    deps.log.warn(`Divio's webhook is not told, for ${missing} is not known`);
    return false;
  }
  const body = JSON.stringify(pushOf(values, job.order, commit, branch));
  const headers = { ...headersFor(values, body), 'content-type': 'application/json' };
  try {
    const call = { method: 'POST', repeat: 'safe', secretPath: true } as const;
    await deps.http.request({ ...call, url, headers, body, signal: ending.signal });
    deps.log.info(`Divio's webhook was told of ${commit} (experimental)`);
    return true;
  } catch (error) {
    deps.log.warn(`Divio's webhook could not be told, and the deploy goes on: ${messageOf(error)}`);
    return false;
  }
}

function pushOf(values: DivioValues, { repo }: Order, commit: string, branch: string): unknown {
  const push = { ref: `refs/heads/${branch}`, before: '0'.repeat(commit.length), after: commit };
  const name = repo?.split('/').at(-1);
  return values.divioWebhookType === 'github'
    ? { ...push, repository: { name, full_name: repo } }
    : {
        object_kind: 'push',
        ...push,
        checkout_sha: commit,
        project: { name, path_with_namespace: repo },
      };
}

function headersFor(values: DivioValues, body: string): Record<string, string> {
  const { divioWebhookSecret: secret } = values;
  if (values.divioWebhookType === 'gitlab') {
    return { 'x-gitlab-event': 'Push Hook', ...(secret ? { 'x-gitlab-token': secret } : {}) };
  }
  const signed = (hash: string): string =>
    `${hash}=${createHmac(hash, secret ?? '')
      .update(body)
      .digest('hex')}`;
  const signatures = { 'x-hub-signature-256': signed('sha256'), 'x-hub-signature': signed('sha1') };
  return { 'x-github-event': 'push', ...(secret ? signatures : {}) };
}
