import { createHttp } from '../../src/http/client.ts';
import type { Job, Target, TargetDeps } from '../../src/targets/target.ts';
import { webhook } from '../../src/targets/webhook.ts';
import type { DeployService } from './deploy-service.ts';
import { createNotes, recordJob } from './job.ts';
import { mortalHttp } from './mortal-http.ts';
import { openTarget, type Process, type Settings } from './process.ts';

export type { Process, Settings };

export const token = 'tok-4dc1f00dbaadcafe';
export const secret = 'sig-0ddba11c0ffee000';

/** Time that runs twenty times as fast: pauses are real, and short. */
export const fastClock: TargetDeps['clock'] = {
  now: () => Date.now(),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(resolve, ms / 20);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** The target as a process with these variables opens it. */
export const openWebhook = (settings: Settings, deps: TargetDeps): Target =>
  openTarget(webhook, settings, deps);

/** One process that deploys through the service. */
export function startProcess(
  service: Pick<DeployService, 'url'>,
  settings: Settings = {},
  changes: Partial<Job> = {},
): Process {
  const { log, lines } = createNotes();
  const network = {
    proxyEnv: {},
    caCert: undefined,
    skipVerify: false,
    timeoutMs: 150,
    retryBaseMs: 100,
  };
  const http = createHttp({ ...network, clock: fastClock, log });
  const mortal = mortalHttp(http);
  const recorded = recordJob(changes);
  const all = { url: service.url, token, interval: '1s', ...settings };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const target = openWebhook(given, {
    http: mortal.http,
    clock: fastClock,
    log,
    cwd: '/',
    env: {},
  });
  const verdict = target.deploy(recorded.job).finally(() => http.close());
  verdict.catch(() => {});
  return { recorded, lines, verdict, kill: mortal.kill };
}
