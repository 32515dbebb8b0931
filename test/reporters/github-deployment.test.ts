import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import { deploymentState } from '../../src/forges/github/states.ts';
import { markedLink, markerOf, payloadMarks, readLink } from '../../src/identity.ts';
import type { Order } from '../../src/order.ts';
import { githubDeployment } from '../../src/reporters/github-deployment.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import type { State } from '../../src/status.ts';
import {
  loadedOf,
  olderSha,
  onStage,
  rejected,
  runKey,
  type Stage,
  sha,
} from '../forges/github/stage.ts';
import { canned, type FakeGithubOptions, type Fault } from '../support/github/fake-github.ts';
import { testReporter } from './contract.ts';
import { githubScenario } from './github-stage.ts';

testReporter(
  'github-deployment',
  githubScenario({
    entry: githubDeployment,
    posts: /\/statuses$/,
    heard: ({ github }) =>
      github.deployments.flatMap(({ id }) =>
        github
          .statusesOf(id)
          .toReversed()
          .map(({ state, description }) => ({ state, description })),
      ),
    word: (state) =>
      deploymentState(state, { cancelState: 'failure', created: true, gitploy: false }),
  }),
);

const posts = /^\/repos\/acme\/shop\/deployments\/\d+\/statuses$/;
const creates = /^\/repos\/acme\/shop\/deployments$/;
const statesOf = ({ github }: Stage, id: number): readonly string[] =>
  github.statusesOf(id).map(({ state }) => state);
const openOnes = (stage: Stage): readonly number[] =>
  stage.github.deployments
    .map(({ id }) => id)
    .filter(
      (id) => !['success', 'failure', 'error', 'inactive'].includes(statesOf(stage, id)[0] ?? ''),
    );
const say = (reporter: Reporter, stage: Stage, state: State, environmentUrl?: string) =>
  reporter.post(
    { state, description: state, ...(environmentUrl ? { environmentUrl } : {}) },
    stage.signal,
  );

type Run = { readonly stage: Stage; readonly id: number; readonly reporter: Reporter };
const adopted = async (
  stage: Stage,
  {
    settings = {},
    order = {},
    description = '',
    verb = 'deploy' as const,
    age = 60_000,
  }: {
    settings?: Record<string, string>;
    order?: Partial<Order>;
    description?: string;
    verb?: 'deploy' | 'status';
    age?: number;
  } = {},
): Promise<Run> => {
  const { id } = stage.github.addDeployment({ ref: sha, environment: 'production', description });
  stage.clock.advance(age);
  const named = { deploymentId: String(id), ...order };
  const reporter = stage.reporter(githubDeployment, settings, named, verb);
  const look = await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(look?.adopted, stage.signal);
  return { stage, id, reporter };
};
const created = async (
  stage: Stage,
  settings: Record<string, string> = {},
  order: Partial<Order> = {},
): Promise<Reporter> => {
  const reporter = stage.reporter(githubDeployment, settings, order);
  await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(undefined, stage.signal);
  return reporter;
};

const suiteOf = (name: string) => {
  const own = suite(name);
  return {
    run: () => own.run(),
    test: (title: string, play: (stage: Stage) => Promise<void>, options?: FakeGithubOptions) =>
      own(title, () => onStage(play, options, 500)),
  };
};

const adopting = suiteOf('github-deployment: adopted');

adopting.test('needs five exchanges, none twice', async (stage) => {
  const { reporter, id } = await adopted(stage);
  await say(reporter, stage, 'queued');
  await say(reporter, stage, 'in_progress');
  await reporter.forge?.reread(stage.signal);
  await say(reporter, stage, 'success');
  const statuses = `/repos/acme/shop/deployments/${id}/statuses`;
  assert.equal(stage.exchanges(), [
    'POST /graphql',
    ...[`POST ${statuses}`, `POST ${statuses}`, `GET ${statuses}`, `POST ${statuses}`],
  ]);
  assert.equal(statesOf(stage, id), ['success', 'in_progress', 'queued']);
});

