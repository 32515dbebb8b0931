// `node writer.ts DATA_DIR ROUND [DATABASE_URL]`: takes in runs and works at them until it is killed, and writes down
// each that it was promised.
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { intake, sceneDeps } from './ground.ts';

const [, , dataDir = '', round = '', databaseUrl] = process.argv;
const store = await openStore(
  { dataDir, ...(databaseUrl ? { databaseUrl } : {}) },
  sceneDeps().deps,
  { leaseMs: 10_000 },
);
const say = (...words: readonly string[]): void => void writeSync(1, `${words.join(' ')}\n`);
say('ready');
let next = 0;

async function takeIn(): Promise<void> {
  for (;;) {
    const name = `${round}-${next++}`;
    const key = next % 2 ? { key: { scope: 'test', key: name, bodyHash: 'hash' } } : {};
    const { run } = await store.accept(
      intake({ slot: `slot ${next % 7}`, description: name }, key),
    );
    say('accepted', run.id, name);
  }
}

async function workOff(): Promise<void> {
  for (;;) {
    const lease = await store.claim(`writer ${round}`);
    if (!lease) {
      await systemClock.pause(1);
      continue;
    }
    await lease.save({ round });
    await lease.log(Buffer.from('working\n'));
    await lease.end('SUCCESS', { text: 'done' });
    say('ended', lease.run.id);
  }
}

await Promise.all([...Array.from({ length: 6 }, takeIn), workOff(), workOff()]);
