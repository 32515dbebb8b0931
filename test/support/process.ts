import * as assert from 'uvu/assert';
import type { Clock } from '../../src/clock.ts';
import { createHttp } from '../../src/http/client.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import type { Job, Target, TargetDeps, TargetEntry, Verdict } from '../../src/targets/target.ts';
import { createNotes, type Line, order, type Recorded, recordJob } from './job.ts';
import { mortalHttp } from './mortal-http.ts';

export type Settings = Readonly<Record<string, string>>;

/** The target as a process with these variables opens it; names without the target's id, empty ones left out. */
export function openTarget(entry: TargetEntry, settings: Settings, deps: TargetDeps): Target {
  const written = Object.entries(settings).filter(([, value]) => value !== '');
  const prefix = `PLUGIN_${entry.id.toUpperCase()}_`;
  const variables = written.map(([name, value]) => [`${prefix}${name.toUpperCase()}`, value]);
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(entry.settings, [fromEnv(Object.fromEntries(variables), 'PLUGIN_')], reading);
  if (loaded.faults.length > 0) throw new Error(JSON.stringify(loaded.faults));
  return entry.open(loaded, deps);
}

/** One process that deploys. */
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
  /** PEM that is trusted. */
  readonly caCert?: string;
};

export function startTarget(
  entry: TargetEntry,
  settings: Settings,
  { clock, job = {}, env = {}, timeoutMs = 400, caCert }: Surroundings,
): Process {
  const { log, lines } = createNotes();
  const network = { proxyEnv: {}, caCert, skipVerify: false, timeoutMs };
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
  const deps = { http: mortal.http, clock: { now: clock.now, pause }, log, cwd: '/', env };
  const target = openTarget(entry, settings, deps);
  const verdict = target.deploy(recorded.job).finally(() => http.close());
  verdict.catch(() => {});
  return { recorded, lines, verdict, kill: mortal.kill };
}

export function verdictIs(verdict: Verdict, outcome: Verdict['outcome'], said: RegExp): void {
  assert.is(verdict.outcome, outcome, JSON.stringify(verdict));
  assert.match(verdict.description, said);
}

export const texts = (process: Pick<Process, 'lines'>, level?: string): string[] =>
  process.lines.filter((line) => !level || line.level === level).map(({ text }) => text);
