/**
 * How late an end is told: from the moment when a service on loopback is done to the exit of the bundle that follows
 * it, in real time. A service is one entry of `services`; its goal is a fifth of what the vendor's own client takes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { median } from './measure.ts';
import { convoxRollouts } from './verdict-lag-convox.ts';
import { divioRollouts } from './verdict-lag-divio.ts';
import { spinnakerRollouts } from './verdict-lag-spinnaker.ts';

/** One rollout that is to be followed. */
export type Rollout = {
  readonly env: Readonly<Record<string, string>>;
  /** Once the step has exited: how it was, in ms since the epoch. */
  seen(): {
    readonly beganAt: number;
    readonly doneAt: number;
    /** When requests arrived, of any kind; and those that ask for the state. */
    readonly requests: readonly number[];
    readonly looks: readonly number[];
  };
  close(): Promise<void>;
};
/** The vendor's client, measured: its median lag, where there is one, and its requests in 30 s of a rollout. */
export type Theirs = { readonly medianMs: number | undefined; readonly requests: number };
export type Case = {
  readonly name: string;
  readonly theirs: Theirs;
  /** undefined: told, and not judged. */
  readonly goalMs: number | undefined;
  rollout(round: number): Promise<Rollout>;
};

/** One function a service; each gives its cases. */
const services: readonly (() => readonly Case[])[] = [
  convoxRollouts,
  divioRollouts,
  spinnakerRollouts,
];

const staggerMs = 150;

/** Prints the table; tells whether every goal holds. */
export async function verdictLag(bundle: string, rounds: number): Promise<boolean> {
  const cases = services.flatMap((casesOf) => casesOf());
  const rows = await Promise.all(cases.map((each, n) => measureCase(bundle, each, rounds, n)));
  console.log(
    '\nVerdict lag: from the end of a rollout on loopback to the exit of the bundle, real time',
  );
  console.table(rows.map(({ row }) => row));
  return rows.every(({ holds }) => holds);
}

async function measureCase(bundle: string, one: Case, rounds: number, nth: number) {
  const { theirs, goalMs } = one;
  const runs = await Promise.all(
    Array.from({ length: rounds }, async (_, round) => {
      await new Promise((resolve) => setTimeout(resolve, staggerMs * (round * 3 + nth)));
      return measureOne(bundle, await one.rollout(round), theirs);
    }),
  );
  const lags = runs.map(({ lagMs }) => lagMs).toSorted((a, b) => a - b);
  // As many a second as the client: what it asks of 30 s, for as long as the rollout took.
  const shares = runs.map(({ asked, lastedMs }) => (asked * 30_000) / lastedMs);
  const mostAsked = Math.max(...shares);
  const leastPause = Math.min(...runs.map((run) => run.leastPauseMs));
  const isPolite = runs.every(({ isFrugal }) => isFrugal) && leastPause > 950;
  const holds = isPolite && (goalMs === undefined || median(lags) <= goalMs);
  const seconds = (ms: number | undefined): number =>
    Number(((ms ?? Number.NaN) / 1000).toFixed(2));
  const row = {
    case: one.name,
    runs: rounds,
    'min s': seconds(lags[0]),
    'median s': seconds(median(lags)),
    'max s': seconds(lags.at(-1)),
    '≤ s': goalMs === undefined ? '' : seconds(goalMs),
    'vendor s': theirs.medianMs === undefined ? '' : seconds(theirs.medianMs),
    'requests in 30 s': Number(mostAsked.toFixed(1)),
    '≤': theirs.requests,
    'least pause s': seconds(leastPause),
    holds: holds ? (goalMs === undefined ? 'told' : 'yes') : 'NO',
  };
  return { row, holds };
}

async function measureOne(bundle: string, rollout: Rollout, { requests: most }: Theirs) {
  const everyMs = 30_000 / (most - 1);
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env.PATH, ...rollout.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const [status] = await once(child, 'exit');
  const exitedAt = Date.now();
  if (status !== 0) throw new Error(`a followed rollout exited with ${status}: ${said}`);
  const { beganAt, doneAt, requests, looks } = rollout.seen();
  await rollout.close();
  const during = requests.filter((at) => at > beganAt && at <= doneAt);
  return {
    lagMs: exitedAt - doneAt,
    lastedMs: doneAt - beganAt,
    asked: during.length,
    // One at the start, and then one as often as the client asks: every 3 s where it asks 11 times in 30 s.
    isFrugal: during.every((at, n) => n <= (at - beganAt + 100) / everyMs),
    leastPauseMs: Math.min(...looks.slice(1).map((at, n) => at - (looks[n] ?? 0))),
  };
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await verdictLag(bundle, Number(process.argv[2] ?? 20))) ? 0 : 1;
}
