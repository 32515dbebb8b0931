import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import type { Deployment, Forge } from '../../src/forges/forge.ts';
import type { Order } from '../../src/order.ts';
import type { Reporter, ReporterEntry } from '../../src/reporters/reporter.ts';
import type { Loaded } from '../../src/settings/load.ts';
import { isTerminal, type State } from '../../src/status.ts';

/** What one audience's own test provides: a real server on loopback, and eyes on what it got. */
export type Stage = {
  readonly entry: ReporterEntry;
  readonly signal: AbortSignal;
  /** A complete order that the reporter can report on. */
  orderOf(changes?: Partial<Order>): Order;
  loaded(settings?: Readonly<Record<string, string>>): Loaded;
  open(changes?: Partial<Order>, settings?: Readonly<Record<string, string>>): Reporter;
  /** Everything that the audience got for the order, oldest first. */
  heard(): readonly { readonly state: string; readonly description: string }[];
  /** Which of its words says this. */
  word(state: State): string;
  /** What happens to the next post, once. */
  spoil(how: 'lost before' | 'lost after' | 'refused credential' | 'under maintenance'): void;
  /** Requests that change the audience's world. */
  writes(): number;
  readonly lines: readonly { readonly text: string }[];
  readonly secrets: readonly string[];
  advance(ms: number): void;
};

export type Scenario = {
  readonly entry: ReporterEntry;
  /** Settings without which the reporter has no credential. */
  readonly bare: Readonly<Record<string, string>>;
  play(work: (stage: Stage) => Promise<void>): Promise<void>;
};

const states: readonly State[] = [
  'queued',
  'in_progress',
  'pending',
  'success',
  'failure',
  'error',
  'timed_out',
  'cancelled',
  'superseded',
  'inactive',
];

/** Every reporter passes these; its own file adds only what is peculiar to it. */
export function testReporter(name: string, scenario: Scenario): void {
  testTelling(name, scenario);
  testForge(name, scenario);
}

const opened = async (stage: Stage, changes?: Partial<Order>): Promise<Reporter> => {
  const reporter = stage.open(changes);
  await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(undefined, stage.signal);
  return reporter;
};

