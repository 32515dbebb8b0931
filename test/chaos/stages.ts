import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deployToken, openServer, type Server, token } from '../serve/server.ts';
import { type DeployService, startDeployService } from '../support/deploy-service.ts';
import { startFront } from '../support/front.ts';
import type { Facts } from '../support/orca.ts';
import { type Random, seeded } from '../support/random.ts';
import { type Definition, definitionsIn } from '../support/spinnaker/definition.ts';
import { createOkHttp, type OkHttp } from '../support/spinnaker/ok-http.ts';
import { createStage, type Ended } from '../support/spinnaker/webhook-stage.ts';
import { inFolder } from './folder.ts';
import { brokenPromises, manyDeployments, type Run, settled } from './ground.ts';
import { torment } from './torment.ts';

const bundle = path.join(import.meta.dirname, '../../dist/slipway.mjs');

export type Pipelines = {
  readonly stages: number;
  /** How many are in progress at a time. */
  readonly atOnce: number;
  readonly replicas: number;
  readonly databaseUrl?: string;
  /** What the server suffers, one after the other, for as long as there are stages: see torment.ts. */
  readonly seed: number;
  /** Orca's waits are divided by it. */
  readonly speed: number;
};

export type Driven = {
  readonly verdicts: Readonly<Record<string, number>>;
  readonly torments: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly broken: readonly string[];
};

/** Stages of Spinnaker against a server that is killed, stopped and starved, behind a front. */
export const drive = (pipelines: Pipelines): Promise<Driven> =>
  inFolder(async (folder) => {
    const start = performance.now();
    const { seed, replicas, databaseUrl, stages, atOnce } = pipelines;
    const service = await startDeployService({ token: deployToken, script: scriptOf });
    const servers: Server[] = [];
    const front = await startFront(() => servers.map(({ url }) => url));
    const text = manyDeployments(Math.min(stages, slots));
    const env = {
      SLIPWAY_CONCURRENCY: '64',
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    };
    const setting = { text, service: service.url, publicUrl: front.url, env };
    for (let number = 0; number < replicas; number += 1) {
      servers.push(await openServer({ ...setting, folder: folder(`replica-${number}`) }));
    }
    const over = new AbortController();
    try {
      await Promise.all(servers.map((server) => server.start()));
      const definitions = printed(folder('orca'), text, front.url);
      const tormented = torment(servers, seeded(seed), over.signal);
      const players = await playAll(pipelines, definitions, atOnce);
      over.abort();
      const torments = await tormented;
      const kept = await settled(servers[0] as Server);
      const log = servers.map((server) => server.log()).join('');
      return {
        verdicts: counted(players.map(({ ended }) => ended.verdict)),
        torments,
        seconds: Math.round((performance.now() - start) / 1000),
        broken: [
          ...brokenPromises(kept, service),
          ...players.flatMap((played) => untrue(played, kept, service)),
          ...(log.match(/^.*(?:bug in Slipway|hunter2).*$/gm) ?? []),
        ],
      };
    } finally {
      over.abort();
      await Promise.all(servers.map((server) => server.kill('SIGKILL')));
      await front.close();
      await service.close();
    }
  });

const slots = 100;

/** What `slipway orca` says for this file, as Orca reads it. */
function printed(folder: string, text: string, publicUrl: string): readonly Definition[] {
  const file = path.join(folder, 'slipway.yml');
  writeFileSync(file, text);
  const yaml = execFileSync(process.execPath, [bundle, 'orca', '--config', file], {
    env: { PATH: process.env.PATH, SLIPWAY_PUBLIC_URL: publicUrl },
    encoding: 'utf8',
  });
  return definitionsIn(yaml, { SLIPWAY_TOKEN: token });
}

const kinds = ['ends', 'fails', 'is canceled', 'is canceled late', 'is started again'] as const;
type Kind = (typeof kinds)[number];

/** How often a run that somebody may cancel is looked at before it ends. */
const long = 12;

/** `3 is canceled`: the name of a run says how it goes. */
function scriptOf({ description }: Readonly<Record<string, unknown>>): readonly string[] {
  const name = String(description);
  if (/fails/.test(name)) return ['QUEUED', 'IN_PROGRESS', 'FAILURE'];
  if (/late/.test(name)) return ['IN_PROGRESS', 'SUCCESS'];
  if (/canceled|started again/.test(name)) return [...Array(long).fill('IN_PROGRESS'), 'SUCCESS'];
  return ['QUEUED', 'IN_PROGRESS', 'SUCCESS'];
}

