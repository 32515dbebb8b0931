/**
 * `npm run bench`: what the promises about time and memory come to, here and now. Cases of one table run in turn;
 * the ratio is the median of the ratios within a round. `node bench/bench.ts [rounds]`.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packTrees } from './archive.ts';
import { audiences } from './audiences.ts';
import { checkOutDiversion } from './diversion.ts';
import { effort } from './effort.ts';
import { measure, report } from './measure.ts';
import { passOutput } from './output.ts';
import { bare, promote } from './promote.ts';
import { measureServer } from './serve.ts';
import { measureStores } from './store.ts';
import { verdictLag } from './verdict-lag.ts';

const rounds = Number(process.argv[2] ?? 25);
const dist = path.join(import.meta.dirname, '../dist');
const bundle = path.join(dist, 'slipway.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
// As another Node runs it, or who takes the one file only: without what V8 compiled ahead.
const alone = path.join(folder, 'slipway.mjs');
copyFileSync(bundle, alone);
const isAhead = readdirSync(dist).some((name) => name.endsWith('.cache'));

const fault = { env: { PLUGIN_TIMEOUT: 'x' }, status: 2 };
const startup = measure(
  [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: '--version', args: [bundle, '--version'] },
    { name: '--version, the one file alone', args: [alone, '--version'] },
    { name: 'a settings fault', args: [bundle], ...fault },
    { name: 'a settings fault, the one file alone', args: [alone], ...fault },
  ],
  rounds,
);
const two = { ratio: 2 };
const startsFast = report('Start', startup, {
  '--version': two,
  'a settings fault': two,
});

const { exchanges, env, url, close } = await promote(folder);
console.log('\nThe exchanges of a promote that adopts a deployment');
exchanges.forEach(({ method, path: at, status }, index) => {
  console.log(
    `  ${index + 1}. ${method} ${at.split('?')[0]} → ${status}: ${reasonOf(method, at, index)}`,
  );
});
const asked = exchanges.map(({ method, path: at, body }) => `${method} ${at} ${body}`);
const once = new Set(asked).size === asked.length;
console.log(once ? '  none is there twice' : '  ONE IS THERE TWICE');

const files = {
  imported: path.join(folder, 'bare.mjs'),
  fetched: path.join(folder, 'fetched.mjs'),
};
writeFileSync(files.imported, bare(exchanges, url, "import http from 'node:http';"));
writeFileSync(
  files.fetched,
  bare(exchanges, url, "const http = process.getBuiltinModule('node:http');"),
);
const runs = measure(
  [
    { name: 'the same with bare node:http', args: [files.imported] },
    { name: 'the same, without an import', args: [files.fetched] },
    { name: 'whole run', args: [bundle], env },
    { name: 'whole run, the one file alone', args: [alone], env },
  ],
  rounds,
);
close();
const runsFast = report(
  'A whole run: command `true`, adopted deployment, GitHub on loopback',
  runs,
  { 'whole run': { ratio: 1.5, peakMiB: 80 } },
);
const passesFast = await passOutput(bundle, folder, Math.min(rounds, 5));
const tellsSoon = await verdictLag(bundle, Math.min(rounds, 20));
const packsFast = await packTrees(bundle, folder, Math.min(rounds, 5));
const checksOutFast = await checkOutDiversion(bundle, Math.min(rounds, 3));
const isCheap = await effort(bundle, Math.min(rounds, 7));
const tellsMany = await audiences(bundle, Math.min(rounds, 7));
rmSync(folder, { recursive: true });
const storesFast = await measureStores();
const servesFast = await measureServer();
if (!isAhead) console.log('\nNothing is compiled ahead: see what `npm run build` says');
const isFast =
  startsFast &&
  runsFast &&
  passesFast &&
  packsFast &&
  tellsSoon &&
  storesFast &&
  servesFast &&
  checksOutFast &&
  isCheap &&
  tellsMany;
const holds = isFast && once && isAhead;
process.exitCode = holds ? 0 : 1;

function reasonOf(method: string, at: string, index: number): string {
  const before = exchanges.slice(0, index).some((one) => one.method === method && one.path === at);
  if (method === 'POST' && at.includes('/graphql'))
    return 'the newest deployments of the slot, with their statuses';
  if (method === 'GET' && /\/deployments\/\d+$/.test(at))
    return 'the deployment to adopt: sha, environment, payload';
  if (method === 'POST' && at.includes('/statuses')) {
    const { state } = JSON.parse(exchanges[index]?.body ?? '{}');
    return `tells ${state}`;
  }
  if (method === 'GET' && at.includes('/statuses')) {
    return before ? 'are they still as we left them?' : 'what was said of it so far; is it closed?';
  }
  return 'has no reason in bench/bench.ts yet';
}