function testTelling(name: string, { entry, bare, play }: Scenario): void {
  const telling = suite(`${name}: reporter contract`);
  const test = (title: string, work: (stage: Stage) => Promise<void>) =>
    telling(title, () => play(work));

  test('carries its registry id', async (stage) => {
    assert.is(entry.id, name);
    assert.is(stage.open().id, name);
  });

  test('is wanted with a credential, not without one, and says why', async (stage) => {
    const wished = entry.auto(stage.loaded(), stage.orderOf(), 'deploy');
    assert.ok(wished.wanted);
    const { wanted, why } = entry.auto(stage.loaded(bare), stage.orderOf(), 'deploy');
    assert.not.ok(wanted);
    assert.match(why, /\S/);
  });

  test('says which credential goes to which host', async (stage) => {
    const [use] = entry.credentials(stage.loaded(), stage.orderOf());
    assert.match(use?.host ?? '', /^[\w.-]+(:\d+)?$/);
    assert.match(use?.setting ?? '', /^[a-z_]+$/);
  });

  for (const state of states) {
    test(`has a word for ${state}`, async (stage) => {
      const reporter = await opened(stage);
      const answer = await reporter.post({ state, description: `It is ${state}` }, stage.signal);
      assert.is(answer, 'posted');
      const [last] = stage.heard().slice(-1);
      assert.equal(last, { state: stage.word(state), description: `It is ${state}` });
    });
  }

  test('keeps what fits of a long text of many lines', async (stage) => {
    const reporter = await opened(stage);
    const description = `${'Schöne\nGrüße 🚀 '.repeat(60)}`;
    await reporter.post({ state: 'failure', description }, stage.signal);
    const [last] = stage.heard().slice(-1);
    assert.match(last?.description ?? '', /^Schöne Grüße 🚀 Schöne/);
  });

  for (const how of ['lost before', 'lost after'] as const) {
    test(`says its last word once when the answer is ${how} it acted`, async (stage) => {
      const reporter = await opened(stage);
      await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
      stage.spoil(how);
      await reporter.post({ state: 'success', description: 'Deployed' }, stage.signal);
      assert.equal(
        stage.heard().map(({ description }) => description),
        ['Deploying', 'Deployed'],
      );
    });
  }

  test("does not take a proxy's friendly answer for the audience's own", async (stage) => {
    const reporter = await opened(stage);
    stage.spoil('under maintenance');
    const posted = await reporter
      .post({ state: 'success', description: 'Deployed' }, stage.signal)
      .catch((error: unknown) => error);
    if (posted instanceof RemoteError) return;
    assert.equal(
      stage.heard().map(({ description }) => description),
      ['Deployed'],
    );
  });

  test('says whose fault a refused credential is, without it', async (stage) => {
    const reporter = await opened(stage);
    stage.spoil('refused credential');
    const error = await reporter
      .post({ state: 'success', description: 'Deployed' }, stage.signal)
      .catch((reason: unknown) => reason);
    assert.instance(error, RemoteError);
    assert.is((error as RemoteError).kind, 'credentials');
    for (const secret of stage.secrets) assert.not.ok((error as Error).message.includes(secret));
  });

  test('tells nobody anything once it is stopped', async (stage) => {
    const reporter = await opened(stage);
    const before = stage.writes();
    const stopped = AbortSignal.abort();
    await reporter.post({ state: 'success', description: 'x' }, stopped).then(
      () => assert.unreachable('a stopped post does not arrive'),
      (error: unknown) => assert.instance(error, RemoteError),
    );
    assert.is(stage.writes(), before);
  });

  test('checks its credentials without changing anything', async (stage) => {
    const findings = await stage.open().check(stage.signal);
    assert.ok(findings.length > 0);
    assert.ok(findings.every(({ ok }) => ok !== false));
    assert.is(stage.writes(), 0);
  });

  test('blames no credential that it could not try, and praises none', async (stage) => {
    const reporter = await opened(stage);
    // As where nothing answers: whoever asks has no time left.
    const findings = await reporter.check(AbortSignal.abort());
    assert.ok(findings.length > 0);
    for (const { ok, text } of findings)
      assert.ok(ok === 'not provable' || ok === 'not reached', text);
  });

  test('logs no secret', async (stage) => {
    const reporter = await opened(stage);
    stage.spoil('lost after');
    await reporter.post({ state: 'success', description: 'Deployed' }, stage.signal);
    const said = stage.lines.map(({ text }) => text).join('\n');
    for (const secret of stage.secrets) assert.not.ok(said.includes(secret));
  });

  telling.run();
}

