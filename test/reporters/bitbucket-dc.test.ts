import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildWord } from '../../src/forges/bitbucket-dc/states.ts';
import { readLink } from '../../src/identity.ts';
import { bitbucketDc } from '../../src/reporters/bitbucket-dc.ts';
import type { State } from '../../src/status.ts';
import { rejected } from '../forges/github/stage.ts';
import {
  type DcForge,
  type DcOptions,
  fakeBitbucketDc,
} from '../support/bitbucket-dc/bitbucket-dc.ts';
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

type DcStage = Omit<CommitStage, 'forge'> & { readonly forge: DcForge };

type Options = Partial<DcOptions> & { readonly aheadMs?: number };
const castOf = ({ aheadMs = 0, ...more }: Options = {}): Cast => ({
  entry: bitbucketDc,
  system: { forge: 'bitbucket-dc' },
  bare: { bitbucket_dc_token: '' },
  word: buildWord,
  start: (setup, now) =>
    fakeBitbucketDc({ repo, token, setup, now: () => now() + aheadMs, ...more }),
  settings: ({ url }) => ({ bitbucket_dc_token: token, bitbucket_dc_url: url }),
});

testReporter('bitbucket-dc', commitScenario(castOf()));

const peculiar = suite('bitbucket-dc');
const test = (title: string, play: (stage: DcStage) => Promise<void>, options: Options = {}) =>
  peculiar(title, () => onCommitStage(castOf(options), (stage) => play(stage as DcStage)));

async function say(
  stage: DcStage,
  states: readonly State[],
  changes: Parameters<DcStage['reporter']>[0] = {},
  settings = {},
): Promise<void> {
  const reporter = stage.reporter(changes, settings);
  await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(undefined, stage.signal);
  for (const state of states) {
    const status = { state, description: `It is ${state}` };
    await reporter.post({ ...status, environmentUrl: 'https://shop.example' }, stage.signal);
  }
}
const words = ({ forge }: DcStage) => forge.taken.map(({ state }) => state);
const [own, older] = [sha.slice(0, 8), olderSha.slice(0, 8)];

test('tells build and deployment, each in its words', async (stage) => {
  await say(stage, ['queued']);
  assert.equal(stage.forge.deployments(), [`${own} production PENDING`]);
  await say(stage, ['in_progress'], {}, { production_environment: 'true' });
  assert.equal(stage.forge.deployments(), [`${own} production IN_PROGRESS`]);
  assert.equal(stage.forge.lastDeployment()?.environment, {
    ...{ key: 'production', displayName: 'production', type: 'PRODUCTION' },
    url: 'https://shop.example',
  });
  await say(stage, ['success']);
  assert.equal(stage.forge.deployments(), [`${own} production SUCCESSFUL`]);
  assert.equal(words(stage), ['INPROGRESS', 'INPROGRESS', 'SUCCESSFUL']);
});

test(
  'fails what an older server cannot cancel',
  async (stage) => {
    await say(stage, ['in_progress', 'cancelled']);
    assert.equal(stage.forge.deployments(), [`${own} production FAILED`]);
    assert.equal(words(stage), ['INPROGRESS', 'FAILED']);
  },
  { knowsNoCancel: true },
);

test(
  'tells builds alone, and the old way, where a server knows no other',
  async (stage) => {
    await say(stage, ['in_progress', 'cancelled']);
    assert.equal(stage.forge.deployments(), []);
    assert.equal(words(stage), ['INPROGRESS', 'FAILED']);
    const posts = stage.forge.requests.filter((each) => each.startsWith('POST'));
    assert.equal(posts.filter((each) => each.endsWith('/deployments')).length, 1);
    assert.equal(posts.filter((each) => each.endsWith('/builds')).length, 1);
  },
  { isOld: true },
);

test('says what a rollback took the place of', async (stage) => {
  const seq = stage.orderOf().seq - 1;
  await say(stage, ['in_progress', 'success'], { runKey: 'd'.repeat(20), seq });
  await say(stage, ['in_progress', 'success'], { commit: olderSha, task: 'rollback' });
  assert.equal(stage.forge.deployments(), [
    `${own} production ROLLED_BACK`,
    `${older} production SUCCESSFUL`,
  ]);
});