adopting.test('marks every status and repeats the link of the environment', async (stage) => {
  const { reporter, id } = await adopted(stage);
  await say(reporter, stage, 'queued');
  await say(reporter, stage, 'in_progress', 'https://shop.example');
  await say(reporter, stage, 'success');
  await say(reporter, stage, 'failure', 'https://shop.example');
  const shown = stage.github.statusesOf(id);
  assert.ok(shown.every(({ logUrl }) => readLink(logUrl)?.key === runKey));
  assert.equal(
    shown.map(({ environmentUrl }) => environmentUrl),
    ['', 'https://shop.example', 'https://shop.example', ''],
  );
});

adopting.test('sends neither environment nor auto_inactive unasked', async (stage) => {
  const { reporter } = await adopted(stage);
  await say(reporter, stage, 'success');
  const keys = Object.keys(stage.github.requests.at(-1)?.body as object);
  assert.equal(keys, ['state', 'description', 'log_url']);
  const asked = await adopted(stage, { settings: { auto_inactive: 'false' } });
  await say(asked.reporter, stage, 'success');
  assert.match(JSON.stringify(stage.github.requests.at(-1)?.body), '"auto_inactive":false');
});

adopting.test(
  'waits until the deployment has settled, by the clock of the server',
  async (stage) => {
    stage.github.clockSkewMs = 600_000;
    const { reporter } = await adopted(stage, { age: 1000 });
    await say(reporter, stage, 'queued');
    await say(reporter, stage, 'in_progress');
    assert.equal(stage.clock.pauses, [2000]);
  },
);

adopting.test('leaves success to a CI server that posts it itself', async (stage) => {
  const { reporter, id } = await adopted(stage, { order: { ciPostsTerminal: true } });
  assert.is(await say(reporter, stage, 'in_progress'), 'posted');
  assert.is(await say(reporter, stage, 'success'), 'left');
  assert.is(await say(reporter, stage, 'failure'), 'posted');
  assert.equal(statesOf(stage, id), ['failure', 'in_progress', 'in_progress']);
  const [, note] = stage.github.statusesOf(id);
  assert.match(note?.description ?? '', /the CI server ends this deployment$/);
  assert.is(readLink(note?.logUrl)?.left, true);
});

const finals: readonly [string, Parameters<typeof adopted>[1], 'posted' | 'left'][] = [
  [
    'posts success where the author says so',
    { settings: { final_status: 'slipway' }, order: { ciPostsTerminal: true } },
    'posted',
  ],
  ['leaves success where the author says so', { settings: { final_status: 'ci' } }, 'left'],
  [
    'posts what the verb status is told',
    { verb: 'status', order: { ciPostsTerminal: true } },
    'posted',
  ],
  ['posts success where nobody else does', {}, 'posted'],
];
for (const [title, given, answer] of finals) {
  adopting.test(title, async (stage) => {
    const { reporter } = await adopted(stage, given);
    assert.is(await say(reporter, stage, 'success'), answer);
  });
}

adopting.test('speaks so that Gitploy understands', async (stage) => {
  const { reporter, id } = await adopted(stage, {
    description: 'Gitploy starts to deploy.',
    settings: { cancel_state: 'inactive' },
  });
  await say(reporter, stage, 'error');
  await say(reporter, stage, 'cancelled');
  assert.equal(statesOf(stage, id), ['failure', 'failure']);
});

adopting.test('reads one that the look did not show', async (stage) => {
  const { id } = stage.github.addDeployment({
    ref: olderSha,
    environment: 'staging',
    payload: '{"a":1}',
  });
  const order = { deploymentId: String(id) };
  const look = await stage.reporter(githubDeployment, {}, order).forge?.look(stage.signal);
  assert.is(look?.adopted?.environment, 'staging');
  assert.is(look?.adopted?.sha, olderSha);
  assert.equal(look?.adopted?.payload, { a: 1 });
});

