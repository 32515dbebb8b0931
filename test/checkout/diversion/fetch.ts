import { diversion } from '../../../src/checkout/diversion.ts';
import { systemClock as clock } from '../../../src/clock.ts';
import { createHttp } from '../../../src/http/client.ts';
import { load } from '../../../src/settings/load.ts';
import { fromEnv } from '../../../src/settings/sources.ts';
import { everySetting } from '../../../src/verbs/owners.ts';
import { order } from '../../support/job.ts';
import { takeNotes } from '../../support/notes.ts';

/** `node fetch.ts FOLDER` with settings in the environment: fetches a tree, and prints how much memory that took. */
const [cwd = ''] = process.argv.slice(2);
const reading = { emptyMeansMissing: false, readFile: () => '' };
const loaded = load(everySetting, [fromEnv(process.env, 'PLUGIN_')], reading);
const log = takeNotes();
const http = createHttp({
  ...{ proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 30_000, clock, log },
});
const { commit: _commit, ref: _ref, ...plain } = order;
const ours = { ...plain, forge: 'diversion', repo: 'hello' } as const;
const checkout = diversion.open(loaded, ours, {
  http,
  clock,
  log,
  cwd,
  scratch: [cwd],
  env: process.env,
});
await checkout.fetch(ours, {
  signal: new AbortController().signal,
  until: Date.now() + 3_600_000,
  progress: () => {},
  found: () => {},
});
await checkout.release();
http.close();
console.log(JSON.stringify({ peakKiB: process.resourceUsage().maxRSS, said: log.lines.at(-1) }));