type Played = { readonly name: string; readonly kind: Kind; readonly ended: Ended };

async function playAll(
  { stages, seed, speed }: Pipelines,
  definitions: readonly Definition[],
  atOnce: number,
): Promise<readonly Played[]> {
  const random = seeded(seed);
  const played: Played[] = [];
  let next = 0;
  async function player(): Promise<void> {
    const http = createOkHttp();
    while (next < stages) {
      const number = next++;
      const definition = definitions[number % definitions.length] as Definition;
      played.push(...(await play({ number, definition, http, random, speed })));
    }
    http.close();
  }
  await Promise.all(Array.from({ length: atOnce }, player));
  return played;
}

type Part = {
  readonly number: number;
  readonly definition: Definition;
  readonly http: OkHttp;
  readonly random: Random;
  readonly speed: number;
};

/** One stage from its start to its end, and once more where a person starts it again. */
async function play(part: Part): Promise<readonly Played[]> {
  const { number, random } = part;
  const kind = kinds[number % kinds.length] as Kind;
  const manners = { isRedelivered: random.int(4) === 0, isChunked: random.int(2) === 0 };
  const stage = staged(part, `${number} ${kind}`, number, manners);
  const running = stage.run();
  if (kind === 'ends' || kind === 'fails') {
    return [{ kind, name: `${number} ${kind}`, ended: await running }];
  }
  if (kind === 'is canceled late') {
    const ended = await running;
    await stage.sendCancel();
    return [{ kind, name: `${number} ${kind}`, ended }];
  }
  // At any moment: before the first byte, in the create, between polls.
  await pause(random.int(kind === 'is canceled' ? 3000 : 1500));
  stage.cancel();
  const ended = await running;
  const first: Played = { kind, name: `${number} ${kind}`, ended };
  if (kind === 'is canceled') return [first];
  // Same execution and stage, another start; then what was to end the first one arrives late.
  const again = staged(part, `${number} ends after all`, number + 1, manners);
  const rerun = again.run();
  await pause(random.int(500));
  await stage.sendCancel();
  return [first, { kind: 'ends', name: `${number} ends after all`, ended: await rerun }];
}

function staged(
  { number, definition, http, speed }: Part,
  description: string,
  startTime: number,
  manners: object,
) {
  const facts: Facts = {
    parameterValues: { description },
    execution: { id: `01JEXECUTION${number}`, application: 'shop', name: 'Deploy "prod"' },
    stage: { id: `01JSTAGE${number}`, startTime: 1_795_000_000_000 + startTime },
  };
  return createStage(definition, facts, { http, speed, ...manners });
}

const ends: Readonly<Record<string, readonly string[]>> = {
  SUCCEEDED: ['SUCCESS'],
  TERMINAL: ['FAILURE', 'ERROR', 'TIMED_OUT'],
};

/** Whether a stage says something else than its run, or a run goes on whose end was taken as asked for. */
function untrue(
  { name, kind, ended }: Played,
  kept: readonly Run[],
  service: DeployService,
): string[] {
  const run = kept.find(({ description }) => description === name);
  const { verdict, error, id, cancels } = ended;
  const status = String(run?.status);
  const line = `stage ${name} ended ${verdict} (${error ?? ''}), its run ${run?.id} ${status}: ${run?.progress}`;
  if (verdict === 'CANCELED') {
    const wasTaken = cancels.some((answer) =>
      /QUEUED|IN_PROGRESS|CANCELED/.test(String((answer as Run | undefined)?.status)),
    );
    const isLong = !/late/.test(name);
    return wasTaken && isLong && status !== 'CANCELED' ? [`${line}, though canceled`] : [];
  }
  const expected = kind === 'fails' ? 'TERMINAL' : 'SUCCEEDED';
  const there = service.runs.find(({ order }) => order.description === name);
  return [
    ...(run && ends[verdict]?.includes(status) ? [] : [line]),
    ...(verdict === expected ? [] : [`${line}, and not ${expected}; there: ${there?.status}`]),
    ...(id === undefined || id === run?.id ? [] : [`${line}, and was answered with ${id}`]),
  ];
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
