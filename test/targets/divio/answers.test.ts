import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onDivio, texts, verdictIs } from '../../support/divio/stage.ts';
import { application } from '../../support/divio/world.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';

const finding = suite('divio: finding what is meant');
const answers = suite('divio: what an answer may be');

type Json = Record<string, unknown>;
const dashed = '0b1f6a52-8d3e-4c57-9f00-1234567890ab';
/** A slug that looks like a uuid. */
const likeUuid = 'abcdefghijklmnopqrstuvwxyz';

onDivio(finding, 'takes a uuid with dashes', {}, async ({ fake, start }) => {
  const error = await rejectionOf(start({ application: dashed }).verdict);
  assert.match(error.message, /names no application/);
  assert.equal(fake.exchanges, ['me', 'application', 'applications']);
  assert.match(fake.seen[1]?.url ?? '', `/apps/v3/applications/${dashed}/`);
});

onDivio(
  finding,
  'takes what is no uuid for a slug',
  { slug: likeUuid },
  async ({ fake, start, world }) => {
    verdictIs(await start({ application: likeUuid }).verdict, 'success', /succeeded/);
    assert.equal(fake.exchanges.slice(0, 3), ['me', 'application', 'applications']);
    assert.is(world.deployments.length, 1);
  },
);

onDivio(
  finding,
  'chooses none of two applications of one name',
  {
    lists: (exchange, items) =>
      exchange === 'applications' ? [...items, { ...items[0], uuid: 'another' }] : items,
  },
  async ({ world, start }) => {
    const error = await rejectionOf(start().verdict);
    assert.match(error.message, /names no application .*: hello/);
    assert.is(world.deployments.length, 0);
  },
);

onDivio(
  finding,
  'goes by what is listed, not by the order of a list that is not filtered',
  {
    lists(exchange, items) {
      if (exchange === 'applications') return [{ uuid: 'another', slug: 'other' }, ...items];
      return exchange === 'environments' ? [{ uuid: 'envother', slug: 'test' }, ...items] : items;
    },
  },
  async ({ world, live, start }) => {
    verdictIs(await start().verdict, 'success', /succeeded/);
    assert.equal(
      world.deployments.map(({ environment }) => environment),
      [live],
    );
  },
);

onDivio(
  finding,
  'leaves alone what runs in another environment',
  {
    lists: (exchange, items) =>
      exchange === 'list'
        ? [
            { uuid: 'depother', environment: 'envother', started_at: '2026-11-28T00:00:00Z' },
            ...items,
          ]
        : items,
  },
  async ({ world, start }) => {
    verdictIs(await start().verdict, 'success', /^deployment depb2+ succeeded/);
    assert.is(world.deployments.length, 1);
  },
);

onDivio(
  finding,
  'reads the rest of an application that a list shortens',
  { view: (exchange, json) => (exchange === 'applications' ? { uuid: json.uuid } : json) },
  async ({ fake, start }) => {
    const { verdict, recorded } = start();
    verdictIs(await verdict, 'success', /succeeded/);
    assert.equal(fake.exchanges.slice(1, 3), ['applications', 'application']);
    assert.match(recorded.results.get('control_panel_url') ?? '', application.organisation);
  },
);

for (const mode of ['AUTO', 'ADOPT', 'FORCE']) {
  onDivio(answers, `builds as it is told: ${mode}`, {}, async ({ world, start }) => {
    await start({ build_mode: mode }).verdict;
    assert.is(world.deployments[0]?.mode, mode);
  });
}

for (const [what, body] of [
  ['nothing', {}],
  ['no uuid', { environment: 'x', build_mode: 'AUTO' }],
  ['a uuid that is null', { uuid: null }],
] as const) {
  const view = (exchange: string, json: Json) => (exchange === 'deploy' ? body : json);
  onDivio(answers, `says ${what} of what began: it is looked for`, { view }, async (scene) => {
    const process = scene.start();
    verdictIs(await process.verdict, 'success', /^deployment depb2+ succeeded/);
    assert.is(scene.world.deployments.length, 1);
    assert.match(texts(process, 'info').join(), /depb2+ has begun since: it is taken for ours/);
  });
}

for (const reads of [1, 2, 3]) {
  let looks = 0;
  const view = (exchange: string, json: Json): Json => {
    if (exchange !== 'look' || json.ended_at === null) return json;
    looks += 1;
    return looks <= reads ? { ...json, success: null } : json;
  };
  onDivio(answers, `says how it ended ${reads} looks late`, { view }, async ({ start }) => {
    verdictIs(await start().verdict, 'success', /succeeded/);
  });
}

onDivio(
  answers,
  'has no log until the end',
  { course: { lasts: 60_000, log: 'one\ntwo\n' } },
  async ({ fake, start }) => {
    fake.fail('log', '404', '404');
    const { verdict, recorded } = start({ log: 'always' });
    verdictIs(await verdict, 'success', /succeeded/);
    assert.is(recorded.text(), 'one\ntwo\n');
    assert.is(
      fake.exchanges.filter((each) => each === 'log').length,
      3,
      'two in vain, one at the end',
    );
  },
);

const lettered = 'abcdef0123'.repeat(4);
for (const [what, lookup, said] of [
  ['seven digits', `${lettered.slice(0, 7)}..main`, undefined],
  ['capitals', `${lettered.toUpperCase()}..main`, undefined],
  ['a range of branches', 'develop..main', /Not verified: Divio does not say which commit/],
  ['six digits', `${lettered.slice(0, 6)}..main`, /Not verified: Divio does not say which commit/],
  ['null', null, /Not verified: Divio does not say which commit/],
] as const) {
  const view = (exchange: string, json: Json) =>
    exchange === 'environments' ? { ...json, pending_commits_lookup: lookup } : json;
  onDivio(answers, `has ${what} for the deployed commit`, { view }, async ({ world, start }) => {
    const process = start({}, { job: { order: { ...order, commit: lettered } } });
    verdictIs(await process.verdict, 'success', /succeeded/);
    assert.is(world.deployments.length, 1);
    const warned = texts(process, 'warn').join();
    if (said) assert.match(warned, said);
    else assert.is(warned, '');
  });
}

onDivio(answers, 'dates back what a lost request has begun', {}, async ({ fake, world, start }) => {
  fake.onExchange = (exchange) => {
    const [first] = world.deployments;
    if (exchange === 'deploy' && first?.startedAt) first.startedAt -= 30_000;
  };
  fake.fail('deploy', 'cut after');
  verdictIs(await start({ verify: 'off' }).verdict, 'success', /^deployment depb2+ succeeded/);
  assert.is(world.deployments.length, 1);
});

onDivio(answers, 'need not say where the author says it', {}, async ({ fake, start }) => {
  const job = { order: { ...order, environmentUrl: 'https://shop.example.com/' } };
  const { verdict, recorded } = start({}, { job });
  verdictIs(await verdict, 'success', /succeeded/);
  assert.equal(recorded.served, []);
  assert.not(fake.exchanges.includes('site'));
});

finding.run();
answers.run();
