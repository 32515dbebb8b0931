import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { deployToken, openServer, type Server, token } from '../serve/server.ts';
import { startDeployService } from '../support/deploy-service.ts';
import { seeded } from '../support/random.ts';
import { inFolder } from './folder.ts';
import { brokenPromises, isOver, manyDeployments, type Run, settled } from './ground.ts';

export type Storm = {
  readonly runs: number;
  readonly clients: number;
  readonly kills: number;
  /** Each with a folder of its own; more than one only on PostgreSQL. */
  readonly replicas: number;
  readonly databaseUrl?: string;
  /** What else happens meanwhile, once: at half of the work. */
  readonly trouble?: () => Promise<void>;
  /** The wall clock goes an hour ahead and back again, over and over. */
  readonly clockJumps?: boolean;
  readonly seed: number;
};

export type Weathered = {
  /** 202 answers; each with an id of its own. */
  readonly accepted: number;
  /** Answers that a client had to ask again after. */
  readonly asked: number;
  readonly seconds: number;
  readonly kills: number;
  /** What was promised and did not hold. */
  readonly broken: readonly string[];
};

const slots = 200;
const scripts = [
  ['SUCCESS'],
  ['QUEUED', 'SUCCESS'],
  ['IN_PROGRESS', 'FAILURE'],
  ['QUEUED', 'IN_PROGRESS', 'SUCCESS'],
];

/** Runs posted by many clients while the server is killed: what was accepted, and what became of it. */
export const weather = (storm: Storm): Promise<Weathered> =>
  inFolder(async (folder) => {
    const start = performance.now();
    const { kills, runs, seed, databaseUrl } = storm;
    const service = await startDeployService({
      token: deployToken,
      script: ({ description }) => scripts[Number(/\d+/.exec(String(description))) % 4] ?? [],
    });
    const text = manyDeployments(Math.min(slots, runs));
    const env = {
      SLIPWAY_CONCURRENCY: '64',
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ...(storm.clockJumps ? { NODE_OPTIONS: `--import=${jumps}` } : {}),
    };
    const servers: Server[] = [];
    for (let number = 0; number < storm.replicas; number += 1) {
      const setting = { text, service: service.url, env, folder: folder(`replica-${number}`) };
      servers.push(await openServer(setting));
    }
    try {
      await Promise.all(servers.map((server) => server.start()));
      const clients = postAll(storm, servers);
      const progress = (): number => (clients.answers.size + service.runs.length) / (2 * runs);
      const killed = killInTurn(servers, kills, seed, progress);
      const troubled = once(progress, storm.trouble);
      await Promise.all([clients.done, killed, troubled]);
      const [first] = servers;
      if (!first) throw new Error('a storm needs a server');
      const kept = await settled(first);
      const log = servers.map((server) => server.log()).join('');
      return {
        accepted: clients.answers.size,
        asked: clients.again(),
        seconds: Math.round((performance.now() - start) / 1000),
        kills,
        broken: [
          ...brokenPromises(kept, service),
          ...forgotten(clients.answers, kept),
          ...(log.match(/^.*(?:bug in Slipway|hunter2).*$/gm) ?? []),
        ],
      };
    } finally {
      await Promise.all(servers.map((server) => server.kill('SIGKILL')));
      await service.close();
    }
  });

/** Loaded before the bundle: the process's own idea of the time. */
const jumps = `data:text/javascript,${encodeURIComponent(
  'const now=Date.now,start=now();Date.now=()=>now()+(Math.floor((now()-start)/2000)%2)*36e5',
)}`;

async function once(progress: () => number, trouble = async (): Promise<void> => {}) {
  while (progress() < 0.5) await pause(50);
  await trouble();
}

/** Each client posts one run after the other, and asks again with the same key until it is told an id. */
function postAll({ runs, clients }: Storm, servers: readonly Server[]) {
  const agent = new http.Agent({ keepAlive: true });
  const answers = new Map<string, string>();
  let next = 0;
  let again = 0;
  async function client(): Promise<void> {
    while (next < runs) {
      const number = next++;
      for (let tries = 0; ; tries += 1) {
        const { url } = servers[(number + tries) % servers.length] as Server;
        const answer = await post(`${url}/v1/runs`, number, agent);
        if (answer !== undefined) {
          answers.set(`run ${number}`, answer);
          break;
        }
        again += 1;
        await pause(50);
      }
    }
  }
  const done = Promise.all(Array.from({ length: clients }, client)).then(() => agent.destroy());
  return { done, answers, again: () => again };
}

/** The id of the run; undefined where nothing was answered, or that it may be asked again. */
function post(url: string, number: number, agent: http.Agent): Promise<string | undefined> {
  const body = JSON.stringify({
    deployment: `hello-${number % slots}`,
    description: `run ${number}`,
  });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': body.length,
    'idempotency-key': `storm-${number}`,
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.on('error', () => resolve(undefined));
      answer.on('end', () => {
        const { statusCode = 0 } = answer;
        if (statusCode >= 500) resolve(undefined);
        else if (statusCode !== 202 && statusCode !== 200) reject(new Error(text));
        else resolve(JSON.parse(text).id);
      });
    });
    request.on('error', () => resolve(undefined));
    request.end(body);
  });
}

/** Whenever a further part of the work is done, the next server goes, and comes back. */
async function killInTurn(
  servers: readonly Server[],
  kills: number,
  seed: number,
  progress: () => number,
): Promise<void> {
  const random = seeded(seed);
  for (let kill = 0; kill < kills; kill += 1) {
    while (progress() < (kill + 0.5) / kills) await pause(5);
    await pause(random.int(100));
    const server = servers[kill % servers.length] as Server;
    await server.kill('SIGKILL');
    await pause(random.int(300));
    await server.start();
  }
}

function forgotten(answers: ReadonlyMap<string, string>, kept: readonly Run[]): string[] {
  const of = new Map(kept.map((run) => [String(run.description), run]));
  return [...answers].flatMap(([name, id]) => {
    const run = of.get(name);
    if (!run) return [`${name} was accepted as ${id} and is not there`];
    if (run.id !== id) return [`${name} was accepted as ${id} and is ${run.id}`];
    return isOver(run) ? [] : [`${name} was accepted as ${id} and is still ${run.status}`];
  });
}
