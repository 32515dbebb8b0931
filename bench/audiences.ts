import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Audience, type Forges, startForges } from './audience-forges.ts';
import { median } from './measure.ts';

const goalMs = 100;
const latencyMs = 20;
const hungMs = 5000;
type Env = Readonly<Record<string, string>>;
type Pair = { readonly one: number; readonly many: number };

async function node(args: readonly string[], env: Env = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      said += bytes;
    });
  }
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`a run exited with ${status}:\n${said}`);
  return said;
}

/** A process from its start to its end, ms: what a user waits. */
async function processMs(
  bundle: string,
  { repo, sha }: Forges,
  key: string,
  audiences: readonly Audience[],
  more: Env = {},
): Promise<number> {
  const settings = {
    ...{ command: 'true', environment: key, run_key: key, repo, commit: sha, ref: 'main' },
    ...Object.assign({}, ...audiences.map((each) => each.settings)),
    ...{ report: audiences.map(({ id }) => id).join(','), ...more },
  };
  const env = Object.entries(settings).map(([name, value]) => [
    `PLUGIN_${name.toUpperCase()}`,
    value,
  ]);
  const began = performance.now();
  await node([bundle], Object.fromEntries(env));
  return performance.now() - began;
}

const child = path.join(import.meta.dirname, 'audience-run.ts');

/** The run alone, without the start of its process, ms: one reporter may be there twice. */
async function runMs(
  { repo, sha }: Forges,
  key: string,
  audiences: readonly Audience[],
): Promise<number> {
  return Number(await node([child, JSON.stringify({ repo, sha, key, audiences })]));
}

const over = (pairs: readonly Pair[]): number => median(pairs.map(({ one, many }) => many - one));

const row = (what: string, pairs: readonly Pair[]) => ({
  what,
  'one ms': Math.round(median(pairs.map(({ one }) => one))),
  'many ms': Math.round(median(pairs.map(({ many }) => many))),
  'over ms': Math.round(over(pairs)),
  '≤': goalMs,
  holds: over(pairs) <= goalMs ? 'yes' : 'NO',
});

/** What more audiences cost a run that GitHub hears of; tells whether the goals hold. */
export async function audiences(bundle: string, rounds: number): Promise<boolean> {
  const forges = await startForges(latencyMs);
  const { first, others, hanging } = forges;
  const kinds = [...new Map([first, ...others].map((each) => [each.id, each])).values()];
  const ten = [first, ...others];
  const processes: Pair[] = [];
  const runs: Pair[] = [];
  const hung: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    processes.push({
      one: await processMs(bundle, forges, `alone-${round}`, [first]),
      many: await processMs(bundle, forges, `kinds-${round}`, kinds),
    });
    runs.push({
      one: await runMs(forges, `one-${round}`, [first]),
      many: await runMs(forges, `ten-${round}`, ten),
    });
  }
  for (let round = 0; round < 2; round += 1) {
    const more = { http_timeout: `${hungMs / 1000}s`, require_status: 'false' };
    hung.push({
      one: await processMs(bundle, forges, `heard-${round}`, [first], more),
      many: await processMs(bundle, forges, `hung-${round}`, [first, hanging], more),
    });
  }
  await forges.close();
  console.log(`\nAudiences: forges answer in ${latencyMs} ms`);
  console.table([
    row(`a process that tells one, and ${kinds.length}`, processes),
    row(`a run that tells one, and ${ten.length}`, runs),
    {
      ...row(`one more that hangs, http_timeout ${hungMs / 1000} s`, hung),
      ...{ '≤': hungMs + goalMs, holds: over(hung) <= hungMs + goalMs ? 'yes' : 'NO' },
    },
  ]);
  return over(processes) <= goalMs && over(runs) <= goalMs && over(hung) <= hungMs + goalMs;
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await audiences(bundle, Number(process.argv[2] ?? 7))) ? 0 : 1;
}