adopting.test('says that a deployment is not there', async (stage) => {
  const order = { deploymentId: '999999' };
  const look = stage.reporter(githubDeployment, {}, order).forge?.look(stage.signal);
  assert.match((await rejected(Promise.resolve(look))).message, 'or there is no deployment 999999');
});

adopting.test('finds the deployment that Actions made for this job', async (stage) => {
  const page = 'https://github.com/acme/shop/actions/runs/55';
  const add = (log_url: string) => {
    const { id } = stage.github.addDeployment({ ref: sha, environment: 'production' });
    stage.github.addStatus(id, { state: 'in_progress', log_url });
    return String(id);
  };
  add(`${page}5/job/1`);
  const own = add(`${page}/job/1`);
  const order = { buildUrl: `${page}/attempts/2`, system: 'github-actions' };
  const look = await stage.reporter(githubDeployment, {}, order).forge?.look(stage.signal);
  assert.is(look?.adopted?.id, own);
  assert.is(look?.others.length, 1);
});

for (const graphql of [true, false]) {
  adopting.test(
    `shows the statuses newest first ${graphql ? 'by GraphQL' : 'by REST'}`,
    async (stage) => {
      const { github } = stage;
      const { id } = github.addDeployment({ ref: sha, environment: 'production' });
      const log_url = markedLink(['https://ci.example/1'], markerOf(stage.orderOf()));
      github.addStatus(id, { state: 'queued', ...(log_url ? { log_url } : {}) });
      for (let n = 0; n < 25; n += 1)
        github.addStatus(id, { state: 'in_progress', description: `${n}` });
      github.addStatus(id, { state: 'success', description: 'last' });
      const look = await stage.reporter(githubDeployment).forge?.look(stage.signal);
      const [row] = look?.others ?? [];
      assert.is(row?.statuses[0]?.description, 'last');
      assert.is(row?.statuses[1]?.description, '24');
      assert.is(row?.owner?.key, runKey);
    },
    { graphql },
  );
}

adopting.test('does not wait for GraphQL while REST may answer', async (stage) => {
  stage.github.fail({ path: /^\/graphql$/, do: canned.primaryLimit(30_000) });
  stage.github.addDeployment({ ref: sha, environment: 'production' });
  const look = await stage.reporter(githubDeployment).forge?.look(stage.signal);
  assert.is(look?.others.length, 1);
  assert.equal(stage.clock.pauses, []);
});

adopting.test('knows the later expiry of a retry', async (stage) => {
  const first = markerOf(stage.orderOf());
  const retry = { ...first, expiry: first.expiry + 3_600_000 };
  const payload = payloadMarks(first);
  const { id } = stage.github.addDeployment({ ref: sha, environment: 'production', payload });
  const log_url = markedLink(['https://ci.example/1'], retry) ?? '';
  stage.github.addStatus(id, { state: 'in_progress', log_url });
  const look = await stage.reporter(githubDeployment).forge?.look(stage.signal);
  assert.equal(look?.others[0]?.owner, retry);
});

adopting.test('asks REST for ids that GraphQL cannot hold', async (stage) => {
  const { id } = stage.github.addDeployment({ ref: sha, environment: 'production' });
  const probe = stage.reporter(githubDeployment);
  await probe.forge?.look(stage.signal);
  const node = Buffer.from(`Deployment:${id}`).toString('base64');
  stage.github.fail({
    path: /^\/graphql$/,
    do: {
      status: 200,
      body: {
        errors: [
          {
            message: 'Int overflow',
            path: ['repository', 'deployments', 'nodes', 0, 'databaseId'],
          },
        ],
        data: {
          repository: {
            deployments: {
              pageInfo: { hasNextPage: false, endCursor: null },
              nodes: [
                {
                  ...{ id: node, databaseId: null, commitOid: sha, environment: 'production' },
                  ...{ task: 'deploy', description: '', payload: '""' },
                  ...{ createdAt: '2026-11-21T10:00:00Z', latestStatus: null },
                  ...{ oldest: { nodes: [] }, newest: { nodes: [] } },
                },
              ],
            },
          },
        },
      },
    },
  });
  const look = await stage.reporter(githubDeployment).forge?.look(stage.signal);
  assert.equal(
    look?.others.map((row) => row.id),
    [String(id)],
  );
});
adopting.run();

