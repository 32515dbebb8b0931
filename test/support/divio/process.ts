import type { Clock } from '../../../src/clock.ts';
import { createHttp } from '../../../src/http/client.ts';
import { load } from '../../../src/settings/load.ts';
import { fromEnv } from '../../../src/settings/sources.ts';
import { divio } from '../../../src/targets/divio.ts';
import type { Job, Target, TargetDeps, Verdict } from '../../../src/targets/target.ts';
import { createNotes, type Line, order, type Recorded, recordJob } from '../job.ts';

export type Settings = Readonly<Record<string, string>>;

/** The target as a process with these variables opens it; names without `divio_`, empty ones left out. */
export function openDivio(settings: Settings, deps: TargetDeps): Target {
  const written = Object.entries(settings).filter(([, value]) => value !== '');
  const variables = written.map(([name, value]) => [`PLUGIN_DIVIO_${name.toUpperCase()}`, value]);
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(divio.settings, [fromEnv(Object.fromEntries(variables), 'PLUGIN_')], reading);
  if (loaded.faults.length > 0) throw new Error(JSON.stringify(loaded.faults));
  return divio.open(loaded, deps);
}

export type Process = {
  readonly recorded: Recorded;
  readonly lines: readonly Line[];
  readonly verdict: Promise<Verdict>;
  /** As `kill -9`: nothing more is sent, stored or heard. */
  kill(): void;
};

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
  const killed = new AbortController();
  const dead = (): boolean => killed.signal.aborted;
  const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs };
  const http = createHttp({ ...network, clock, log });
  const mortal: TargetDeps['http'] = {
    async request(exchange) {
      if (dead()) return never;
      const signal = AbortSignal.any([exchange.signal, killed.signal]);
      return http.request({ ...exchange, signal }).then(
        (value) => (dead() ? never : value),
        (error) => (dead() ? never : Promise.reject(error)),
      );
    },
    close: http.close,
  };
  const pause: Clock['pause'] = async (...args) => {
    await clock.pause(...args);
    if (dead()) await never;
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
  const deps = { http: mortal, clock: { now: clock.now, pause }, log, cwd: '/', env };
  const target = openDivio(all, deps);
  const verdict = target.deploy(recorded.job).finally(() => http.close());
  verdict.catch(() => {});
  const kill = (): void => {
    killed.abort();
    http.close();
  };
  return { recorded, lines, verdict, kill };
}
