import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Run } from '../../src/store/run.ts';
import type { Store } from '../../src/store/store.ts';
import { start } from './process.ts';

const rounds = 50;

type Promised = { readonly accepted: Map<string, string>; readonly ended: Set<string> };

/** kill -9 to a process that takes in runs and works at them, at so many random moments. */
export async function killWriters(args: (round: string) => readonly string[]): Promise<Promised> {
  const accepted = new Map<string, string>();
  const ended = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const writer = start('writer.ts', args(String(round)));
    await writer.saw(/^ready/);
    await pause(Math.random() * 120);
    await writer.kill();
    for (const line of writer.lines()) {
      const [word, id = '', name = ''] = line.split(' ');
      if (word === 'accepted') accepted.set(id, name);
      if (word === 'ended') ended.add(id);
    }
  }
  assert.ok(
    accepted.size > rounds && ended.size > 0,
    `${accepted.size} accepted, ${ended.size} ended`,
  );
  return { accepted, ended };
}

/** What was promised is there, once; and what was left goes on. */
export async function assertKept(store: Store, { accepted, ended }: Promised): Promise<void> {
  const all = await everyRun(store);
  const byId = new Map(all.map((run) => [run.id, run]));
  for (const [id, name] of accepted) assert.is(byId.get(id)?.description, name, 'an accepted run');
  for (const id of ended) assert.is(byId.get(id)?.status, 'SUCCESS', 'an ended run');
  assert.is(new Set(all.map(({ description }) => description)).size, all.length, 'none twice');
  const open = all.filter(({ status }) => status !== 'SUCCESS');
  for (let idle = 0, left = open.length; left > 0; ) {
    const lease = await store.claim('the last');
    assert.ok(lease || idle < 20_000, `${left} runs cannot be claimed`);
    if (!lease) {
      await pause(100);
      idle += 100;
      continue;
    }
    await lease.end('SUCCESS', { text: 'done' });
    left -= 1;
  }
  assert.is((await store.counts()).byStatus.SUCCESS, all.length);
  assert.is(await store.claim('the last'), undefined);
}

async function everyRun(store: Store): Promise<readonly Run[]> {
  const all: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.runs.list({ limit: 500, ...(cursor ? { cursor } : {}) });
    all.push(...page.runs);
    cursor = page.next;
  } while (cursor);
  return all;
}
