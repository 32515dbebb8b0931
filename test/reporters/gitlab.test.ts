import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wordOf } from '../../src/forges/gitlab/states.ts';
import { markerOf, readLink } from '../../src/identity.ts';
import { gitlab } from '../../src/reporters/gitlab.ts';
import { relate } from '../../src/run/decide.ts';
import { rejected } from '../forges/github/stage.ts';
import {
  type Deployment,
  fakeGitlabStatuses,
  type GitlabForge,
  type GitlabOptions,
} from '../support/gitlab/gitlab-statuses.ts';
import {
  type Cast,
  type CommitStage,
  commitScenario,
  olderSha,
  onCommitStage,
  repo,
  sha,
  token,
} from './commit-stage.ts';
import { testReporter } from './contract.ts';

const running: Deployment = {
  ...{ id: 100, environment: 'production', sha, ref: 'main', tag: false },
  ...{ status: 'running', at: 0, deployable: null },
};

type GitlabStage = Omit<CommitStage, 'forge'> & { readonly forge: GitlabForge };

type Options = Partial<GitlabOptions> & { readonly aheadMs?: number };
const castOf = ({ aheadMs = 0, ...more }: Options = {}): Cast => ({
  entry: gitlab,
  system: { forge: 'gitlab' },
  bare: { gitlab_token: '' },
  word: wordOf,
  start: (setup, now) =>
    fakeGitlabStatuses({ repo, token, setup, now: () => now() + aheadMs, ...more }),
  settings: ({ url }) => ({ gitlab_token: token, gitlab_url: url }),
});

testReporter('gitlab', commitScenario(castOf()));

const peculiar = suite('gitlab');
const test = (title: string, play: (stage: GitlabStage) => Promise<void>, options: Options = {}) =>
  peculiar(title, () => onCommitStage(castOf(options), (stage) => play(stage as GitlabStage)));

async function openedOf(stage: GitlabStage, ...args: Parameters<GitlabStage['reporter']>) {
  const reporter = stage.reporter(...args);
  await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(undefined, stage.signal);
  const { signal } = stage;
  return {
    reporter,
    say: (state: Parameters<typeof wordOf>[0], more = {}) =>
      reporter.post({ state, description: `It is ${state}`, ...more }, signal),
  };
}
const everywhere = { environment: undefined, component: undefined };
const statusesOf = (forge: GitlabForge) => forge.deployments.map(({ status }) => status);

test('makes a deployment when it begins, and ends it with the run', async (stage) => {
  const { say } = await openedOf(stage);
  await say('queued');
  assert.equal(statusesOf(stage.forge), []);
  await say('in_progress');
  assert.equal(statusesOf(stage.forge), ['running']);
  await say('success');
  assert.equal(statusesOf(stage.forge), ['success']);
  const [made] = stage.forge.deployments;
  assert.equal(
    [made?.environment, made?.sha, made?.ref, made?.tag],
    ['production', sha, 'main', false],
  );
  assert.equal(
    stage.forge.taken.map(({ state }) => state),
    ['pending', 'running', 'success'],
  );
});

test('does not mind being told twice what GitLab knows', async (stage) => {
  const { say } = await openedOf(stage);
  await say('in_progress');
  await say('in_progress', { description: 'Still at it' });
  assert.is(stage.forge.taken.length, 1);
});

test('says of a tag that it is one', async (stage) => {
  const { say } = await openedOf(stage, { ref: 'v1' });
  await say('in_progress');
  assert.is(stage.forge.deployments[0]?.tag, true);
});

for (const [ref, name, tag] of [
  ['refs/heads/main', 'main', false],
  ['refs/tags/v1', 'v1', true],
] as const) {
  test(`names ${ref} as GitLab does`, async (stage) => {
    const { say } = await openedOf(stage, { ref });
    await say('in_progress');
    const [made] = stage.forge.deployments;
    assert.equal([made?.ref, made?.tag], [name, tag]);
    assert.is(stage.forge.taken[0]?.body.ref, name);
  });
}