test('keeps apart two runs that began at the same moment', async (stage) => {
  await say(stage, ['in_progress', 'failure'], { runKey: 'd'.repeat(20) });
  await say(stage, ['in_progress', 'success']);
  const [first, second] = [`${own} production FAILED`, `${own} production SUCCESSFUL`];
  assert.equal(stage.forge.deployments(), [first, second]);
});

test("ends a dead run's deployment of the same commit", async (stage) => {
  const seq = stage.orderOf().seq - 1;
  await say(stage, ['in_progress'], { runKey: 'd'.repeat(20), seq });
  const ours = stage.reporter();
  const [orphan] = (await ours.forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await ours.forge?.open(undefined, stage.signal);
  await ours.forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} production FAILED`]);
  assert.equal(words(stage), ['INPROGRESS']);
});

test('leaves a success that another run had told its deployment', async (stage) => {
  const seq = stage.orderOf().seq - 1;
  const dead = { runKey: 'd'.repeat(20), seq };
  await say(stage, ['in_progress'], dead);
  const ours = stage.reporter();
  const [alive] = (await ours.forge?.look(stage.signal))?.others ?? [];
  assert.ok(alive);
  await ours.forge?.open(undefined, stage.signal);
  await say(stage, ['in_progress', 'success'], dead);
  await ours.forge?.close(alive, { state: 'error', description: 'Overtaken' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} production SUCCESSFUL`]);
});

test('says on the commit how the deployment of a dead run had ended', async (stage) => {
  const reporter = stage.reporter({ runKey: 'd'.repeat(20) });
  await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
  stage.forge.spoil({ status: 401, body: {} });
  await rejected(reporter.post({ state: 'success', description: 'Deployed' }, stage.signal));
  assert.equal(words(stage), ['INPROGRESS']);
  const { forge } = stage.reporter({}, {}, 'reap');
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} production SUCCESSFUL`]);
  assert.equal(words(stage), ['INPROGRESS', 'SUCCESSFUL']);
});

test('keeps the sequence of a run that somebody else ends', async (stage) => {
  await say(stage, ['in_progress'], { runKey: 'd'.repeat(20) });
  const { forge } = stage.reporter({}, {}, 'reap');
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} production FAILED`]);
  assert.ok(readLink(stage.forge.taken.at(-1)?.link)?.closure);
});

test('says that a commit is not there, or not to be seen', async (stage) => {
  const error = await rejected(say(stage, ['success'], { commit: 'e'.repeat(40) }));
  assert.match(error.message, `commit ${'e'.repeat(40)} is not in ${repo}`);
});

test('does not take the builds of all repositories for those of one that is not there', async (stage) => {
  const reporter = stage.reporter({ repo: 'acme/typo' });
  await reporter.forge?.open(undefined, stage.signal);
  const error = await rejected(reporter.post({ state: 'success', description: 'x' }, stage.signal));
  assert.match(error.message, /is not in acme\/typo, or .* cannot see it/);
  assert.equal(words(stage), []);
});

for (const nth of [7, 8]) {
  test(`does not take a server that has answered for an older one: request ${nth}`, async (stage) => {
    stage.forge.failAt(nth, '404');
    await rejected(say(stage, ['queued', 'success']));
  });
}

test('goes on with the deployment of its killed process, which began before', async (stage) => {
  const { seq, expiry } = stage.orderOf();
  await say(stage, ['queued', 'in_progress']);
  await say(stage, ['queued', 'in_progress', 'failure'], {
    seq: seq + 9000,
    expiry: expiry + 9000,
  });
  assert.equal(stage.forge.deployments(), [`${own} production FAILED`]);
});

