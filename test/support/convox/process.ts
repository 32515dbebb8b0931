import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttp } from '../../../src/http/client.ts';
import { convox } from '../../../src/targets/convox.ts';
import type { Job, Target, TargetDeps } from '../../../src/targets/target.ts';
import { createNotes, recordJob } from '../job.ts';
import { mortalHttp } from '../mortal-http.ts';
import { openTarget, type Process, type Settings } from '../process.ts';
import { scaledClock } from '../scaled-clock.ts';

export type { Process, Settings };

/** Time that runs thirty times as fast; faster would be faster than loopback. */
export const swiftClock = scaledClock(30);

/** A source tree that can be built; removed by `remove`. */
export function makeTree(files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-convox-'));
  const all = {
    'convox.yml': 'services:\n  web:\n    build: .\n',
    Dockerfile: 'FROM x\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    if (text !== '') writeFileSync(join(folder, name), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** The target as a process with these variables opens it. */
export const openConvox = (settings: Settings, deps: TargetDeps): Target =>
  openTarget(convox, settings, deps);

/** One process that deploys to the rack. */
export function startProcess(
  rack: { readonly rackUrl: string },
  settings: Settings = {},
  changes: Partial<Job> = {},
  deps: Partial<TargetDeps> = {},
): Process {
  const { log, lines } = createNotes();
  const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, retryBaseMs: 100 };
  const clock = deps.clock ?? swiftClock;
  const http = createHttp({ ...network, timeoutMs: 500, clock, log });
  const mortal = mortalHttp(http);
  const recorded = recordJob(changes);
  const all = { rack_url: rack.rackUrl, app: 'app1', ...settings };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const basics = { http: mortal.http, clock, log, cwd: '/nowhere', env: {} };
  const target = openConvox(given, { ...basics, ...deps });
  const verdict = target.deploy(recorded.job).finally(() => http.close());
  verdict.catch(() => {});
  return { recorded, lines, verdict, kill: mortal.kill };
}