for (const state of ['cancelled', 'superseded', 'error', 'timed_out'] as const) {
  test(`makes no deployment of what was ${state} before it began`, async (stage) => {
    const { say } = await openedOf(stage);
    await say('queued');
    await say(state);
    assert.equal(statusesOf(stage.forge), []);
    assert.is(stage.forge.taken.at(-1)?.state, wordOf(state));
  });
}

test(
  'posts into the pipeline of the commit',
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('in_progress');
    assert.is(stage.forge.taken[0]?.body.pipeline_id, 77);
  },
  { pipelines: [{ id: 77, sha, ref: 'refs/merge-requests/3/head' }] },
);

test(
  'makes one deployment when the answer to its creation is lost',
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('in_progress');
    await say('success');
    assert.equal(statusesOf(stage.forge), ['success']);
  },
  { spoilCreation: ['lost after'] },
);

test('goes on with the deployment of its killed process', async (stage) => {
  const first = await openedOf(stage);
  await first.say('in_progress');
  const again = await openedOf(stage, { expiry: stage.orderOf().expiry + 60_000 });
  await again.say('in_progress');
  await again.say('failure');
  assert.equal(statusesOf(stage.forge), ['failed']);
  assert.is(stage.forge.taken.at(-1)?.state, 'failed');
});

test("leaves another run's deployment of the same commit alone", async (stage) => {
  const theirs = await openedOf(stage, { runKey: 'd'.repeat(20), component: 'api' });
  await theirs.say('in_progress');
  const ours = await openedOf(stage);
  await ours.say('in_progress');
  await ours.say('failure');
  assert.equal(statusesOf(stage.forge), ['running', 'failed']);
});

test('ends the deployment of a dead run with its status', async (stage) => {
  const dead = await openedOf(stage, { runKey: 'd'.repeat(20) });
  await dead.say('in_progress');
  const { forge } = stage.reporter({}, {}, 'reap');
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Outcome not known' }, stage.signal);
  assert.equal(statusesOf(stage.forge), ['failed']);
  const link = stage.forge.taken.at(-1)?.link;
  assert.ok(readLink(link)?.closure);
  assert.is(readLink(link)?.key, 'd'.repeat(20));
});

test("begins anew where a dead run's status stands open on the same commit", async (stage) => {
  const dead = await openedOf(stage, { runKey: 'd'.repeat(20) });
  await dead.say('in_progress');
  const ours = await openedOf(stage);
  await ours.say('in_progress');
  await ours.say('success');
  assert.equal(
    stage.forge.taken.map(({ state }) => state),
    ['running', 'canceled', 'running', 'success'],
  );
  assert.is(readLink(stage.forge.taken[1]?.link)?.key, 'd'.repeat(20));
  assert.equal(statusesOf(stage.forge), ['canceled', 'success']);
});

test(
  'goes through running where an older GitLab lets nothing else end',
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('queued');
    await say('success');
    assert.equal(
      stage.forge.taken.map(({ state }) => state),
      ['pending', 'running', 'success'],
    );
  },
  { isOld: true },
);

test(
  'closes what a dead run left on another commit, in the pipeline of that commit',
  async (stage) => {
    const dead = await openedOf(stage, { commit: olderSha, runKey: 'd'.repeat(20) });
    await dead.say('in_progress');
    const { reporter, say } = await openedOf(stage);
    await say('in_progress');
    const others = (await reporter.forge?.look(stage.signal))?.others ?? [];
    const orphan = others.find(({ id }) => id === olderSha);
    assert.ok(orphan);
    const status = { state: 'error', description: 'Outcome not known' } as const;
    await reporter.forge?.close(orphan, status, stage.signal);
    assert.equal(
      stage.forge.taken.map(({ state, group }) => `${state} ${group}`),
      ['running 5', 'running 6', 'failed 5'],
    );
  },
  {
    pipelines: [
      { id: 5, sha: olderSha, ref: 'main' },
      { id: 6, sha, ref: 'main' },
    ],
  },
);

test('ends a status in the pipeline where it stands, whatever pipelines have come since', async (stage) => {
  const first = await openedOf(stage);
  await first.say('in_progress');
  stage.forge.pipelines.push({ id: 1000, sha, ref: 'main' });
  await first.say('pending');
  const later = await openedOf(stage, { expiry: stage.orderOf().expiry + 60_000 });
  await later.say('success');
  const [made] = stage.forge.pipelines;
  assert.ok(stage.forge.taken.every(({ group }) => group === made?.id));
  assert.is(stage.forge.pipelines.length, 2);
});

