import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { LeaseLost } from '../../src/store/errors.ts';
import type { Run, RunEvent } from '../../src/store/run.ts';
import type { Lease, News, Store, StoreOptions } from '../../src/store/store.ts';
import { rejectionOf } from '../support/rejection.ts';
import {
  accepted,
  claimed,
  claimedSoon,
  type Ground,
  intake,
  movedClock,
  type Scene,
  sceneDeps,
} from './ground.ts';

const key = (value: string, bodyHash = 'hash', scope = 'token') => ({
  key: { scope, key: value, bodyHash },
});
const idsOf = (runs: readonly Run[]): string[] => runs.map(({ id }) => id);
const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (piece: { bytes: Uint8Array }): string => Buffer.from(piece.bytes).toString();

const lastStatus = (events: readonly RunEvent[]): string | undefined => {
  const last = events.at(-1);
  return last?.what === 'status' ? last.status : undefined;
};

async function logOf(store: Store, id: string): Promise<{ text: string; cut: number }> {
  let text = '';
  let cut = 0;
  for (let from = 0; ; ) {
    const piece = await store.runs.log(id, from, 1000);
    text += textOf(piece);
    cut += piece.cut;
    if (piece.next === piece.size) return { text, cut };
    from = piece.next;
  }
}

/** Both stores pass these; a store's own file adds only what is peculiar to it. */
export function testStore(name: string, makeGround: () => Promise<Ground>): void {
  const contract = suite(`${name}: store contract`);

  const test = (
    title: string,
    run: (scene: Scene) => Promise<void>,
    options: Partial<StoreOptions> = {},
    changes: Partial<Scene['deps']> = {},
  ): void => {
    contract(title, async () => {
      const ground = await makeGround();
      const { deps: plain, notes } = sceneDeps();
      const deps = { ...plain, ...changes };
      const store = await ground.open(deps, options);
      try {
        await run({
          store,
          deps,
          notes,
          ground,
          peer: () => ground.peer(store, deps),
          outlive: () => ground.outlive(store, deps),
        });
      } finally {
        await ground.end();
      }
    });
  };

  test('gives back what it took in', async ({ store }) => {
    const asked = {
      deployment: 'hello-production',
      slot: 'octo/hello production',
      repo: 'octo/hello',
      environment: 'production',
      commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d',
      ref: 'main',
      task: 'deploy',
      deploymentId: '42',
      description: 'a release',
      actor: 'octocat',
      source: 'spinnaker',
    };
    const request = { payload: { deep: [1, null, 'ü', true] } };
    const { id, createdAt, ...run } = await accepted(store, { ...asked, request });
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(Math.abs(createdAt - Date.now()) < 10_000);
    assert.equal(run, { ...asked, status: 'QUEUED', progress: '', outputs: {} });
    assert.equal(await store.runs.get(id), { id, createdAt, ...run });
    assert.equal((await claimed(store)).request, request);
  });

  test('knows its runs in the next process', async ({ store, outlive }) => {
    const run = await accepted(store, {}, key('k'));
    const next = await outlive();
    assert.equal(await next.runs.get(run.id), run);
    assert.equal(await next.runs.byKey('token', 'k'), run);
  });

  test('keeps any text, and leaves out what is no text', async ({ store }) => {
    const texts = [
      '\u0000',
      '\ud800 half',
      "'; DROP TABLE run; --",
      '${jndi}',
      '😀'.repeat(3000),
      '"\\\n',
    ];
    for (const description of texts) {
      const run = await accepted(store, {
        description,
        slot: description,
        request: { description },
      });
      const kept = description.toWellFormed().replaceAll('\0', '\ufffd');
      assert.is((await store.runs.get(run.id))?.description, kept);
      assert.is((await claimed(store)).request.description, description);
    }
  });

  test('gives the same run for the same key and body', async ({ store, peer }) => {
    const first = await accepted(store, {}, key('k'));
    assert.equal(await store.accept(intake({}, key('k'))), { outcome: 'known', run: first });
    assert.equal(await (await peer()).accept(intake({}, key('k'))), {
      outcome: 'known',
      run: first,
    });
    assert.equal(await store.accept(intake({}, key('k', 'other'))), {
      outcome: 'key_reused',
      run: first,
    });
    assert.equal(await store.runs.byKey('token', 'k'), first);
    assert.is(await store.runs.byKey('other', 'k'), undefined);
  });

  test('keeps the keys of two tokens apart', async ({ store }) => {
    const first = await accepted(store, {}, key('k'));
    const second = await accepted(store, {}, key('k', 'hash', 'other'));
    assert.is.not(first.id, second.id);
    await accepted(store, {}, key('b', 'hash', 'a'));
    await accepted(store, {}, key('","b', 'hash', 'a'));
  });

  test('makes one run of many replays at once', async ({ store, peer }) => {
    const other = await peer();
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? store : other).accept(intake({}, key(`k${index % 4}`))),
      ),
    );
    assert.is(all.filter(({ outcome }) => outcome === 'accepted').length, 4);
    assert.is(new Set(all.map(({ run }) => run.id)).size, 4);
    assert.is((await store.counts()).byStatus.QUEUED, 4);
  });

  test('makes one run of one event, whoever delivers it', async ({ store, peer }) => {
    const event = 'github octo/hello deployment 42 hello-production';
    const other = await peer();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).accept(intake({}, { event })),
      ),
    );
    assert.is(all.filter(({ outcome }) => outcome === 'accepted').length, 1);
    assert.is(all.filter(({ outcome }) => outcome === 'known').length, 19);
    await accepted(store, {}, { event: `${event} too` });
  });

  test('refuses a run for a busy slot, and names the run in the way', async ({ store }) => {
    const refuse = { busy: 'refuse' } as const;
    const first = await accepted(store, {}, refuse);
    assert.equal(await store.accept(intake({}, refuse)), { outcome: 'busy', run: first });
    await accepted(store, { slot: 'other' }, refuse);
    const lease = await claimed(store);
    assert.is((await store.accept(intake({}, refuse))).run.status, 'IN_PROGRESS');
    await lease.end('FAILURE', { text: 'no' });
    await accepted(store, {}, refuse);
  });

  test('lets one through when many ask for a slot at once', async ({ store, peer }) => {
    const other = await peer();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).accept(intake({}, { busy: 'refuse' })),
      ),
    );
    assert.is(all.filter(({ outcome }) => outcome === 'accepted').length, 1);
    assert.is(all.filter(({ outcome }) => outcome === 'busy').length, 19);
  });

  test('lets the newest wait, and ends the older ones that wait', async ({ store }) => {
    const running = await accepted(store, {}, { busy: 'latest' });
    const lease = await claimed(store);
    const older = await accepted(store, {}, { busy: 'latest' });
    const elsewhere = await accepted(store, { slot: 'other' }, { busy: 'latest' });
    const newest = await accepted(store, {}, { busy: 'latest' });
    const statusOf = async ({ id }: Run) => (await store.runs.get(id))?.status;
    assert.is(await statusOf(running), 'IN_PROGRESS');
    assert.is(await statusOf(older), 'SUPERSEDED');
    assert.is(await statusOf(elsewhere), 'QUEUED');
    assert.is(await statusOf(newest), 'QUEUED');
    assert.is(lastStatus(await store.runs.events(older.id)), 'SUPERSEDED');
    await lease.end('SUCCESS', { text: 'done' });
    assert.equal(
      idsOf([(await claimed(store)).run, (await claimed(store)).run]).sort(),
      [elsewhere.id, newest.id].sort(),
    );
    assert.is(await store.claim('test'), undefined);
  });

  test('lets the last of one moment wait', async ({ store }) => {
    const all = await Promise.all(
      Array.from({ length: 30 }, () => store.accept(intake({}, { busy: 'latest' }))),
    );
    assert.ok(all.every(({ outcome }) => outcome === 'accepted'));
    const { byStatus } = await store.counts();
    assert.equal([byStatus.QUEUED, byStatus.SUPERSEDED], [1, 29]);
    assert.is((await claimed(store)).run.id, all.at(-1)?.run.id);
    assert.is(await store.claim('test'), undefined);
  });

  test('takes in a run although one of the same moment cannot be written', async ({ store }) => {
    const circle: Record<string, never> = {};
    Object.assign(circle, { circle });
    const all = await Promise.allSettled([
      store.accept(intake()),
      store.accept(intake({ request: circle })),
      store.accept(intake()),
    ]);
    assert.equal(
      all.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.is((await store.counts()).byStatus.QUEUED, 2);
  });

  test('hands out the oldest run first, one of a slot at a time', async ({ store }) => {
    const [a1, a2, b1] = [
      await accepted(store, { slot: 'a' }),
      await accepted(store, { slot: 'a' }),
      await accepted(store, { slot: 'b' }),
    ];
    const first = await claimed(store);
    assert.is(first.run.id, a1.id);
    assert.is(first.run.status, 'IN_PROGRESS');
    assert.is(first.attempt, 1);
    assert.is(first.checkpoint, undefined);
    assert.is((await claimed(store)).run.id, b1.id);
    assert.is(await store.claim('test'), undefined);
    await first.end('SUCCESS', { text: 'done' });
    assert.is((await claimed(store)).run.id, a2.id);
  });

  test('keeps the order of a slot within one moment', async ({ store }) => {
    const all = await Promise.all(Array.from({ length: 50 }, () => store.accept(intake())));
    const order: string[] = [];
    for (let lease = await store.claim('test'); lease; lease = await store.claim('test')) {
      order.push(lease.run.id);
      await lease.end('SUCCESS', { text: '' });
    }
    assert.equal(order, idsOf(all.map(({ run }) => run)));
    assert.equal(order, [...order].sort());
  });

  test('gives each run to one owner when many ask', async ({ store, peer }) => {
    const stores = [store, await peer(), await peer()];
    await Promise.all(
      Array.from({ length: 90 }, (_, index) => store.accept(intake({ slot: `slot ${index % 9}` }))),
    );
    const held = new Set<string>();
    const done: string[] = [];
    const work = async (own: Store): Promise<void> => {
      for (let idle = 0; done.length < 90 && idle < 2000; idle += 1) {
        const lease = await own.claim('test');
        if (!lease) {
          await systemClock.pause(2);
          continue;
        }
        assert.not(held.has(lease.run.slot), 'two runs of one slot at once');
        held.add(lease.run.slot);
        await lease.renew();
        held.delete(lease.run.slot);
        await lease.end('SUCCESS', { text: '' });
        done.push(lease.run.id);
      }
    };
    await Promise.all([...stores, ...stores].map(work));
    assert.is(new Set(done).size, 90);
    assert.is(done.length, 90);
  });

  test('lets the next owner go on from the checkpoint when one dies', async ({
    store,
    outlive,
  }) => {
    await accepted(store, { request: { a: 1 } });
    const first = await claimed(store, 'first');
    await accepted(store, { slot: 'waits' });
    await first.save({ step: 1 });
    await first.save({ step: 2, id: 'build-7' });
    const next = await outlive();
    const second = await claimedSoon(next, first.run.id, 'second');
    assert.equal(second.checkpoint, { step: 2, id: 'build-7' });
    assert.equal(second.request, { a: 1 });
    assert.is(second.attempt, 2);
    assert.is(second.run.startedAt, (await next.runs.get(first.run.id))?.startedAt);
    const owners = (await next.runs.events(first.run.id)).filter(({ what }) => what === 'claimed');
    assert.equal(
      owners.map((event) => 'owner' in event && event.owner),
      ['first', 'second'],
    );
    await second.end('SUCCESS', { text: 'done' });
    assert.is((await next.runs.get(first.run.id))?.status, 'SUCCESS');
  });

  const assertLost = async (lease: Lease, store: Store): Promise<void> => {
    const before = await store.runs.get(lease.run.id);
    const tries = [
      lease.renew(),
      lease.save({ step: 'late' }),
      lease.tell({ progress: 'late' }),
      lease.end('FAILURE', { text: 'late' }),
      lease.release(),
    ];
    const errors = await Promise.all(tries.map((late) => rejectionOf(late)));
    for (const error of errors) assert.instance(error, LeaseLost);
    await lease.log(bytes('late'));
    assert.equal(await store.runs.get(lease.run.id), before);
    assert.not.match((await logOf(store, lease.run.id)).text, 'late');
  };

  test('hands a run over at once, and refuses its former owner', async ({ store, peer }) => {
    await accepted(store);
    const first = await claimed(store);
    await first.save({ step: 1 });
    await first.log(bytes('so far\n'));
    await first.release();
    const second = await claimed(await peer());
    assert.equal(
      [second.run.id, second.attempt, second.checkpoint],
      [first.run.id, 2, { step: 1 }],
    );
    await assertLost(first, store);
    assert.is((await logOf(store, first.run.id)).text, 'so far\n');
    await second.release();
    assert.is((await claimed(store)).attempt, 3);
  });

  test('refuses whoever writes after the end', async ({ store }) => {
    await accepted(store);
    const lease = await claimed(store);
    await lease.end('SUCCESS', { text: 'done' });
    await assertLost(lease, store);
  });

  test('says an end again whose answer was lost', async ({ store }) => {
    await accepted(store);
    const lease = await claimed(store);
    const end = await lease.end('SUCCESS', { text: 'done' });
    assert.equal(await lease.end('SUCCESS', { text: 'done' }), end);
  });

  test('knows what a run learns on its way', async ({ store }) => {
    const { id } = await accepted(store, { description: 'first' });
    const lease = await claimed(store);
    await lease.tell({ progress: '1 of 2', environmentUrl: 'https://hello.example' });
    await lease.tell({
      progress: '2 of 2',
      commit: 'abc',
      deploymentId: '7',
      deploymentState: 'in_progress',
    });
    const run = await store.runs.get(id);
    assert.equal(
      [
        run?.progress,
        run?.environmentUrl,
        run?.commit,
        run?.deploymentId,
        run?.deploymentState,
        run?.description,
      ],
      ['2 of 2', 'https://hello.example', 'abc', '7', 'in_progress', 'first'],
    );
    const outputs = { build: 'B1' };
    const ended = await lease.end('SUCCESS', {
      text: 'serves',
      outputs,
      change: { deploymentState: 'success' },
    });
    assert.equal(ended, await store.runs.get(id));
    assert.equal(
      [ended.status, ended.progress, ended.deploymentState],
      ['SUCCESS', 'serves', 'success'],
    );
    assert.equal(ended.outputs, outputs);
    assert.ok((ended.endedAt ?? 0) >= (ended.startedAt ?? Number.POSITIVE_INFINITY));
  });

  test('numbers what happened, so that a reader can go on', async ({ store }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store, 'me');
    await lease.tell({ progress: 'half' });
    await store.cancel(id, 'joe', 'wrong one');
    await lease.end('CANCELED', { text: 'cancelled' });
    const events = await store.runs.events(id);
    assert.equal(
      events.map(({ at: _, ...event }) => event),
      [
        { number: 1, what: 'status', status: 'QUEUED' },
        { number: 2, what: 'claimed', attempt: 1, owner: 'me' },
        { number: 3, what: 'changed', change: { progress: 'half' } },
        {
          number: 4,
          what: 'cancel',
          cancel: { at: events[3]?.at, by: 'joe', reason: 'wrong one' },
        },
        { number: 5, what: 'status', status: 'CANCELED', text: 'cancelled' },
      ],
    );
    assert.equal(await store.runs.events(id, 3), events.slice(3));
    assert.equal(await store.runs.events(id, 5), []);
  });

  test('keeps the end of a run that never stops talking', async ({ store }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    await Promise.all(
      Array.from({ length: 1100 }, (_, index) => lease.tell({ progress: `${index}` })),
    );
    await lease.end('SUCCESS', { text: 'done' });
    const events = [...(await store.runs.events(id)), ...(await store.runs.events(id, 1000))];
    assert.is(events.length, 1001);
    assert.is(lastStatus(events), 'SUCCESS');
  });

  test('ends a waiting run at once when it is cancelled', async ({ store, peer }) => {
    const { id } = await accepted(store);
    const next = await accepted(store);
    const run = await (await peer()).cancel(id, 'joe', 'wrong one');
    assert.equal(
      [run?.status, run?.cancel?.by, run?.cancel?.reason],
      ['CANCELED', 'joe', 'wrong one'],
    );
    assert.ok(run?.endedAt);
    assert.is((await claimed(store)).run.id, next.id);
    assert.is(await store.claim('test'), undefined);
  });

  const ended: Run[] = [];
  test(
    'says of each run that ended here how it did, once',
    async ({ store }) => {
      const waits = { slot: 'waits' };
      await accepted(store, waits);
      const lease = await claimed(store);
      const [older, newer] = [
        await accepted(store, waits),
        await accepted(store, waits, { busy: 'latest' }),
      ];
      for (const { id } of [newer, newer, lease.run]) await store.cancel(id, 'joe');
      assert.equal(
        ended.map(({ id, status }) => [id, status]),
        [
          [older.id, 'SUPERSEDED'],
          [newer.id, 'CANCELED'],
        ],
      );
      await lease.end('FAILURE', { text: 'crashed' });
      assert.equal(ended.at(2), await store.runs.get(lease.run.id));
      assert.is(ended.length, 3);
    },
    {},
    { ended: (run) => void ended.push(run) },
  );

  test('tells the owner of a running run that it is cancelled', async ({ store, peer }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    const other = await peer();
    const heard = new Promise<News>((resolve) =>
      store.watch((news) => news.what === 'cancel' && resolve(news)),
    );
    assert.is(await lease.renew(), undefined);
    assert.is((await other.cancel(id, 'joe'))?.status, 'IN_PROGRESS');
    await other.cancel(id, 'ann', 'later');
    assert.equal(await heard, { id, what: 'cancel' });
    const wish = await lease.renew();
    assert.equal([wish?.by, wish?.reason], ['joe', undefined], 'the first word counts');
    await lease.end('SUCCESS', { text: 'it was done before' });
    assert.is((await store.runs.get(id))?.status, 'SUCCESS');
  });

  test('remembers a cancellation for the next owner', async ({ store }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    await store.cancel(id, 'joe');
    await lease.release();
    assert.is((await (await claimed(store)).renew())?.by, 'joe');
  });

  test('does nothing to a run that is over or not known', async ({ store }) => {
    const { id } = await accepted(store);
    const ended = await (await claimed(store)).end('FAILURE', { text: 'no' });
    assert.equal(await store.cancel(id, 'joe'), ended);
    assert.equal(await store.runs.get(id), ended);
    assert.is(await store.cancel('01900000-0000-7000-8000-000000000000', 'joe'), undefined);
    assert.is(await store.cancel("' OR 1=1 --\0", 'joe'), undefined);
    assert.is((await store.accept(intake())).outcome, 'accepted');
  });

  test('lists the newest first, by what is asked for', async ({ store }) => {
    const hello = await accepted(store, { slot: 'a' });
    const staging = await accepted(store, {
      slot: 'b',
      environment: 'staging',
      deployment: 'hello-staging',
    });
    const other = await accepted(store, { slot: 'c', deployment: 'other' });
    await claimed(store);
    const ids = async (filter: Parameters<Store['runs']['list']>[0]) =>
      idsOf((await store.runs.list(filter)).runs);
    assert.equal(await ids({}), [other.id, staging.id, hello.id]);
    assert.equal(await ids({ environment: 'staging' }), [staging.id]);
    assert.equal(await ids({ deployments: ['other', 'hello-production'] }), [other.id, hello.id]);
    assert.equal(await ids({ deployments: [] }), []);
    assert.equal(await ids({ statuses: ['QUEUED'] }), [other.id, staging.id]);
    assert.equal(await ids({ statuses: ['IN_PROGRESS'], environment: 'production' }), [hello.id]);
    assert.equal(await ids({ environment: "x' OR '1'='1" }), []);
  });

  test('turns pages that stay the same while runs come', async ({ store }) => {
    const all: string[] = [];
    for (let count = 0; count < 25; count += 1) all.unshift((await accepted(store)).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.runs.list({ limit: 10, ...(cursor ? { cursor } : {}) });
      seen.push(...idsOf(page.runs));
      cursor = page.next;
      await accepted(store);
    } while (cursor);
    assert.equal(seen, all);
    assert.is((await store.runs.list({ cursor: 'nonsense' })).runs.length, 28);
  });

  test('keeps the log, and reads it from anywhere', async ({ store }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    const buffer = bytes('one\n');
    await lease.log(buffer);
    buffer.fill(0);
    await lease.log(bytes('zwei ü\n'));
    await lease.release();
    const again = await claimed(store);
    await again.log(bytes('three\n'));
    await again.end('SUCCESS', { text: '' });
    const whole = 'one\nzwei ü\nthree\n';
    assert.is((await logOf(store, id)).text, whole);
    for (let from = 0; from <= bytes(whole).length; from += 1) {
      const piece = await store.runs.log(id, from, 3);
      assert.equal(Buffer.from(piece.bytes), Buffer.from(whole).subarray(from, from + 3));
      assert.equal(piece, {
        from,
        bytes: piece.bytes,
        next: from + piece.bytes.length,
        size: 18,
        cut: 0,
      });
    }
    assert.is((await store.runs.log(id, 999)).bytes.length, 0);
  });

  test('writes the log while the run goes on', async ({ store }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    const told = new Promise<void>((resolve) =>
      store.watch((news) => news.what === 'log' && resolve()),
    );
    await lease.log(bytes('line\n'));
    await told;
    assert.is((await logOf(store, id)).text, 'line\n');
  });

  const bounds = { logHeadBytes: 100_000, logTailBytes: 200_000 };
  test(
    'keeps head and tail of a log that is too long, and says what is missing',
    async ({ store }) => {
      const { id } = await accepted(store);
      const lease = await claimed(store);
      let whole = '';
      for (let line = 0; line < 100_000; line += 1) {
        const text = `line ${line}\n`;
        whole += text;
        await lease.log(bytes(text));
      }
      await lease.end('SUCCESS', { text: '' });
      const { text, cut } = await logOf(store, id);
      assert.is(text.length + cut, whole.length);
      assert.ok(text.length >= 300_000 && text.length < 400_000, `${text.length} bytes are kept`);
      const head = text.slice(0, 100_000);
      assert.is(head, whole.slice(0, 100_000));
      assert.is(text.slice(-200_000), whole.slice(-200_000));
      const piece = await store.runs.log(id, whole.length / 2);
      assert.ok(piece.from > whole.length / 2);
      assert.is(piece.cut, piece.from - whole.length / 2);
      assert.is(textOf(piece), whole.slice(piece.from, piece.next));
    },
    bounds,
  );

  test('keeps the first answer to a delivery', async ({ store, peer }) => {
    const other = await peer();
    assert.is(await store.deliveries.get('github 1'), undefined);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 ? store : other).deliveries.keep('github 1', { runs: [index] }),
      ),
    );
    assert.is(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    assert.equal(await other.deliveries.get('github 1'), answers[0]);
    assert.is(await store.deliveries.get('gitlab 1'), undefined);
  });

  const told = { commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d' };
  const heard = ['hello-production'];

  test('has each status of a run that nobody began told by one of all', async ({ store, peer }) => {
    const other = await peer();
    const { id } = await accepted(store, { ...told, request: { deep: [1] } });
    assert.equal(await other.tellings.due(heard, 0), [id]);
    const claims = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 ? store : other).tellings.claim(id, `teller ${index}`),
      ),
    );
    const [queued, ...more] = claims.filter((telling) => telling !== undefined);
    assert.equal(more, []);
    assert.equal([queued?.run.status, queued?.request], ['QUEUED', { deep: [1] }]);
    assert.ok(await queued?.renew());
    assert.equal(await other.tellings.due(heard, 0), [], 'while it is told');
    await store.cancel(id, 'ci');
    assert.is(await other.tellings.claim(id, 'hasty'), undefined, 'before the last word');
    await queued?.done();
    assert.equal(await other.tellings.due(heard, 0), [id], 'it has ended since');
    const ended = await other.tellings.claim(id, 'other');
    assert.is(ended?.run.status, 'CANCELED');
    await ended?.done();
    assert.is(await ended?.renew(), false);
    assert.equal(await store.tellings.due(heard, 0), []);
    assert.is(await store.tellings.claim(id, 'late'), undefined);
  });

  test('lets another tell what its teller did not get to say', async ({ store, outlive }) => {
    const { id } = await accepted(store, told);
    await store.tellings.claim(id, 'dead');
    const next = await outlive();
    assert.equal(await next.tellings.due(heard, 0), [id]);
    const telling = await next.tellings.claim(id, 'next');
    assert.ok(telling);
    await telling.release(60_000);
    assert.equal(await next.tellings.due(heard, 0), [], 'not at once');
    await telling.release(0);
    assert.equal(await next.tellings.due(heard, 0), [id]);
  });

  test('has nobody told of what speaks for itself, is past, or is not known', async ({ store }) => {
    const begun = await accepted(store, { ...told, slot: 'a' });
    await claimed(store);
    const unknown = await accepted(store, { ref: 'main', slot: 'b' });
    const silent = await accepted(store, { ...told, slot: 'c', deployment: 'silent' });
    const past = await accepted(store, { ...told, slot: 'd' });
    const { endedAt = 0 } = (await store.cancel(past.id, 'ci')) ?? {};
    assert.equal(await store.tellings.due(heard, endedAt), []);
    assert.equal(await store.tellings.due(heard, endedAt - 1), [past.id]);
    assert.equal(await store.tellings.due(['silent'], 0), [silent.id]);
    assert.equal(await store.tellings.due([], 0), []);
    for (const id of [begun.id, unknown.id, 'nothing']) {
      assert.is(await store.tellings.claim(id, 'teller'), undefined);
    }
    await store.cancel(unknown.id, 'ci');
    assert.ok(await store.tellings.claim(unknown.id, 'teller'));
  });

  test('says nothing of output that comes after a hand-over', async ({ store, notes }) => {
    const { id } = await accepted(store);
    const lease = await claimed(store);
    await lease.log(bytes('before\n'));
    await lease.release();
    await lease.log(bytes('after\n'));
    const next = await claimedSoon(store, id);
    await next.log(bytes('of the next\n'));
    await systemClock.pause(400);
    await next.end('SUCCESS', { text: '' });
    assert.equal(await logOf(store, id), { text: 'before\nof the next\n', cut: 0 });
    assert.equal(notes.at('warn'), []);
  });

  test('tells everybody of changes, but those who have left', async ({ store, peer, notes }) => {
    const heard: News[] = [];
    const other = await peer();
    store.watch(() => {
      throw new Error('deaf');
    });
    const leave = other.watch((news) => void heard.push(news));
    const { id } = await accepted(store);
    const lease = await claimed(store);
    await lease.tell({ progress: 'half' });
    await lease.end('SUCCESS', { text: '' });
    for (let waited = 0; heard.length < 4 && waited < 200; waited += 1) await systemClock.pause(10);
    assert.equal(
      heard,
      ['waiting', 'changed', 'changed', 'ended'].map((what) => ({ id, what })),
    );
    leave();
    await accepted(store);
    await systemClock.pause(50);
    assert.is(heard.length, 4);
    assert.match(notes.at('error').join('\n'), 'deaf');
  });

  test('counts runs, and knows since when the oldest waits', async ({ store }) => {
    const none = await store.counts();
    assert.ok(Object.values(none.byStatus).every((count) => count === 0));
    assert.is(none.oldestWaitingAt, undefined);
    for (const slot of ['a', 'b', 'c', 'd']) await accepted(store, { slot });
    await (await claimed(store)).end('TIMED_OUT', { text: '' });
    const running = await claimed(store);
    const oldest = (await store.runs.list({ statuses: ['QUEUED'] })).runs.at(-1);
    const { byStatus, oldestWaitingAt } = await store.counts();
    assert.equal([byStatus.QUEUED, byStatus.IN_PROGRESS, byStatus.TIMED_OUT], [2, 1, 1]);
    assert.is(oldestWaitingAt, oldest?.createdAt);
    assert.ok(running);
    await store.ping();
  });

  const day = 86_400_000;
  const clock = movedClock();
  test(
    'forgets what is over and old, with all that belongs to it',
    async ({ store }) => {
      const old = await accepted(store, { slot: 'a' }, key('k'));
      await accepted(store, { slot: 'b' });
      await accepted(store, { slot: 'c' });
      const lease = await claimed(store);
      await lease.log(bytes('log'));
      await lease.end('SUCCESS', { text: '' });
      await claimed(store);
      await store.deliveries.keep('github 1', 'old');
      clock.move(2 * day);
      await store.deliveries.keep('github 2', 'new');
      const keep = { maxAgeMs: day, maxRuns: 100 };
      assert.is(await store.sweep(keep), false);
      assert.is(await store.runs.get(old.id), undefined);
      assert.equal(await store.runs.events(old.id), []);
      assert.is((await store.runs.log(old.id)).size, 0);
      const { byStatus } = await store.counts();
      assert.equal([byStatus.QUEUED, byStatus.IN_PROGRESS, byStatus.SUCCESS], [1, 1, 0]);
      assert.is(await store.deliveries.get('github 1'), undefined);
      assert.is(await store.deliveries.get('github 2'), 'new');
      assert.is(
        (await store.accept(intake({ slot: 'a' }, key('k', 'another body')))).outcome,
        'accepted',
      );
    },
    {},
    { clock },
  );

  test('keeps so many finished runs as it is told', async ({ store }) => {
    const all = await Promise.all(
      Array.from({ length: 450 }, (_, index) => store.accept(intake({ slot: `${index}` }))),
    );
    for (const { run } of all.slice(0, 440)) await store.cancel(run.id, 'joe');
    const keep = { maxAgeMs: day, maxRuns: 20 };
    let rounds = 1;
    while (await store.sweep(keep)) rounds += 1;
    assert.is(rounds, 3);
    const { byStatus } = await store.counts();
    assert.equal([byStatus.QUEUED, byStatus.CANCELED], [10, 20]);
    assert.ok(await store.runs.get(all[439]?.run.id ?? ''), 'the newest stay');
  });

  const jumping = movedClock();
  test(
    'takes no run from its owner when the clock jumps by an hour',
    async ({ store, peer }) => {
      await accepted(store);
      await accepted(store);
      const lease = await claimed(store);
      jumping.move(3_600_000);
      assert.is(await (await peer()).claim('thief'), undefined);
      await lease.save({ step: 1 });
      await lease.end('SUCCESS', { text: '' });
      assert.is((await store.claim('test'))?.attempt, 1);
    },
    {},
    { clock: jumping },
  );

  const hour = 3_600_000;
  const leaping = movedClock();
  test(
    'counts the time that processes worked on a run, and no other',
    async ({ store, outlive }) => {
      const { id } = await accepted(store);
      leaping.move(hour);
      const first = await claimed(store);
      await systemClock.pause(30);
      leaping.move(hour);
      const worked = first.spent();
      await first.release();
      leaping.move(hour);
      const second = await claimedSoon(store, id);
      assert.ok(second.spent() >= worked && worked > 0, 'what was handed over');
      await systemClock.pause(30);
      const more = second.spent();
      assert.ok(more > worked);
      await second.renew();
      const next = await outlive();
      leaping.move(hour);
      const third = await claimedSoon(next, id);
      assert.ok(third.spent() >= more, 'what a dead process has told');
      assert.ok(third.spent() < hour, `${third.spent()} ms`);
    },
    {},
    { clock: leaping },
  );

  const backwards = movedClock();
  test(
    'keeps the order when the clock goes back',
    async ({ store }) => {
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        ids.push((await accepted(store)).id);
        backwards.move(-3_600_000);
      }
      assert.equal(idsOf((await store.runs.list({})).runs), ids.toReversed());
      assert.is((await claimed(store)).run.id, ids[0]);
      assert.equal(ids, [...ids].sort(), 'ids rise');
    },
    {},
    { clock: backwards },
  );

  test('takes 10,000 runs from 64 at once, and each is done once', async ({ store, peer }) => {
    const total = 10_000;
    const accepts = new Set<string>();
    let next = 0;
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (let own = next++; own < total; own = next++) {
          const { run } = await store.accept(intake({ slot: `slot ${own % 100}` }, key(`${own}`)));
          accepts.add(run.id);
        }
      }),
    );
    assert.is(accepts.size, total);
    assert.is((await store.counts()).byStatus.QUEUED, total);
    const done: string[] = [];
    const other = await peer();
    const work = async (own: Store): Promise<void> => {
      for (let lease = await own.claim('test'); lease; lease = await own.claim('test')) {
        await lease.end('SUCCESS', { text: '' });
        done.push(lease.run.id);
      }
    };
    while (done.length < total) await Promise.all([store, store, other, other].map(work));
    assert.is(done.length, total);
    assert.is(new Set(done).size, total);
    assert.is((await store.counts()).byStatus.SUCCESS, total);
  });

  contract.run();
}
