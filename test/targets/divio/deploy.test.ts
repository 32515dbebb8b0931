import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RemoteError, SettingsError, type Stop } from '../../../src/errors.ts';
import { onDivio, texts, verdictIs } from '../../support/divio/stage.ts';
import { application } from '../../support/divio/world.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';

const sigterm: Stop = { kind: 'signal', name: 'SIGTERM' };
const deploys = suite('divio: a deploy');
const fields = suite('divio: what answers hold');

onDivio(deploys, 'asks for what it needs and nothing twice', {}, async ({ fake, world, start }) => {
  const { verdict, recorded } = start();
  verdictIs(await verdict, 'success', /^deployment depb2+ succeeded after 6s$/);
  const looks = fake.exchanges.filter((each) => each === 'look').length;
  assert.ok(looks <= 1 + 6 / 3 + 1, `${looks} looks in 6 s`);
  assert.equal(
    fake.exchanges.filter((each) => each !== 'look'),
    ['me', 'applications', 'environments', 'list', 'deploy', 'environments', 'site'],
  );
  assert.equal(world.deployments[0]?.mode, 'AUTO');
  assert.equal(recorded.served, ['https://hello.us.aldryn.io/']);
  const { organisation, uuid } = application;
  const { started_at, ended_at, ...results } = Object.fromEntries(recorded.results);
  assert.equal(results, {
    application_uuid: uuid,
    application_slug: 'hello',
    environment_uuid: world.environments[1]?.uuid,
    deployment_uuid: world.deployments[0]?.uuid,
    control_panel_url: `https://control.divio.com/o/${organisation}/app/${uuid}/`,
    status: 'done',
    success: 'true',
    duration: '6',
    deployed_commit: order.commit,
  });
  assert.is(Date.parse(ended_at ?? '') - Date.parse(started_at ?? ''), 6000);
  assert.match(recorded.progress.join(), /Divio: building \(\d+ %\)/);
  assert.is(recorded.text(), '');
});

for (const [what, name, exchanges] of [
  ['its uuid', application.uuid, ['me', 'application', 'environments']],
  ['its number', application.id, ['me', 'legacy', 'application', 'environments']],
  ['its slug', 'hello', ['me', 'applications', 'environments']],
] as const) {
  onDivio(deploys, `finds an application by ${what}`, {}, async ({ fake, start }) => {
    verdictIs(await start({ application: name }).verdict, 'success', /succeeded/);
    assert.equal(fake.exchanges.slice(0, exchanges.length), exchanges);
  });
}

for (const [what, settings, said] of [
  ['an application', { application: 'other' }, /DIVIO_APPLICATION names no application .*: other/],
  ['an application by number', { application: '355' }, /names no application/],
  ['a slug that looks like a uuid', { application: 'a'.repeat(26) }, /names no application/],
  ['an environment', { environment: 'stage' }, /"stage"; there are: test, live$/m],
] as const) {
  onDivio(deploys, `names ${what} that is not there as a fault`, {}, async ({ world, start }) => {
    const error = await rejectionOf(start(settings).verdict);
    assert.instance(error, SettingsError);
    assert.match(error.message, said);
    assert.is(world.deployments.length, 0);
  });
}

onDivio(deploys, 'takes the environment of the order', {}, async ({ world, start }) => {
  const job = { order: { ...order, environment: 'test' } };
  verdictIs(await start({ environment: '' }, { job }).verdict, 'success', /succeeded/);
  assert.is(world.deployments[0]?.environment, world.environments[0]?.uuid);
  const { environment: _, ...none } = order;
  const error = await rejectionOf(start({ environment: '' }, { job: { order: none } }).verdict);
  assert.match(error.message, /DIVIO_ENVIRONMENT is required/);
});

onDivio(deploys, 'blames the environment of the order for what it is', {}, async ({ start }) => {
  const error = await rejectionOf(start({ environment: '' }).verdict);
  const said =
    /- environment names no .* "production"; there are: test, live; divio_environment says Divio's own/;
  assert.match(error.message, said);
  assert.not.match(error.message, /PLUGIN_DIVIO_ENVIRONMENT/);
});

onDivio(deploys, 'refuses a required commit that is not there', {}, async ({ world, start }) => {
  const { commit: _, ...none } = order;
  const error = await rejectionOf(start({ verify: 'require' }, { job: { order: none } }).verdict);
  assert.match(error.message, /DIVIO_VERIFY .* commit/);
  assert.is(world.deployments.length, 0);
});

