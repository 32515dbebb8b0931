import type { Clock } from '../../../src/clock.ts';
import { createHttp } from '../../../src/http/client.ts';
import { divio } from '../../../src/targets/divio.ts';
import type { Job, Target, TargetDeps } from '../../../src/targets/target.ts';
import { createNotes, order, recordJob } from '../job.ts';
import { mortalHttp } from '../mortal-http.ts';
import { openTarget, type Process, type Settings } from '../open-target.ts';

export type { Process, Settings };

/** The target as a process with these variables opens it. */
export const openDivio = (settings: Settings, deps: TargetDeps): Target =>
  openTarget(divio, settings, deps);

const never = new Promise<never>(() => {});

export type Surroundings = {
  readonly clock: Clock;
  readonly job?: Partial<Job>;
  readonly env?: TargetDeps['env'];
  /** In real ms. */
  readonly timeoutMs?: number;
};

/** One process that deploys the environment `live` of the application `hello`. */
export function startDivio(
  at: { readonly url: string; readonly token: string },
  settings: Settings,
  { clock, job = {}, env = {}, timeoutMs = 400 }: Surroundings,
): Process {
  const { log, lines } = createNotes();
  const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs };
  const http = createHttp({ ...network, clock, log });
  const mortal = mortalHttp(http);
  const pause: Clock['pause'] = async (...args) => {
    await clock.pause(...args);
    if (mortal.isDead()) await never;
  };
  const recorded = recordJob({
    order: { ...order, seq: clock.now(), expiry: clock.now() },
    ...job,
  });
  const all = {
    api_url: at.url,
    token: at.token,
    application: 'hello',
    environment: 'live',
    ...settings,
  };
  const deps = { http: mortal.http, clock: { now: clock.now, pause }, log, cwd: '/', env };
  const target = openDivio(all, deps);
  const verdict = target.deploy(recorded.job).finally(() => http.close());
  verdict.catch(() => {});
  return { recorded, lines, verdict, kill: mortal.kill };
}