for (const isOld of [true, undefined]) {
  test(
    `finds its status among many others ${isOld ? 'in an older GitLab' : 'of the commit'}`,
    async (stage) => {
      for (let each = 0; each < 130; each += 1) {
        const component = `leg-${each}`;
        const { say } = await openedOf(stage, {
          component,
          runKey: each.toString(16).padStart(20, '0'),
        });
        await say('queued');
      }
      const { say } = await openedOf(stage);
      await say('in_progress');
      const { forge } = stage.reporter();
      const others = (await forge?.look(stage.signal))?.others;
      assert.is(others?.[0]?.owner?.key, stage.orderOf().runKey);
    },
    isOld ? { isOld } : {},
  );
}

test(
  "does not take another run's deployment that no status names yet for its own",
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('queued');
    await say('in_progress');
    await say('failure');
    assert.equal(statusesOf(stage.forge), ['running', 'failed']);
  },
  { deployments: [{ ...running, at: Date.now() * 2 }] },
);

test('leaves a success that its run had told the deployment, and says so', async (stage) => {
  const dead = await openedOf(stage, { runKey: 'd'.repeat(20) });
  await dead.say('queued');
  await dead.say('in_progress');
  const [made] = stage.forge.deployments;
  assert.ok(made);
  made.status = 'success';
  const { forge } = stage.reporter({}, {}, 'reap');
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Outcome not known' }, stage.signal);
  assert.equal(statusesOf(stage.forge), ['success']);
  assert.is(stage.forge.taken.at(-1)?.state, 'success');
});

test(
  'says on the commit what the deployment may not be told',
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('queued');
    await rejected(say('success'));
    assert.is(stage.forge.taken.at(-1)?.state, 'success');
  },
  { spoilCreation: ['refused'] },
);

for (const [end, word] of [
  ['success', 'success'],
  ['failure', 'failed'],
  ['cancelled', 'canceled'],
] as const) {
  test(
    `tells a deployment how its run has ended, which could not be told then: ${end}`,
    async (stage) => {
      const { say } = await openedOf(stage);
      await say('queued');
      await say('in_progress');
      await rejected(say(end));
      assert.equal(statusesOf(stage.forge), ['running']);
      assert.is(stage.forge.taken.at(-1)?.state, word);
      const { forge } = stage.reporter({}, {}, 'reap');
      const [orphan, ...more] = (await forge?.survey(everywhere, stage.signal)) ?? [];
      assert.equal(more, []);
      assert.is(orphan?.name, 'deployment 100');
      assert.ok((orphan?.owner?.expiry ?? Number.POSITIVE_INFINITY) <= Date.now());
      assert.ok(orphan);
      const status = { state: 'error', description: 'Outcome not known' } as const;
      await forge?.close(orphan, status, stage.signal);
      assert.equal(statusesOf(stage.forge), [word]);
      assert.is(stage.forge.taken.at(-1)?.state, word);
      assert.equal(await forge?.survey(everywhere, stage.signal), []);
    },
    { spoilChange: ['refused'] },
  );
}

test(
  'shows the next run of the environment what could not be told, and not as a run that may be alive',
  async (stage) => {
    const { say } = await openedOf(stage, { runKey: 'd'.repeat(20), seq: 1 });
    await say('in_progress');
    await rejected(say('success'));
    stage.advance(1000);
    const { forge } = stage.reporter();
    const others = (await forge?.look(stage.signal))?.others ?? [];
    const me = markerOf(stage.orderOf());
    const relations = others.map((other) => relate(other, me, Date.now() + 1000));
    assert.equal(relations, ['past', 'orphan']);
    const [, orphan] = others;
    assert.ok(orphan);
    await forge?.close(orphan, { state: 'error', description: 'Not known' }, stage.signal);
    assert.equal(statusesOf(stage.forge), ['success']);
  },
  { spoilChange: ['refused'] },
);