const creating = suiteOf('github-deployment: created');

creating.test('sends the commit, our marks and no required checks', async (stage) => {
  const payload = { region: 'eu', slipway_component: 'forged' };
  const order = { payload, description: 'x'.repeat(200), task: 'deploy:web' };
  await created(stage, {}, order);
  const body = stage.github.requests.find(({ path }) => creates.test(path))?.body;
  assert.equal(body, {
    ...{ ref: sha, task: 'deploy:web', auto_merge: false, required_contexts: [] },
    payload: { region: 'eu', ...payloadMarks(markerOf(stage.orderOf())) },
    environment: 'production',
    description: `${'x'.repeat(139)}…`,
  });
});

creating.test('sends what the author set', async (stage) => {
  const settings = {
    production_environment: 'false',
    transient_environment: 'true',
    required_contexts: 'all',
  };
  await created(stage, settings);
  const body = stage.github.requests.find(({ path }) => creates.test(path))?.body as object;
  assert.equal(Object.keys(body), [
    ...['ref', 'task', 'auto_merge', 'payload', 'environment', 'description'],
    ...['production_environment', 'transient_environment'],
  ]);
});

creating.test('never waits to settle and posts its own success', async (stage) => {
  const reporter = await created(stage, {}, { ciPostsTerminal: true });
  assert.is(await say(reporter, stage, 'success'), 'posted');
  assert.equal(stage.clock.pauses, []);
});

const losses: readonly [string, Fault][] = [
  ['a reset before it acted', 'reset'],
  ['a reset after it acted', 'reset-after'],
  ['a hang before it acted', 'hang'],
  ['a hang after it acted', 'hang-after'],
  ['half a body', 'half-body'],
  ['a server error before it acted', canned.serverError],
  ['a server error after it acted', { ...canned.serverError, acts: true }],
  ['a page after it acted', { ...canned.htmlPage, acts: true }],
  ['too many requests', canned.tooMany(2)],
];
for (const [title, fault] of losses) {
  creating.test(`makes exactly one in spite of ${title}`, async (stage) => {
    stage.github.fail({ method: 'POST', path: creates, nth: 1, do: fault });
    const reporter = await created(stage);
    await say(reporter, stage, 'success');
    assert.is(stage.github.deployments.length, 1);
    assert.equal(statesOf(stage, stage.github.deployments[0]?.id ?? 0), ['success']);
  });
}

creating.test('looks for five seconds before it creates again', async (stage) => {
  stage.github.fail({ method: 'POST', path: creates, nth: 1, do: 'reset' });
  await created(stage);
  assert.equal(stage.clock.pauses.slice(0, 5), [1000, 1000, 1000, 1000, 1000]);
});

/** The lost request is carried out after all, when its successor has been. */
creating.test('closes one that appears late, at the end', async (stage) => {
  const { github } = stage;
  github.fail({ method: 'POST', path: creates, nth: 1, do: 'reset' });
  const reporter = await created(stage);
  const [first] = github.deployments;
  const late = github.addDeployment({
    ref: sha,
    environment: 'production',
    payload: payloadMarks(markerOf(stage.orderOf())),
  });
  await say(reporter, stage, 'success');
  assert.equal(statesOf(stage, late.id), ['inactive']);
  assert.equal(statesOf(stage, first?.id ?? 0), ['success']);
});