function testForge(name: string, { play }: Scenario): void {
  const remembering = suite(`${name}: forge contract`);
  const test = (title: string, work: (stage: Stage, forge: Forge) => Promise<void>) =>
    remembering(title, () =>
      play(async (stage) => {
        const { forge } = stage.open();
        if (forge) await work(stage, forge);
      }),
    );
  const ours =
    ({ runKey }: Order) =>
    (d: Deployment) =>
      d.owner?.key === runKey;

  test('sees nothing where nothing is', async (stage, forge) => {
    assert.equal(await forge.look(stage.signal), { adopted: undefined, others: [] });
  });

  test('shows a later process of the run what the first one did', async (stage) => {
    const first = await opened(stage);
    await first.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    const again = stage.open();
    const look = await again.forge?.look(stage.signal);
    const order = stage.orderOf();
    const found = look?.others.filter(ours(order)) ?? [];
    assert.is(found.length, 1);
    assert.is(found[0]?.statuses[0]?.marker?.seq, order.seq);
    assert.is(found[0]?.sha, order.commit);
    const writes = stage.writes();
    await again.forge?.open(found[0], stage.signal);
    assert.is(stage.writes(), writes);
    await again.post({ state: 'success', description: 'Deployed' }, stage.signal);
    assert.equal(
      stage.heard().map(({ description }) => description),
      ['Deploying', 'Deployed'],
    );
  });

  test('keeps the slots of two components apart', async (stage) => {
    const reporter = await opened(stage, { component: 'api', runKey: 'a'.repeat(20) });
    await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    const others = async (component: string) =>
      (await stage.open({ component, runKey: 'b'.repeat(20) }).forge?.look(stage.signal))?.others;
    assert.is((await others('api'))?.length, 1);
    assert.equal(await others('web'), []);
  });

  test('rereads what a run of its own posted', async (stage) => {
    const reporter = await opened(stage);
    await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    for (const description of ['Deploying', 'Deploying', 'Deployed']) {
      if (description === 'Deployed') {
        await reporter.post({ state: 'success', description }, stage.signal);
      }
      const now = await reporter.forge?.reread(stage.signal);
      assert.is(now?.statuses[0]?.description, description);
      assert.is(now?.statuses[0]?.marker?.key, stage.orderOf().runKey);
    }
  });

  test("closes another run's with that run's marker, and leaves what has ended", async (stage) => {
    const dead = await opened(stage);
    await dead.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    const reaper = { commit: 'b'.repeat(40), runKey: 'f'.repeat(20), seq: stage.orderOf().seq + 1 };
    const { forge } = stage.open(reaper);
    const [orphan] = (await forge?.look(stage.signal))?.others.filter(ours(stage.orderOf())) ?? [];
    assert.ok(orphan);
    const closing = { state: 'error', description: 'Outcome not known' } as const;
    await forge?.close(orphan, closing, stage.signal);
    const [closed] = (await forge?.look(stage.signal))?.others.filter(ours(stage.orderOf())) ?? [];
    assert.ok(isTerminal(closed?.statuses[0]?.state));
    assert.ok(closed?.statuses[0]?.marker?.closure);
    assert.is(closed?.statuses[0]?.marker?.key, stage.orderOf().runKey);
    assert.is(closed?.owner?.closure, false);
    const writes = stage.writes();
    await forge?.close(orphan, closing, stage.signal);
    assert.is(stage.writes(), writes);
  });

  test('surveys what is open and ours, in scope', async (stage, forge) => {
    const one = await opened(stage, { component: 'api', runKey: 'a'.repeat(20) });
    await one.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    const other = await opened(stage, { component: 'web', runKey: 'b'.repeat(20) });
    await other.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
    const environment = stage.orderOf().environment ?? '';
    const found = async (scope: Parameters<Forge['survey']>[0]) =>
      (await forge.survey(scope, stage.signal)).map(({ owner }) => owner?.key).sort();
    const all = { environment: undefined, component: undefined };
    assert.equal(await found(all), ['a'.repeat(20), 'b'.repeat(20)]);
    assert.equal(await found({ environment, component: 'web' }), ['b'.repeat(20)]);
    assert.equal(await found({ ...all, environment: 'elsewhere' }), []);
    await one.post({ state: 'success', description: 'Deployed' }, stage.signal);
    assert.equal(await found({ ...all, environment }), ['b'.repeat(20)]);
  });

  for (const [name, changes] of [
    ['an environment', { environment: 'e'.repeat(250) }],
    ['an environment that fills it', { environment: 'e'.repeat(239) }],
    ['a component', { component: 'c'.repeat(250) }],
  ] as const) {
    test(`surveys what was left under a name that is too long, by ${name}`, async (stage) => {
      const one = await opened(stage, { ...changes, runKey: 'a'.repeat(20) });
      await one.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
      const order = stage.orderOf(changes);
      const { environment, component } = order;
      for (const scope of [
        { environment: undefined, component: undefined },
        { environment, component: undefined },
        { environment, component },
      ]) {
        const found = await stage.open(changes).forge?.survey(scope, stage.signal);
        assert.equal(
          found?.map(({ owner }) => owner?.key),
          ['a'.repeat(20)],
        );
      }
    });
  }

  test('does not take a repository that it cannot see for one where nothing is open', async (stage) => {
    const { forge } = stage.open({ repo: 'acme/typo' });
    const all = { environment: undefined, component: undefined };
    for (const asking of [forge?.survey(all, stage.signal), forge?.look(stage.signal)]) {
      const error = await asking?.catch((reason: unknown) => reason);
      assert.instance(error, RemoteError);
      assert.match((error as Error).message, /acme\/typo/);
    }
  });

  remembering.run();
}
