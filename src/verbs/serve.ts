import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../engine/engine.ts';
import { startTellers } from '../engine/tellers.ts';
import { messageOf, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';
import { exits } from '../outcome.ts';
import { createRedactor } from '../redact.ts';
import { createApp } from '../server/app.ts';
import { createMetrics } from '../server/metrics.ts';
import type { Run } from '../store/run.ts';
import { type Store, storeDefaults } from '../store/store.ts';
import { version } from '../version.ts';
import { createLog } from '../voice.ts';
import { awaitStore } from './await-store.ts';
import { executeOn } from './execute.ts';
import { listen } from './listen.ts';
import { catalog } from './owners.ts';
import { createPoster } from './post-status.ts';
import type { Flags } from './read.ts';
import { readReady, readSecretsAgain, secretValues } from './ready.ts';
import { makeScratch } from './scratch.ts';
import type { Serving } from './serving.ts';
import { tellOn } from './tell.ts';

/** Finished runs are kept for as long, and so many. */
const keep = { maxAgeMs: 90 * 24 * 3_600_000, maxRuns: 100_000 };
const sweepEveryMs = 10 * 60_000;

/** `slipway serve`: until it is told to end. Resolves to the exit code. */
export async function serve(host: Host, flags: Flags): Promise<number> {
  const ready = readReady(host, flags);
  const { server, operator } = ready;
  let { secrets } = ready;
  const { clock } = host;
  const unsaid = new Set(secretValues(ready, secrets));
  let redactor = createRedactor([...unsaid]);
  const log: Log = await createLog({
    write: host.write,
    level: 'info',
    format: 'json',
    colour: false,
    redactor: { text: (text) => redactor.text(text), stream: () => redactor.stream() },
    guards: [],
    outputLimit: undefined,
    now: () => clock.now(),
  });
  for (const warning of ready.warnings) log.warn(warning);
  const metrics = createMetrics();
  const scratch = path.resolve(host.cwd, server.dataDir, 'tmp');
  const serving: Serving = {
    host: { ...host, env: { ...host.env, TMPDIR: host.env.TMPDIR || scratch } },
    publicUrl: server.publicUrl,
    config: () => operator.config,
    secrets: () => secrets,
    reading: operator.reading,
    forgeFailed: (where, kind) =>
      metrics.count('slipway_forge_errors_total', { host: where, kind }),
  };
  let store: Store | undefined;
  let isOpen = false;
  const app = await createApp({
    ...{ catalog, version, clock, log, metrics },
    publicUrl: server.publicUrl,
    store: () => store,
    config: serving.config,
    secrets: serving.secrets,
    ready: () => isOpen,
    postStatus: createPoster(serving),
  });
  const ended = (run: Run): void => {
    metrics.ended(run);
    log.info(`Run ${run.id} of ${run.deployment} ended: ${run.status}`, { run: run.id });
  };
  const ending = heed(host, log, () => {
    secrets = readSecretsAgain(host, ready);
    // Runs that are in progress go on with the old ones.
    for (const value of secretValues(ready, secrets)) unsaid.add(value);
    redactor = createRedactor([...unsaid]);
  });
  // Before the store is open, for a refused connection is final to Orca, and a 503 is not.
  await listen(app, server.listen);
  log.info(
    `Slipway ${version} listens on ${server.listen}; people reach it at ${server.publicUrl}`,
  );
  const over = new AbortController();
  try {
    store = await awaitStore(ready, { clock, log, ended }, ending.first);
    if (!store) return exits.ok.code;
    makeScratch(scratch, server.databaseUrl === undefined);
    const seat = {
      ...{ store, clock, log },
      owner: `${hostname()}-${randomUUID()}`,
      leaseMs: storeDefaults.leaseMs,
    };
    const engine = createEngine({
      ...seat,
      concurrency: server.concurrency,
      execute: executeOn(serving),
    });
    engine.start();
    const untell = startTellers({ ...seat, ...tellOn(serving) });
    isOpen = true;
    log.info('ready');
    void sweep(store, host, log, over.signal);
    await ending.first;
    isOpen = false;
    await end(engine, ending.second, server.drain, log);
    await untell();
    return exits.ok.code;
  } finally {
    over.abort();
    isOpen = false;
    await app.close();
    await store?.close();
    log.info('ended');
  }
}

async function end(engine: Engine, second: Promise<void>, ms: number, log: Log): Promise<void> {
  const running = engine.running();
  log.info(`ending: takes no more runs; in progress: ${running}, for ${ms / 1000} s at most`);
  void second.then(() => engine.drain(0));
  await engine.drain(ms);
}

type Ends = { readonly first: Promise<void>; readonly second: Promise<void> };

/** SIGTERM drains, a second one ends at once; SIGHUP reads the secrets again. */
function heed(host: Host, log: Log, reread: () => void): Ends {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  host.hear((name) => {
    if (name !== 'SIGHUP') {
      count += 1;
      (count === 1 ? first : second).resolve();
      return;
    }
    try {
      reread();
      log.info('SIGHUP: the secrets were read again');
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      log.error(`SIGHUP: the secrets stay as they were: ${messageOf(error)}`);
    }
  });
  return { first: first.promise, second: second.promise };
}

async function sweep(store: Store, host: Host, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      while (!signal.aborted && (await store.sweep(keep))) await host.clock.pause(50, signal);
    } catch (error) {
      log.warn(`Old runs could not be deleted: ${messageOf(error)}`);
    }
    await host.clock.pause(sweepEveryMs, signal);
  }
}
