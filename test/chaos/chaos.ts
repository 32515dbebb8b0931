/**
 * `npm run chaos`: what the server promises, the long way; half an hour. `node test/chaos/chaos.ts [word …]` plays only
 * what has one of these words in its name. The bounded forms are ordinary tests.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { bundle } from '../../build.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { drive } from './stages.ts';
import { weather } from './storm.ts';
import { besieged, forge } from './strangers.ts';

type Played = { readonly broken: readonly string[] };
type Act = readonly [name: string, play: (postgres: Postgres) => Promise<Played>];

const storm = { runs: 10_000, clients: 64, kills: 20, replicas: 1, seed: 1 };
const half = { ...storm, runs: 2000, kills: 4 };
const pipelines = { stages: 500, atOnce: 60, replicas: 1, seed: 1, speed: 20 };

const acts: readonly Act[] = [
  ['storm on sqlite', () => weather(storm)],
  ['storm on postgres', (postgres) => weather({ ...storm, databaseUrl: postgres.database() })],
  [
    'storm on postgres with two replicas',
    (postgres) => weather({ ...storm, replicas: 2, databaseUrl: postgres.database() }),
  ],
  [
    'a database that is gone for a minute',
    async (postgres) => {
      const trouble = async (): Promise<void> => {
        await postgres.kill();
        await pause(60_000);
        await postgres.start();
      };
      return weather({ ...half, kills: 2, databaseUrl: postgres.database(), trouble });
    },
  ],
  ['a clock that jumps, on sqlite', () => weather({ ...half, clockJumps: true })],
  [
    'a clock that jumps, on postgres',
    (postgres) => weather({ ...half, clockJumps: true, databaseUrl: postgres.database() }),
  ],
  ['stages of Spinnaker on sqlite', () => drive(pipelines)],
  [
    'stages of Spinnaker with two replicas',
    (postgres) => drive({ ...pipelines, replicas: 2, databaseUrl: postgres.database() }),
  ],
  ['forged deliveries of strangers', () => forge(10_000, 1)],
  ['what strangers send', () => besieged(100_000, 20_000, 1)],
];

const words = process.argv.slice(2);
const chosen = acts.filter(
  ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
);
await bundle();
const postgres = await startPostgres();
let failed = 0;
try {
  for (const [name, play] of chosen) {
    const { broken, ...figures } = await play(postgres);
    if (broken.length > 0) failed += 1;
    console.log(`${broken.length === 0 ? '✔' : '✘'} ${name}: ${JSON.stringify(figures)}`);
    for (const line of broken.slice(0, 50)) console.log(`    ${line}`);
    if (broken.length > 50) console.log(`    and ${broken.length - 50} more`);
  }
} finally {
  await postgres.end();
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