creating.test('lets the lower id win when two open at once', async (stage) => {
  const two = [0, 1].map(() => stage.reporter(githubDeployment));
  for (const reporter of two) await reporter.forge?.look(stage.signal);
  const opened = await Promise.all(
    two.map((reporter) => reporter.forge?.open(undefined, stage.signal)),
  );
  const lowest = Math.min(...stage.github.deployments.map(({ id }) => id));
  assert.is(stage.github.deployments.length, 2);
  assert.equal(openOnes(stage), [lowest]);
  assert.ok(opened.some((deployment) => deployment?.id === String(lowest)));
});

creating.test('closes the second of two that an earlier process left', async (stage) => {
  const payload = payloadMarks(markerOf(stage.orderOf()));
  const ids = [0, 1].map(
    () => stage.github.addDeployment({ ref: sha, environment: 'production', payload }).id,
  );
  const { forge } = stage.reporter(githubDeployment);
  const look = await forge?.look(stage.signal);
  const opened = await forge?.open(look?.others[0], stage.signal);
  assert.is(opened?.id, String(ids[0]));
  assert.equal(openOnes(stage), [ids[0]]);
});

const refusals: readonly [string, Fault, Record<string, string>, number, RegExp][] = [
  [
    'a merge conflict',
    canned.mergeConflict,
    {},
    409,
    /cannot be merged into the ref: .*auto_merge/,
  ],
  [
    'checks that are not green',
    canned.contextsConflict,
    {},
    409,
    /required_contexts are not green/,
  ],
  ['a missing permission', canned.noPermission, {}, 403, /may not write deployments/],
  ['an invalid field', canned.invalid([{ message: 'x' }]), {}, 422, /Validation Failed/],
];
for (const [title, fault, settings, status, message] of refusals) {
  creating.test(`tells of ${title}`, async (stage) => {
    stage.github.fail({ method: 'POST', path: creates, do: fault });
    const error = await rejected(created(stage, settings));
    assert.instance(error, RemoteError);
    assert.is((error as RemoteError).status, status);
    assert.match(error.message, message);
    assert.is(stage.exchanges().filter((e) => e === 'POST /repos/acme/shop/deployments').length, 1);
  });
}

creating.test('names the check that is not green', async (stage) => {
  stage.github.addCommitStatus(sha, { state: 'pending', context: 'ci/build' });
  const error = await rejected(created(stage, { required_contexts: 'all' }));
  assert.match(error.message, 'required_contexts are not green (ci/build is pending)');
});

creating.test('names commit and ref where GitHub finds none', async (stage) => {
  const error = await rejected(created(stage, {}, { commit: 'e'.repeat(40) }));
  assert.match(
    error.message,
    `commit ${'e'.repeat(40)} is not in acme/shop: commit or ref is wrong`,
  );
});

creating.test('tells of a merge that GitHub made instead', async (stage) => {
  const order = { ref: 'topic', commit: olderSha };
  const error = await rejected(created(stage, { auto_merge: 'true' }, order));
  assert.is(
    error.message,
    'GitHub merged main into topic and created no deployment: the push of that merge starts its own build',
  );
  assert.is((error as RemoteError).status, 202);
});

creating.test('does not deploy another commit than the run has', async (stage) => {
  const order = { ref: 'main', commit: olderSha };
  const error = await rejected(created(stage, { auto_merge: 'true' }, order));
  assert.match(error.message, `ref has moved on to ${sha}`);
  assert.equal(openOnes(stage), []);
});

creating.test('creates none where it must not', async (stage) => {
  const error = await rejected(created(stage, {}, { system: 'drone' }));
  assert.match(
    error.message,
    'create_deployment is false here, and there is no deployment to report on',
  );
  assert.is(stage.github.deployments.length, 0);
});
creating.run();

const losing = suiteOf('github-deployment: statuses that get lost');

