/** One run that tells the audiences of its first argument; prints how many ms it took. */
import { createHash } from 'node:crypto';
import { systemClock } from '../src/clock.ts';
import { createHttp } from '../src/http/client.ts';
import type { Order } from '../src/order.ts';
import { reporterEntries } from '../src/reporters/index.ts';
import type { Reporter } from '../src/reporters/reporter.ts';
import { run } from '../src/run/run.ts';
import { load } from '../src/settings/load.ts';
import { fromEnv } from '../src/settings/sources.ts';
import { everySetting } from '../src/verbs/owners.ts';
import { takeNotes } from '../test/support/notes.ts';
import type { Audience } from './audience-forges.ts';

const { repo, sha, key, audiences } = JSON.parse(process.argv[2] ?? '') as {
  readonly repo: string;
  readonly sha: string;
  readonly key: string;
  readonly audiences: readonly Audience[];
};
const clock = systemClock;
const log = takeNotes();
const timeoutMs = 30_000;
const http = createHttp({
  ...{ proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs, clock, log },
});
const began = clock.now();
const order: Order = {
  ...{
    runKey: createHash('sha256').update(key).digest('hex').slice(0, 20),
    seq: began,
    expiry: began + 60_000,
    system: 'none',
    repo,
    commit: sha,
  },
  ...{ environment: key, ref: 'main', task: 'deploy', payload: {}, written: {} },
  ...{ startedBy: 'caller', ciPostsTerminal: false, logUrls: [] },
};

function open({ id, settings }: Audience): Reporter {
  const env = Object.entries(settings).map(([name, raw]) => [`PLUGIN_${name.toUpperCase()}`, raw]);
  const given = fromEnv(Object.fromEntries(env), 'PLUGIN_');
  const values = load(everySetting, [given], { emptyMeansMissing: false, readFile: () => '' });
  const entry = reporterEntries.find((each) => each.id === id);
  if (!entry) throw new Error(`there is no reporter ${id}`);
  return entry.open(values, order, { verb: 'deploy', http, clock, log });
}

const reporters = audiences.map(open);
const { exit, lost } = await run(order, {
  target: {
    ...{ id: 'bench', plan: () => [], check: async () => [] },
    deploy: async () => ({ outcome: 'success', description: '' }),
  },
  ...{ reporters, clock, log, checkout: undefined, redact: (text) => text },
  ...{ signal: new AbortController().signal, timeoutMs, heartbeatMs: timeoutMs },
  ...{ httpTimeoutMs: timeoutMs, whenBusy: 'proceed', supersede: true, requireStatus: true },
});
http.close();
if (exit !== 0 || lost.length > 0)
  throw new Error(`${lost} did not hear:\n${log.lines.join('\n')}`);
console.log(clock.now() - began);