const log = `${Array.from({ length: 300 }, (_, n) => `step ${n}`).join('\n')}\nno space left\n\n`;
for (const [policy, ends, shown] of [
  ['on_failure', 'failure', 200],
  ['on_failure', 'success', 0],
  ['always', 'failure', 301],
  ['always', 'success', 301],
  ['never', 'failure', 0],
] as const) {
  const course = { ends, log, lasts: 60_000 };
  onDivio(
    deploys,
    `shows ${shown} lines of the log of a ${ends} (${policy})`,
    { course },
    async ({ start }) => {
      const { verdict, recorded } = start({ log: policy });
      const reason =
        policy === 'never'
          ? /failed; see https:\/\/control\.divio\.com\/o\/.*\/$/
          : /failed: no space left$/;
      verdictIs(await verdict, ends, ends === 'success' ? /succeeded/ : reason);
      const lines = recorded.text().split('\n').filter(Boolean);
      assert.is(lines.length, shown);
      assert.is(new Set(lines).size, shown);
      if (policy === 'always') assert.ok(recorded.pieces.length > 1, 'it is shown while it grows');
    },
  );
}

for (const [what, text, said] of [
  [
    'an empty log',
    '',
    /its log is empty \(Divio calls this a fault in passing: deploy again\); see https:\/\/control\./,
  ],
  ['a timeout', 'pip: ReadTimeoutError\nexit 1\n', /exit 1 \(ReadTimeoutError: .* deploy again\)$/],
] as const) {
  const course = { ends: 'failure', log: text } as const;
  onDivio(deploys, `says that ${what} passes`, { course }, async ({ start, world }) => {
    verdictIs(await start().verdict, 'failure', said);
    assert.is(world.deployments.length, 1);
  });
}

const silent = { ends: 'silent' } as const;
onDivio(deploys, 'fails an end without a word', { course: silent }, async ({ fake, start }) => {
  verdictIs(
    await start().verdict,
    'failure',
    /has ended, and Divio does not say that it succeeded/,
  );
  assert.equal(fake.exchanges.slice(-4), ['look', 'look', 'look', 'log']);
});

for (const [name, exchange, fault, kind] of [
  ['a wrong token', 'me', '401', 'credentials'],
  ['a token without rights', 'environments', '403', 'permission'],
  ['a token that may only read', 'deploy', '403', 'permission'],
] as const) {
  onDivio(deploys, `rejects with ${name}`, {}, async ({ fake, world, start }) => {
    fake.fail(exchange, fault);
    const error = await rejectionOf<RemoteError>(start().verdict);
    assert.is(error.kind, kind);
    assert.is(world.deployments.length, 0);
  });
}

onDivio(deploys, 'does not repeat the token that Divio quotes', {}, async ({ start }) => {
  const error = await rejectionOf(start({ token: 'wrong-divio-token' }).verdict);
  assert.match(error.message, /answered 401: Invalid token: \*\*\*; divio_token is wrong, expired/);
});

onDivio(deploys, 'tells a refusal in the words of Divio', {}, async ({ fake, start }) => {
  fake.fail('deploy', '400');
  verdictIs(await start().verdict, 'failure', /^nothing was deployed: .* answered 400: not now$/);
});

onDivio(deploys, 'waits as long as Divio says', {}, async ({ fake, world, clock, start }) => {
  fake.fail('deploy', '429');
  const began = clock.now();
  verdictIs(await start().verdict, 'success', /succeeded/);
  assert.is(world.deployments.length, 1);
  assert.ok((world.deployments[0]?.startedAt ?? 0) - began >= 2000);
});

for (const stop of [sigterm, { kind: 'timeout' }] as const) {
  const course = { lasts: 1e9 };
  onDivio(deploys, `says where a deploy goes on after ${stop.kind}`, { course }, async (scene) => {
    const { verdict, recorded } = scene.start();
    await scene.exchanged(7);
    recorded.stop(stop);
    const outcome = stop.kind === 'timeout' ? 'timed_out' : 'cancelled';
    verdictIs(await verdict, outcome, /^Divio has no way to cancel deployment depb2+$/);
    assert.match((await verdict).goesOn ?? '', /^https:\/\/control\.divio\.com\/o\/org.*\/app\/nx/);
    assert.is(recorded.saved.at(-1)?.state.step, 'started');
  });
}

onDivio(deploys, 'tells an end that came before the stop', {}, async (scene) => {
  const { verdict, recorded } = scene.start({ poll_interval: '1h' });
  await scene.exchanged(5);
  await scene.clock.pause(7000);
  recorded.stop(sigterm);
  verdictIs(await verdict, 'success', /succeeded/);
});

for (const [exchange, begun] of [
  ['list', 0],
  ['deploy', 1],
] as const) {
  const course = { lasts: 1e9 };
  onDivio(deploys, `tells what goes on after a stop at ${exchange}`, { course }, async (scene) => {
    const { verdict, recorded } = scene.start();
    scene.fake.onExchange = (each) => {
      if (each === exchange) recorded.stop(sigterm);
    };
    const { outcome, goesOn, description } = await verdict;
    assert.is(outcome, 'cancelled');
    assert.is(scene.world.deployments.length, begun);
    assert.is(goesOn !== undefined, begun === 1, description);
    if (begun === 0) assert.match(description, /^nothing was deployed: /);
  });
}

