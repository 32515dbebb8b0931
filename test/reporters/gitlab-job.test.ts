/** GitLab, told with the token of a job of its own CI. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { gitlabArchives } from '../../src/forges/gitlab/archives.ts';
import { gitlab } from '../../src/reporters/gitlab.ts';
import type { Verb } from '../../src/reporters/reporter.ts';
import type { State } from '../../src/status.ts';
import { rejected } from '../forges/github/stage.ts';
import {
  fakeGitlabStatuses,
  type GitlabForge,
  type GitlabOptions,
} from '../support/gitlab/gitlab-statuses.ts';
import { noHttp } from '../support/no-http.ts';
import { type CommitStage, onCommitStage, repo, sha } from './commit-stage.ts';

const token = 'glcbt-64_abcdefabcdefabcdef';

type JobStage = Omit<CommitStage, 'forge'> & { readonly forge: GitlabForge };

const job = suite("gitlab: a job's token");
const test = (
  title: string,
  play: (stage: JobStage) => Promise<void>,
  options: Partial<GitlabOptions> = {},
) =>
  job(title, () =>
    onCommitStage(
      {
        entry: gitlab,
        system: { forge: 'gitlab' },
        bare: { gitlab_token: '' },
        word: (state) => state,
        start: (setup, now) =>
          fakeGitlabStatuses({ repo, token, setup, now, isOfJob: true, ...options }),
        settings: ({ url }) => ({ gitlab_token: token, gitlab_url: url }),
      },
      (stage) => play(stage as JobStage),
    ),
  );

async function say(stage: JobStage, states: readonly State[], verb: Verb = 'deploy') {
  const reporter = stage.reporter({}, {}, verb);
  for (const state of states) {
    await reporter.post({ state, description: `It is ${state}` }, stage.signal);
  }
}
const statusesOf = ({ forge }: JobStage) => forge.deployments.map(({ status }) => status);

for (const [end, word] of [
  ['success', 'success'],
  ['failure', 'failed'],
  ['error', 'failed'],
  ['cancelled', 'canceled'],
] as const) {
  test(`makes a deployment when it has ended, and none before: ${end}`, async (stage) => {
    await say(stage, ['queued', 'in_progress']);
    assert.equal(statusesOf(stage), []);
    await say(stage, ['queued', 'in_progress', end]);
    assert.equal(statusesOf(stage), [word]);
    const [made] = stage.forge.deployments;
    assert.equal([made?.environment, made?.sha, made?.ref], ['production', sha, 'main']);
    assert.equal(stage.forge.taken, []);
  });
}

test('makes none of what never began', async (stage) => {
  await say(stage, ['queued', 'cancelled']);
  assert.equal(statusesOf(stage), []);
});

test(
  'makes one when the answer to its creation is lost',
  async (stage) => {
    await say(stage, ['queued', 'in_progress', 'success']);
    assert.equal(statusesOf(stage), ['success']);
  },
  { spoilCreation: ['lost after'] },
);

test(
  'looks for its last word before it says it again',
  async (stage) => {
    const reporter = stage.reporter();
    const status = { state: 'success', description: 'x' } as const;
    await rejected(reporter.post(status, stage.signal, stage.clock.now() + 100));
    await reporter.post(status, stage.signal);
    assert.equal(statusesOf(stage), ['success']);
  },
  { spoilCreation: ['lost after'] },
);

test(
  'leaves a job with an environment to GitLab',
  async (stage) => {
    await say(stage, ['queued', 'in_progress', 'success']);
    assert.equal(statusesOf(stage), ['running']);
    assert.match(stage.lines.map(({ text }) => text).join(), /GitLab keeps deployment 9 itself/);
  },
  {
    deployments: [
      {
        ...{ id: 9, environment: 'production', sha, ref: 'main', tag: false },
        ...{ status: 'running', at: 0, deployable: { id: 5 } },
      },
    ],
  },
);

test('tells the environment its address', async (stage) => {
  const reporter = stage.reporter();
  const environmentUrl = 'https://shop.example';
  for (const state of ['in_progress', 'success'] as const) {
    await reporter.post({ state, description: 'x', environmentUrl }, stage.signal);
  }
  assert.equal(stage.forge.environments, ['production {"external_url":"https://shop.example"}']);
});

test('says before the deploy that a token is refused', async (stage) => {
  const reporter = stage.reporter({}, { gitlab_token: 'glcbt-64_of_another_job' });
  const error = await rejected(reporter.post({ state: 'queued', description: 'x' }, stage.signal));
  assert.is((error as RemoteError).kind, 'credentials');
});

test(
  'says what a refused deployment takes',
  async (stage) => {
    const error = await rejected(say(stage, ['in_progress', 'success']));
    assert.match(error.message, /gitlab_token needs the scope `api` and the role Developer/i);
  },
  { spoilCreation: ['refused'] },
);

test('posts the end that the verb status is told, and refuses what is no end', async (stage) => {
  await say(stage, ['failure'], 'status');
  assert.equal(statusesOf(stage), ['failed']);
  const error = await rejected(say(stage, ['in_progress'], 'status'));
  assert.match(error.message, /cannot tell that one goes on: use a project access token/);
});

test('checks without changing anything, and says what it is for', async (stage) => {
  const [seen] = await stage.reporter().check(stage.signal);
  assert.equal(seen, {
    ok: true,
    text: `deployments of ${repo} are visible on ${stage.forge.host}`,
  });
  assert.is(stage.writes(), 0);
  const { wanted, why } = gitlab.auto(stage.loaded(), stage.orderOf(), 'deploy');
  assert.ok(wanted);
  assert.match(why, /of a job: deployments alone, told when they have ended/);
});

test('needs a commit and an environment, but for reap', async (stage) => {
  const { commit: _, environment: __, ...order } = stage.orderOf();
  const { clock, log } = stage;
  const open = (verb: Verb) =>
    gitlab.open(stage.loaded(), order, { verb, http: noHttp, clock, log });
  assert.throws(() => open('deploy'), /commit is required .*\n.*environment is required/);
  open('reap');
});

test('is no token for archives', async (stage) => {
  const { clock, log } = stage;
  const http = { ...noHttp, download: () => Promise.reject(new Error('asked')) };
  const open = () => gitlabArchives.open(stage.loaded(), stage.orderOf(), { http, clock, log });
  assert.throws(open, /gitlab_token is a CI_JOB_TOKEN, which may not read archives/i);
});

job.run();