for (const [title, fault] of losses) {
  losing.test(`says each once in spite of ${title}`, async (stage) => {
    const { reporter, id } = await adopted(stage);
    stage.github.fail({ method: 'POST', path: posts, nth: [1, 3], do: fault });
    await say(reporter, stage, 'in_progress');
    await say(reporter, stage, 'success');
    assert.equal(statesOf(stage, id), ['success', 'in_progress']);
  });
}

losing.test('repeats its last word until the caller stops it', async (stage) => {
  const { reporter, id } = await adopted(stage);
  stage.github.fail({
    method: 'POST',
    path: posts,
    nth: [1, 2, 3, 4, 5, 6, 7],
    do: canned.serverError,
  });
  await say(reporter, stage, 'success');
  assert.equal(statesOf(stage, id), ['success']);
});

losing.test('gives an earlier word up after three attempts', async (stage) => {
  const { reporter } = await adopted(stage);
  stage.github.fail({ method: 'POST', path: posts, do: canned.serverError });
  await rejected(say(reporter, stage, 'in_progress'));
  assert.is(stage.exchanges().filter((e) => /^POST .*statuses$/.test(e)).length, 3);
});

losing.test('stops before the end that the caller named', async (stage) => {
  const { reporter } = await adopted(stage);
  stage.github.fail({ method: 'POST', path: posts, do: canned.serverError });
  const until = stage.clock.now() + 6000;
  const status = { state: 'success', description: 'Deployed' } as const;
  await rejected(reporter.post(status, stage.signal, until));
  assert.ok(stage.clock.now() <= until);
});

losing.test('overrules an earlier word that comes in after the last', async (stage) => {
  const { reporter, id } = await adopted(stage);
  const { github } = stage;
  github.fail({ method: 'POST', path: posts, nth: [1, 2, 3], do: 'reset' });
  await rejected(say(reporter, stage, 'in_progress'));
  const log_url = markedLink(stage.orderOf().logUrls, markerOf(stage.orderOf())) ?? '';
  github.fail({
    method: 'GET',
    path: posts,
    nth: 1,
    meanwhile: () => void github.addStatus(id, { state: 'in_progress', log_url }),
  });
  await say(reporter, stage, 'success');
  assert.equal(statesOf(stage, id), ['success', 'in_progress', 'success']);
});

losing.test('takes no status of a CI server for its own', async (stage) => {
  const { reporter, id } = await adopted(stage);
  const { github } = stage;
  github.fail({
    ...{ method: 'POST', path: posts, nth: 1, do: 'reset' as const },
    meanwhile: () => void github.addStatus(id, { state: 'success', description: 'success' }),
  });
  await say(reporter, stage, 'success');
  assert.equal(statesOf(stage, id), ['success', 'success']);
});

losing.test('costs nothing to read again what has not changed', async (stage) => {
  const { reporter, id } = await adopted(stage);
  await reporter.forge?.reread(stage.signal);
  await reporter.forge?.reread(stage.signal);
  assert.equal(
    stage.github.requests.slice(-2).map(({ status }) => status),
    [200, 304],
  );
  stage.github.addStatus(id, { state: 'inactive' });
  const now = await reporter.forge?.reread(stage.signal);
  assert.is(now?.statuses[0]?.state, 'inactive');
});
losing.run();

const closing = suiteOf('github-deployment: what others left');

closing.test('keeps the link of the run that it closes', async (stage) => {
  const { github } = stage;
  const { id } = github.addDeployment({ ref: sha, environment: 'production' });
  const dead = markerOf({ ...stage.orderOf(), runKey: 'd'.repeat(20) });
  const log_url = markedLink(['https://ci.example/3#end'], dead) ?? '';
  github.addStatus(id, { state: 'in_progress', log_url });
  const { forge } = stage.reporter(githubDeployment);
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  if (orphan) await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  const [last] = github.statusesOf(id);
  assert.is(last?.state, 'error');
  assert.is(last?.logUrl, markedLink(['https://ci.example/3#end'], { ...dead, closure: true }));
});