test(
  'takes up the deployment that an earlier process of its run could not end',
  async (stage) => {
    const first = await openedOf(stage);
    await first.say('in_progress');
    await rejected(first.say('failure'));
    const again = await openedOf(stage, { expiry: stage.orderOf().expiry + 60_000 });
    await again.say('in_progress');
    await again.say('success');
    assert.equal(statusesOf(stage.forge), ['success']);
  },
  { spoilChange: ['refused'] },
);

test('finds what a dead run left on a commit that is not on the branch', async (stage) => {
  const dead = await openedOf(stage, { runKey: 'd'.repeat(20) });
  await dead.say('in_progress');
  const { forge } = stage.reporter({ ref: 'feature/one#1' }, {}, 'reap');
  for (const scope of [everywhere, { ...everywhere, environment: 'production' }]) {
    const found = (await forge?.survey(scope, stage.signal)) ?? [];
    assert.equal(
      found.map(({ id, owner }) => [id, owner?.key]),
      [[sha, 'd'.repeat(20)]],
    );
  }
  const other = { ...everywhere, environment: 'staging' };
  assert.equal(await forge?.survey(other, stage.signal), []);
  const [orphan] = (await forge?.survey(everywhere, stage.signal)) ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Not known' }, stage.signal);
  assert.equal(statusesOf(stage.forge), ['failed']);
});

test(
  'leaves a deployment alone that no status names',
  async (stage) => {
    const { forge } = stage.reporter({}, {}, 'reap');
    assert.equal(await forge?.survey(everywhere, stage.signal), []);
  },
  { deployments: [running] },
);

test(
  'makes one deployment when the first that GitLab hears is the end, and its answer is lost',
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('success');
    assert.equal(statusesOf(stage.forge), ['success']);
  },
  { spoilCreation: ['lost after'] },
);

test('goes on where somebody has deleted the deployment', async (stage) => {
  const { say } = await openedOf(stage);
  await say('in_progress');
  stage.forge.deployments.splice(0);
  await say('success');
  assert.is(stage.forge.taken.at(-1)?.state, 'success');
});

test('names the deployment where the page of the run leaves no room for it', async (stage) => {
  const page = `https://ci.example/${'x'.repeat(170)}`;
  const { say } = await openedOf(stage, { logUrls: [page] });
  await say('queued');
  await say('in_progress');
  const { link } = stage.forge.taken.at(-1) ?? {};
  assert.match(link ?? '', /\/-\/commit\/.*slipway_deployment=100$/);
});

test(
  "knows its own status though GitLab's clock is an hour ahead",
  async (stage) => {
    const { say } = await openedOf(stage);
    await say('queued');
    for (let each = 0; each < 5; each += 1) {
      stage.advance(700);
      await say('in_progress', { description: `Step ${each}` });
    }
    await say('success');
    assert.equal(
      stage.forge.taken.map(({ state }) => state),
      ['pending', 'running', 'success'],
    );
  },
  { aheadMs: 3_600_000 },
);

const ofJob: Deployment = { ...running, id: 9, deployable: { id: 5 } };
test(
  "leaves the deployment to GitLab's own job with an environment",
  async (stage) => {
    const { say } = await openedOf(stage, { system: 'gitlab' });
    await say('in_progress');
    await say('success');
    assert.equal(statusesOf(stage.forge), ['running']);
    assert.is(stage.forge.taken.at(-1)?.state, 'success');
  },
  { deployments: [ofJob] },
);

test('tells the environment its address and its tier, once', async (stage) => {
  const { say } = await openedOf(stage, {}, { production_environment: 'true' });
  const environmentUrl = 'https://shop.example';
  await say('in_progress', { environmentUrl });
  await say('success', { environmentUrl });
  assert.equal(stage.forge.environments, [
    'production {"external_url":"https://shop.example","tier":"production"}',
  ]);
});

test(
  'says what a refused deployment takes',
  async (stage) => {
    const { say } = await openedOf(stage);
    const error = await rejected(say('in_progress'));
    assert.match(error.message, /gitlab_token.* needs the scope `api` and the role Developer/i);
  },
  { spoilCreation: ['refused'] },
);

test('waits while GitLab is at work on the commit', async (stage) => {
  const { say } = await openedOf(stage);
  stage.forge.spoil({ status: 409, body: { message: 'Cannot update status now' } });
  await say('in_progress');
  assert.is(stage.forge.taken.length, 1);
});

