// `node holder.ts DATABASE_URL`: claims a run of its own, keeps a checkpoint, and holds it until it is killed.
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/open.ts';
import { accepted, claimed, sceneDeps } from './ground.ts';

const [, , databaseUrl = ''] = process.argv;
const where = { dataDir: '/nowhere', databaseUrl };
const store = await openStore(where, sceneDeps().deps, { leaseMs: 3_600_000 });
const { id } = await accepted(store);
await (await claimed(store)).save({ step: 1 });
writeSync(1, `claimed ${id}\n`);
