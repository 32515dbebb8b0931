// `node full-disk.ts FOLDER`: in a mount namespace of its own, a store on a disk that gets full and is freed again. Writes
// what it saw as JSON.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { messageOf } from '../../src/errors.ts';
import { StoreError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { accepted, claimed, sceneDeps } from './ground.ts';

const [, , folder = ''] = process.argv;
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
const ballast = path.join(folder, 'ballast');
const dataDir = path.join(folder, 'data');
writeFileSync(ballast, Buffer.alloc(1024 * 1024));
const { deps, notes } = sceneDeps();
let store = await openStore({ dataDir }, deps);

const ids: string[] = [];
await accepted(store, { slot: 'held' });
const lease = await claimed(store);
/** Until the first that does not fit. */
async function fill(request: Record<string, string>): Promise<unknown> {
  for (;;) {
    try {
      ids.push((await accepted(store, { request, slot: 'full' })).id);
    } catch (error) {
      return error;
    }
  }
}
const large = { text: 'x'.repeat(20_000) };
const fault = await fill(large);
await fill({});
const kind = fault instanceof StoreError ? fault.kind : messageOf(fault);
const isPinged = await store.ping().then(
  () => true,
  () => false,
);
const readable = (await store.runs.get(ids[0] ?? ''))?.id === ids[0];
const saving = lease.save({ big: 'y'.repeat(100_000) });
await systemClock.pause(300);
rmSync(ballast);
await saving;
ids.push((await accepted(store, { request: large })).id);
await lease.end('SUCCESS', { text: 'done' });
await store.ping();
await store.close();
store = await openStore({ dataDir }, deps);
const missing: string[] = [];
for (const id of ids) if (!(await store.runs.get(id))) missing.push(id);
const { byStatus } = await store.counts();
await store.close();
console.log(
  JSON.stringify({
    kind,
    message: messageOf(fault),
    isPinged,
    readable,
    accepted: ids.length,
    missing,
    waiting: byStatus.QUEUED,
    ended: byStatus.SUCCESS,
    warned: notes.at('warn').length > 0,
  }),
);
