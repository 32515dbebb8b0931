/** What the promises about `slipway serve` come to: the bundle and real sockets, driven by wrk. `node bench/serve.ts`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createCaller } from '../test/serve/caller.ts';
import { deployToken, openServer, type Server, token } from '../test/serve/server.ts';
import { type DeployService, startDeployService } from '../test/support/deploy-service.ts';
import { median } from './measure.ts';
import { finished, sqliteGround } from './store.ts';
import { webhookServer } from './webhook-server.ts';
import { type Driven, drive, isThere, type Load } from './wrk.ts';

const connections = 32;
const seconds = 5;
const rounds = 3;
const waiting = 10_000;

type Row = {
  readonly measure: string;
  readonly value: string;
  readonly goal: string;
  readonly holds: boolean | undefined;
};

const row = (measure: string, value: number, goal: string, holds: boolean, unit = ''): Row => ({
  measure,
  value: `${value < 100 ? Number(value.toFixed(1)) : Math.round(value)}${unit}`,
  goal,
  holds,
});

/** Accepts, polls, memory and the start; prints a table, and tells whether every goal that could be measured is met. */
export async function measureServer(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-serve-'));
  const service = await startDeployService({ token: deployToken, script: ['IN_PROGRESS'] });
  try {
    const accepts = isThere('wrk')
      ? await measureAccepts(folder, service)
      : missing('wrk', 'accepts');
    const lives = await measureWaiting(folder, service);
    const start = await measureStart(folder, service);
    const rows = [...accepts, ...lives, start];
    console.log(`\nThe server: ${connections} connections for ${seconds} s, ${rounds} rounds`);
    console.table(
      rows.map(({ holds, ...shown }) => ({
        ...shown,
        holds: holds === undefined ? '' : holds ? 'yes' : 'NO',
      })),
    );
    return rows.every(({ holds }) => holds !== false);
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const missing = (program: string, measure: string): Row[] => [
  { measure, value: `not measured: apt-get install ${program}`, goal: '', holds: undefined },
];

/** One slot: the first run goes on for ever, all others wait. */
const text = `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: hello
    repository: octo/hello
    environment: production
    target: webhook
    settings: { report: none, webhook_interval: 15s }
    secrets: { webhook_url: { env: DEPLOY_URL }, webhook_token: { env: DEPLOY_TOKEN } }
`;

async function onServer<T>(
  folder: string,
  service: DeployService,
  play: (server: Server) => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const server = await openServer({ folder, text, service: service.url });
  try {
    await server.start();
    return await play(server);
  } finally {
    await server.kill('SIGKILL');
  }
}

const order = JSON.stringify({
  deployment: 'hello',
  commit: 'a'.repeat(40),
  description: 'v1.2.3',
});
const posting = { method: 'POST', body: order } as const;

const warmly = async (load: Load): Promise<Driven> => {
  await drive({ ...load, seconds: 1 });
  const driven = await drive(load);
  // What a load leaves behind is not the next one's.
  await pause(1000);
  return driven;
};

/** Both in turn, round after round; each of ours is on the disk, and each of theirs is forgotten at a crash. */
async function measureAccepts(folder: string, service: DeployService): Promise<readonly Row[]> {
  const ours: Driven[] = [];
  const theirs: Driven[] = [];
  const isCompared = isThere('webhook');
  for (let round = 0; round < rounds; round += 1) {
    const own = path.join(folder, `accepts-${round}`);
    ours.push(
      await onServer(own, service, ({ url }) =>
        warmly({ url: `${url}/v1/runs`, token, connections, seconds, ...posting }),
      ),
    );
    if (!isCompared) continue;
    const other = await webhookServer(folder, token);
    theirs.push(await warmly({ url: other.url, token, connections, seconds, ...posting }));
    await other.end();
  }
  const rate = median(ours.map(({ perSecond }) => perSecond));
  const p99 = median(ours.map(({ p99 }) => p99));
  const ratio = median(ours.map(({ perSecond }, at) => perSecond / (theirs[at]?.perSecond ?? 0)));
  const refused = ours.reduce((sum, { failed }) => sum + failed, 0);
  return [
    { measure: 'durable accepts/s', value: String(Math.round(rate)), goal: '', holds: undefined },
    row('  p99', p99, '≤ 50 ms', p99 <= 50, ' ms'),
    row('  refused', refused, '0', refused === 0),
    ...(isCompared
      ? [
          {
            measure: "Debian's webhook accepts/s, not durable",
            value: String(Math.round(median(theirs.map(({ perSecond }) => perSecond)))),
            goal: '',
            holds: undefined,
          },
          row('  ours to its', ratio, '≥ 1.0 ×', ratio >= 1, ' ×'),
        ]
      : missing('webhook', "beside Debian's webhook")),
  ];
}

/** So many waiting runs: what they weigh, and how fast each can be asked for. */
const measureWaiting = (folder: string, service: DeployService): Promise<readonly Row[]> =>
  onServer(path.join(folder, 'waiting'), service, async (server) => {
    const { ask, all } = createCaller(server.url, server.log);
    const post = (): Promise<unknown> => ask('POST', '/v1/runs', JSON.parse(order));
    await post();
    await pause(3000);
    const before = rss(server);
    for (let taken = 1; taken < waiting; taken += connections) {
      await Promise.all(Array.from({ length: connections }, post));
    }
    await pause(3000);
    const runs = await all();
    const kib = (rss(server) - before) / runs.length;
    const weight = row(`a waiting run of ${runs.length}`, kib, '< 20 KiB', kib < 20, ' KiB');
    if (!isThere('wrk')) return [weight, ...missing('wrk', 'status polls')];
    const paths = runs.map(({ id }) => `/spinnaker/v1/runs/${id}`);
    const load = { url: server.url, paths, token, connections, seconds, method: 'GET' as const };
    const { perSecond, p99, failed } = await warmly(load);
    return [
      {
        measure: 'status polls/s',
        value: String(Math.round(perSecond)),
        goal: '',
        holds: undefined,
      },
      row('  p99', p99, '≤ 10 ms', p99 <= 10, ' ms'),
      row('  refused', failed, '0', failed === 0),
      weight,
    ];
  });

/** KiB that the kernel has given to it. */
const rss = (server: Server): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1]);

/** From nothing to the first 200 of /readyz, with a long history. */
async function measureStart(folder: string, service: DeployService): Promise<Row> {
  const own = path.join(folder, 'start');
  await onServer(own, service, async () => {});
  const ground = sqliteGround(own);
  ground.age(ground.place('data'));
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await onServer(own, service, async ({ url, log }) => {
      took.push(performance.now() - start);
      const { status } = await createCaller(url, log).ask('GET', `/v1/runs/run%20${finished}`);
      if (status !== 200) throw new Error(`the history is not there: ${status}`);
    });
  }
  const ms = median(took);
  return row(`start to ready, ${finished} finished runs`, ms, '≤ 1000 ms', ms <= 1000, ' ms');
}

if (import.meta.main) process.exitCode = (await measureServer()) ? 0 : 1;