closing.test('closes nothing that a later run has taken over', async (stage) => {
  const { github } = stage;
  const { id } = github.addDeployment({ ref: sha, environment: 'production' });
  const linkOf = (key: string) =>
    markedLink(['https://ci.example/3'], markerOf({ ...stage.orderOf(), runKey: key })) ?? '';
  github.addStatus(id, { state: 'in_progress', log_url: linkOf('d'.repeat(20)) });
  const { forge } = stage.reporter(githubDeployment);
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  github.addStatus(id, { state: 'in_progress', log_url: linkOf('e'.repeat(20)) });
  if (orphan) await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(statesOf(stage, id), ['in_progress', 'in_progress']);
});

for (const graphql of [true, false]) {
  closing.test(
    `surveys more than one page ${graphql ? 'by GraphQL' : 'by REST'}`,
    async (stage) => {
      const open = markerOf(stage.orderOf());
      stage.github.addDeployment({ ref: sha, environment: 'qa', payload: payloadMarks(open) });
      for (let n = 0; n < 130; n += 1)
        stage.github.addDeployment({ ref: sha, environment: 'production' });
      const { forge } = stage.reporter(githubDeployment, {}, {}, 'reap');
      const scope = { environment: undefined, component: undefined };
      const found = await forge?.survey(scope, stage.signal);
      assert.equal(
        found?.map(({ environment, owner }) => [environment, owner?.key]),
        [['qa', runKey]],
      );
    },
    { graphql },
  );
}
closing.run();

const choosing = suiteOf('github-deployment: when it is wanted');

choosing.test('is wanted where a deployment is known or may be created', async (stage) => {
  const { auto, settings } = githubDeployment;
  const wish = (more: Record<string, string>, order: Partial<Order> = {}) =>
    auto(loadedOf(settings, { github_token: 'x', ...more }), stage.orderOf(order), 'deploy');
  assert.ok(wish({}).wanted);
  assert.ok(wish({}, { system: 'woodpecker', deploymentId: '5' }).wanted);
  assert.ok(wish({ create_deployment: 'true' }, { system: 'drone' }).wanted);
  assert.is(
    wish({}, { system: 'drone' }).why,
    'there is no deployment, and create_deployment is false',
  );
  assert.is(wish({ github_token: '' }).why, 'no github_token');
  assert.is(wish({}, { forge: 'gitlab' }).why, 'the repository is on gitlab');
  assert.is(wish({}, { repo: 'a/b/c' }).why, 'a/b/c is not owner/name');
});

const scopes: readonly [string | undefined, boolean | 'not provable', RegExp][] = [
  [undefined, 'not provable', /shows only when it writes/],
  ['read:org, repo_deployment', true, /`repo_deployment` may write/],
  ['gist', false, /needs the scope `repo` or `repo_deployment`, and has gist/],
];
for (const [scope, ok, text] of scopes) {
  choosing.test(`checks a token ${scope ? `with ${scope}` : 'without scopes'}`, async (stage) => {
    if (scope) {
      const headers = { 'x-oauth-scopes': scope };
      const body = { private: true, archived: false };
      stage.github.fail({ path: /^\/repos\/acme\/shop$/, do: { status: 200, headers, body } });
    }
    const last = (await stage.reporter(githubDeployment).check(stage.signal)).at(-1);
    assert.is(last?.ok, ok);
    assert.match(last?.text ?? '', text);
  });
}

choosing.test(
  'speaks to GitHub Enterprise Server alike',
  async (stage) => {
    const { reporter, id } = await adopted(stage);
    await say(reporter, stage, 'success');
    assert.match(stage.github.url, /\/api\/v3$/);
    assert.equal(statesOf(stage, id), ['success']);
  },
  { flavour: 'ghes' },
);
choosing.run();