test('ends the one deployment of a run that was killed twice', async (stage) => {
  const { seq, expiry } = stage.orderOf();
  await say(stage, ['queued', 'in_progress']);
  await say(stage, ['queued'], { seq: seq + 9000, expiry: expiry + 9000 });
  const { forge } = stage.reporter({}, {}, 'reap');
  const [orphan] = (await forge?.look(stage.signal))?.others ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} production FAILED`]);
});

test('begins another deployment after one that has ended', async (stage) => {
  const { seq, expiry } = stage.orderOf();
  await say(stage, ['in_progress', 'failure']);
  await say(stage, ['in_progress', 'success'], { seq: seq + 9000, expiry: expiry + 9000 });
  const [first, second] = [`${own} production FAILED`, `${own} production SUCCESSFUL`];
  assert.equal(stage.forge.deployments(), [first, second]);
});

test(
  'makes one deployment though the clock of the server is an hour ahead',
  async (stage) => {
    const reporter = stage.reporter();
    await reporter.forge?.open(undefined, stage.signal);
    for (const state of ['queued', 'in_progress', 'in_progress', 'success'] as const) {
      stage.advance(700);
      await reporter.post({ state, description: `It is ${state}` }, stage.signal);
    }
    assert.equal(stage.forge.deployments(), [`${own} production SUCCESSFUL`]);
  },
  { aheadMs: 3_600_000 },
);

test('ends what a dead run left in an environment whose name has slashes', async (stage) => {
  const dead = { environment: 'review/feature/1#2', component: 'web/api', runKey: 'd'.repeat(20) };
  await say(stage, ['queued', 'in_progress'], dead);
  const { forge } = stage.reporter({ environment: 'elsewhere' }, {}, 'reap');
  const all = { environment: undefined, component: undefined };
  const [orphan] = (await forge?.survey(all, stage.signal)) ?? [];
  assert.ok(orphan);
  await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  assert.equal(stage.forge.deployments(), [`${own} review/feature/1#2 FAILED`]);
});

test('counts the characters of a description as Java does', async (stage) => {
  const reporter = stage.reporter();
  await reporter.forge?.open(undefined, stage.signal);
  for (const before of ['', 'x']) {
    const description = before + '🚀'.repeat(200);
    await reporter.post({ state: 'in_progress', description }, stage.signal);
    const told = stage.forge.taken.at(-1)?.description ?? '';
    assert.match(told, /🚀…$/u);
    assert.ok(told.length > 252 && told.length <= 255);
    assert.ok(told.isWellFormed());
  }
});

test('keeps apart what starts alike and is too long for a key', async (stage) => {
  const environment = 'e'.repeat(250);
  for (const component of ['the-first', 'the-second']) {
    await say(stage, ['queued'], { environment, component, runKey: 'd'.repeat(20) });
  }
  const keys = stage.forge.taken.map(({ context }) => context);
  assert.is(new Set(keys).size, 2);
  assert.ok(keys.every((key) => key.length <= 255));
});

for (const end of ['/', '/rest', '/rest/api/1.0', '/rest/api/latest/', '/?at=main#files']) {
  test(`knows its address with ${end} at the end`, async (stage) => {
    await say(stage, ['success'], {}, { bitbucket_dc_url: `${stage.forge.url}${end}` });
    assert.equal(words(stage), ['SUCCESSFUL']);
  });
}

for (const [base, page] of [
  ['', '/projects/ACME/repos/shop/browse'],
  ['', '/scm/acme/shop.git'],
  ['', '/acme/shop'],
  ['/git/bucket', '/users/ann/repos/shop'],
]) {
  test(`knows its address from the repository's: ${base}${page}`, async (stage) => {
    const { host, url } = stage.forge;
    const order = { repoUrl: `${url}${base}${page}` };
    const reporter = stage.reporter(order, { bitbucket_dc_url: '' });
    const opened = await reporter.forge?.open(undefined, stage.signal);
    assert.match(opened?.url ?? '', `${url}${base}/projects/acme/repos/shop/commits/`);
    const [use] = bitbucketDc.credentials(
      stage.loaded({ bitbucket_dc_url: '' }),
      stage.orderOf(order),
    );
    assert.equal(use, { setting: 'bitbucket_dc_token', host });
  });
}

test('asks for its address', async (stage) => {
  assert.throws(() => stage.reporter({}, { bitbucket_dc_url: '' }), 'bitbucket_dc_url is required');
});

test('is wanted where the author says that the repository is there', async (stage) => {
  const wish = (order = {}) => bitbucketDc.auto(stage.loaded(), stage.orderOf(order), 'deploy');
  assert.ok(wish({ forge: undefined }).wanted);
  assert.is(wish({ forge: 'bitbucket' }).why, 'the repository is on bitbucket');
});

peculiar.run();