test('reports to the project that the author names', async (stage) => {
  const { say } = await openedOf(stage, { repo: 'elsewhere/app' }, { gitlab_project: repo });
  await say('in_progress');
  assert.is(stage.forge.taken.length, 1);
});

test('says what the token of a job would do for', async (stage) => {
  const { wanted, why } = wishOf(stage, { gitlab_token: '' }, { system: 'gitlab' });
  assert.not(wanted);
  assert.is(
    why,
    'no gitlab_token: a CI_JOB_TOKEN would do for deployments alone, told when they have ended',
  );
});

const wishOf = (stage: GitlabStage, settings: Record<string, string>, order = {}) =>
  gitlab.auto(stage.loaded(settings), stage.orderOf(order), 'deploy');

test('is wanted where the author names a project, whatever the build knows of its repository', async (stage) => {
  const nowhere = { forge: undefined, repo: undefined };
  assert.is(wishOf(stage, { gitlab_url: '' }, nowhere).wanted, false);
  assert.is(wishOf(stage, { gitlab_url: '', gitlab_project: '42' }, nowhere).wanted, true);
  assert.is(wishOf(stage, {}, { forge: 'github' }).why, 'the repository is on github');
  assert.is(wishOf(stage, { gitlab_project: repo }, { forge: 'github' }).wanted, true);
});

test(
  'reports to a project of which only the number is known',
  async (stage) => {
    const order = { forge: undefined, repo: undefined, logUrls: [] };
    const { say, reporter } = await openedOf(stage, order as object, { gitlab_project: '42' });
    await say('in_progress');
    await say('success');
    assert.equal(statusesOf(stage.forge), ['success']);
    assert.match(stage.forge.taken.at(-1)?.link ?? '', `${stage.forge.url}/projects/42?slipway=`);
    const [seen] = await reporter.check(stage.signal);
    assert.is(seen?.text, `project 42 is visible on ${stage.forge.host}`);
  },
  { number: 42 },
);

test(
  'reports to a GitLab below a path',
  async (stage) => {
    for (const end of ['', '/', '/api/v4/', '?x=1']) {
      const url = `${stage.forge.url}/git/lab${end}`;
      const { say } = await openedOf(stage, { logUrls: [] }, { gitlab_url: url });
      await say('success');
      const { link = '' } = stage.forge.taken.at(-1) ?? {};
      assert.match(link, `${stage.forge.url}/git/lab/${repo}/-/commit/${sha}?slipway=`);
    }
  },
  { base: '/git/lab' },
);

for (const environment of ['grün', 'live#1', '/live', 'live/', 'e'.repeat(256)]) {
  test(`refuses an environment that GitLab refuses: ${environment.slice(0, 8)}`, async (stage) => {
    assert.throws(() => stage.reporter({ environment }), /environment must be of letters/);
  });
}
test('takes an environment with slashes, spaces and braces', async (stage) => {
  stage.reporter({ environment: 'review/my app-1_{x}.$y' });
});

test('shows people the project that the author names', async (stage) => {
  const { reporter } = await openedOf(stage, { repo: 'elsewhere/app' }, { gitlab_project: repo });
  const deployment = await reporter.forge?.open(undefined, stage.signal);
  assert.match(deployment?.url ?? '', `${stage.forge.url}/${repo}/-/commit/`);
});

const found = async (stage: GitlabStage) =>
  (await stage.reporter().check(stage.signal)).map(({ ok, text }) => `${ok}: ${text}`).join('\n');

test(
  'checks the scopes of the token',
  async (stage) => {
    assert.match(await found(stage), /^false: .*needs the scope `api`, and has read_api/m);
  },
  { scopes: ['read_api'] },
);
test(
  'checks the role',
  async (stage) => {
    assert.match(await found(stage), /^false: .*less than the role Developer/m);
  },
  { project: { permissions: { project_access: { access_level: 20 } } }, scopes: ['api'] },
);
test(
  'finds nothing wrong with what is right',
  async (stage) => {
    assert.not.match(await found(stage), /^false/m);
  },
  { scopes: ['api'] },
);

peculiar.run();
