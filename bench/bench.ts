/**
 * `npm run bench`: what the promises about time and memory come to, here and now. Cases of one table run in turn;
 * the ratio is the median of the ratios within a round. `node bench/bench.ts [rounds]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measure, report } from './measure.ts';
import { bare, promote } from './promote.ts';

const rounds = Number(process.argv[2] ?? 25);
const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
const start = path.join(folder, 'start.mjs');
const cache = path.join(folder, 'cache');
// As in the image: build/start.mjs, beside the bundle, with a cache that an earlier run has filled.
writeFileSync(
  start,
  `import { enableCompileCache } from 'node:module';\nenableCompileCache(${JSON.stringify(cache)});\nawait import(${JSON.stringify(bundle)});\n`,
);

const startup = measure(
  [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: '--version', args: [bundle, '--version'] },
    { name: '--version, as in the image', args: [start, '--version'] },
    { name: 'a settings fault', args: [bundle], env: { PLUGIN_TIMEOUT: 'x' }, status: 2 },
    {
      name: 'a settings fault, as in the image',
      args: [start],
      env: { PLUGIN_TIMEOUT: 'x' },
      status: 2,
    },
  ],
  rounds,
);
const two = { ratio: 2 };
const startsFast = report('Start', startup, {
  '--version': two,
  '--version, as in the image': two,
  'a settings fault': two,
  'a settings fault, as in the image': two,
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
    { name: 'whole run, as in the image', args: [start], env },
  ],
  rounds,
);
close();
rmSync(folder, { recursive: true });
const runsFast = report(
  'A whole run: command `true`, adopted deployment, GitHub on loopback',
  runs,
  {
    'whole run': { ratio: 1.5, peakMiB: 80 },
    'whole run, as in the image': { ratio: 1.5, peakMiB: 80 },
  },
);
process.exitCode = startsFast && runsFast && once ? 0 : 1;

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