onDivio(deploys, 'looks every so often as it is told', { factor: 20 }, async ({ fake, start }) => {
  await start({ poll_interval: '2s' }).verdict;
  const pauses = fake.looks.slice(1).map((at, n) => at - (fake.looks[n] ?? 0));
  for (const pause of pauses) assert.ok(pause > 1900 && pause < 3000, `${pauses}`);
});

const whole = { lasts: 35 * 60_000, percent: (share: number) => Math.floor(share * 99) };
onDivio(
  deploys,
  'follows a deployment of 35 minutes, asking no more than the vendor',
  { course: whole, factor: 600 },
  async ({ fake, world, start }) => {
    const { verdict } = start({}, { timeoutMs: 2000 });
    verdictIs(await verdict, 'success', /succeeded after 35m$/);
    const [{ startedAt = 0 } = {}] = world.deployments;
    fake.looks.forEach((at, n) => {
      assert.ok(n + 1 <= 2 + (at - startedAt) / 3000, `look ${n + 1} at ${at - startedAt} ms`);
    });
  },
);

const paged = { pageSize: 1 };
onDivio(deploys, 'reads page after page', paged, async ({ fake, start }) => {
  const error = await rejectionOf(start({ environment: 'stage' }).verdict);
  assert.match(error.message, /there are: test, live$/m);
  assert.is(fake.exchanges.filter((each) => each === 'environments').length, 3);
});
onDivio(
  deploys,
  'follows no page to another host',
  { pageSize: 1, nextAt: 'http://evil.example.com' },
  async ({ start }) => {
    const process = start({ environment: 'stage' });
    verdictIs(
      await process.verdict,
      'failure',
      /leads to http:\/\/evil\.example\.com, where the tok/,
    );
  },
);
onDivio(
  deploys,
  'finds the newest deployment in a list that begins with the oldest',
  { pageSize: 2, oldestFirst: true, course: (nth) => ({ lasts: nth === 4 ? 20_000 : 6000 }) },
  async ({ world, live, start }) => {
    for (const ago of [3e6, 2e6, 1e6]) world.remember(live, ago, 30_000);
    world.deploy(live);
    const process = start({ verify: 'off' });
    verdictIs(await process.verdict, 'success', /succeeded/);
    assert.is(world.deployments.length, 5);
    assert.match(texts(process, 'info').join(), /not of this run\) runs; ours waits/);
  },
);

type Json = Record<string, unknown>;
const without =
  (...names: readonly string[]) =>
  (_: unknown, json: Json): Json =>
    Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
const asNull =
  (...names: readonly string[]) =>
  (_: unknown, json: Json): Json => ({
    ...json,
    ...Object.fromEntries(names.filter((name) => name in json).map((name) => [name, null])),
  });
for (const [what, view] of [
  ['no status and percent', without('status', 'percent', 'is_usable', 'region')],
  ['no times', without('started_at', 'ended_at')],
  ['no started_at', without('started_at')],
  ['no success until the end', asNull('percent', 'status', 'region', 'branch')],
  ['no pending commits', without('pending_commits_lookup')],
  ['a range that is none', (_: unknown, json: Json) => ({ ...json, pending_commits_lookup: 7 })],
  ['no organisation and slug', without('organisation', 'slug', 'name', 'repository')],
  ['nothing but null', asNull('slug', 'name', 'organisation', 'repository', 'started_at')],
  ['more than we know', (_: unknown, json: Json) => ({ ...json, commit: { sha: 1 }, author: [] })],
  [
    'lists of ids alone',
    (exchange: string, json: Json) => (exchange === 'list' ? { uuid: json.uuid } : json),
  ],
  [
    'text where numbers were',
    (_: unknown, json: Json) => ({ ...json, percent: '40', status: { stage: 'x' } }),
  ],
] as const) {
  onDivio(fields, `deploys with ${what}`, { view }, async ({ world, live, start }) => {
    world.remember(live, 3e6, 30_000);
    const process = start({ poll_interval: '1s' });
    verdictIs(await process.verdict, 'success', /^deployment \w+ succeeded/);
    assert.is(world.deployments.length, 2);
  });
}

onDivio(
  fields,
  'says when the deployed commit cannot be read, and fails where it is required',
  { view: without('pending_commits_lookup') },
  async ({ start }) => {
    const warned = start();
    verdictIs(await warned.verdict, 'success', /succeeded/);
    assert.match(texts(warned, 'warn').join(), /Not verified: Divio does not say which commit/);
    verdictIs(await start({ verify: 'require' }).verdict, 'error', /not known whether the ordered/);
  },
);

deploys.run();
fields.run();
