import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { topicText } from '../../src/cli/topics.ts';
import { ciSystems } from '../../src/context/index.ts';
import { serverOwner } from '../../src/verbs/owners.ts';
import { builds as azure } from '../context/recorded/azure.ts';
import { builds as bitbucket } from '../context/recorded/bitbucket.ts';
import { builds as buildkite } from '../context/recorded/buildkite.ts';
import { builds as circleci } from '../context/recorded/circleci.ts';
import { builds as actions, eventPath } from '../context/recorded/github-actions.ts';
import { builds as gitlab } from '../context/recorded/gitlab.ts';
import { builds as jenkins } from '../context/recorded/jenkins.ts';
import { builds as travis } from '../context/recorded/travis.ts';
import { called } from '../entries/jenkins.ts';
import { fakeGitlabStatuses } from '../support/gitlab/gitlab-statuses.ts';
import {
  deployed,
  type Ended,
  type Env,
  page,
  play,
  readExample,
  runScript,
  type Scene,
  scriptAt,
  token,
} from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: docker run');

type Plain = {
  readonly id: string;
  script(): string;
  readonly push: Env;
  readonly pullRequest: Env;
  /** Variables of this machine, or what the CI system fills in. */
  place?(scene: Scene): Env;
};

const steps = ['jobs', 'deploy', 'steps'];
const plain: Readonly<Record<string, Plain>> = {
  'travis.yml': {
    id: 'travis',
    script: () => scriptAt('travis.yml', ['jobs', 'include', 0, 'script', 0]),
    push: travis.push.env,
    pullRequest: travis.pullRequest.env,
  },
  'circleci.yml': {
    id: 'circleci',
    script: () => scriptAt('circleci.yml', [...steps, 1, 'run', 'command']),
    push: circleci.push.env,
    pullRequest: circleci.fork.env,
  },
  Jenkinsfile: {
    id: 'jenkins',
    script: () => called(readExample('Jenkinsfile')).script,
    push: jenkins.multibranch.env,
    pullRequest: jenkins.change.env,
  },
  'buildkite.yml': {
    id: 'buildkite',
    script: () => uploaded(scriptAt('buildkite.yml', ['steps', 0, 'command'])),
    push: buildkite.push.env,
    pullRequest: buildkite.pullRequest.env,
  },
  'azure.yml': {
    id: 'azure',
    script: () =>
      scriptAt('azure.yml', [
        ...['jobs', 0, 'strategy', 'runOnce', 'deploy', 'steps'],
        ...[1, 'script'],
      ]),
    push: azure.deploymentJob.env,
    pullRequest: azure.pullRequest.env,
  },
};

for (const [name, { id, script, push, pullRequest }] of Object.entries(plain)) {
  const run =
    (env: Env) =>
    ({ github, folder }: Scene): Promise<Ended> =>
      runScript(script(), folder, { ...env, PLUGIN_GITHUB_TOKEN: token, SHIM_API_URL: github.url });

  examples(`${name} deploys a push and creates its deployment`, async () => {
    const good = await play(false, run(push));
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.is(good.last?.environmentUrl, page);
    assert.match(good.last?.logUrl ?? '', /[?&]slipway=/, 'links to the build');
  });
  examples(`${name} fails where the deploy does`, async () => {
    const bad = await play(true, run(push));
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  });
  examples(`${name} deploys no pull request`, async () => {
    const quiet = await play(false, run(pullRequest));
    assert.equal([quiet.code, quiet.deployed, quiet.requests], [0, '', 0], quiet.log);
    assert.match(quiet.log, `of this ${id} build`);
  });
}

examples('GitHub Actions: deploys a push, with outputs and a summary', async () => {
  const script = scriptAt('github-actions.yml', [...steps, 1, 'run']);
  const files = mkdtempSync(path.join(tmpdir(), 'actions-'));
  const place = (file: string): string => path.join(files, file);
  for (const file of ['event.json', 'output', 'summary']) writeFileSync(place(file), '');
  writeFileSync(place('event.json'), actions.push.files?.[eventPath] ?? '');
  const run = ({ github, folder }: Scene): Promise<Ended> =>
    runScript(script, folder, {
      ...actions.push.env,
      PLUGIN_GITHUB_TOKEN: token,
      GITHUB_API_URL: github.url,
      GITHUB_EVENT_PATH: place('event.json'),
      GITHUB_OUTPUT: place('output'),
      GITHUB_STEP_SUMMARY: place('summary'),
    });
  try {
    const good = await play(false, run);
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.match(
      good.last?.logUrl ?? '',
      /^https:\/\/github\.com\/octo\/hello\/actions\/runs\/\d+/,
    );
    assert.match(readFileSync(place('output'), 'utf8'), /deployment_state/);
    assert.match(readFileSync(place('summary'), 'utf8'), 'production');
    const bad = await play(true, run);
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  } finally {
    rmSync(files, { recursive: true });
  }
});

examples(
  'bitbucket.yml deploys, and tells by log and exit code alone without a token',
  async () => {
    const at = ['pipelines', 'branches', 'main', 0, 'step', 'script', 0] as const;
    const run = ({ github, folder }: Scene): Promise<Ended> =>
      runScript(scriptAt('bitbucket.yml', at), folder, {
        ...bitbucket.deployment.env,
        BITBUCKET_CLONE_DIR: folder,
        SHIM_API_URL: github.url,
      });
    const good = await play(false, run);
    assert.equal([good.code, good.deployed, good.requests], [0, deployed, 0], good.log);
    assert.match(good.log, 'reports to this log only');
    const bad = await play(true, run);
    assert.equal([bad.code, bad.requests], [1, 0]);
  },
);

examples("gitlab.yml tells the commit, and leaves the deployment to GitLab's job", async () => {
  const env = gitlab.deployJob.env;
  const { CI_PROJECT_PATH: repo = '', CI_COMMIT_SHA: sha = '', CI_COMMIT_REF_NAME = '' } = env;
  const ofJob = { id: 9, environment: 'production', sha, ref: CI_COMMIT_REF_NAME, tag: false };
  const forge = await fakeGitlabStatuses({
    ...{ repo, token, now: Date.now, pipeline: 77 },
    setup: { commits: [{ sha }], branches: { main: sha, [CI_COMMIT_REF_NAME]: sha } },
    deployments: [{ ...ofJob, status: 'running', at: 0, deployable: { id: 5 } }],
  });
  const script = scriptAt('gitlab.yml', ['deploy', 'script', 0]);
  const run = ({ folder }: Scene): Promise<Ended> =>
    runScript(script, folder, { ...env, PLUGIN_GITLAB_TOKEN: token, SHIM_GITLAB_URL: forge.url });
  try {
    const good = await play(false, run);
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    const bad = await play(true, run);
    assert.is(bad.code, 1, bad.log);
    assert.equal(
      forge.taken.map(({ state }) => state),
      ['pending', 'running', 'success', 'pending', 'running', 'failed'],
    );
    assert.is(forge.deployments.length, 1);
    assert.equal(forge.complaints, []);
  } finally {
    await forge.close();
  }
});

examples('gitlab-image.yml reports to GitHub, where its code is', async () => {
  const { variables, script } = parse(readExample('gitlab-image.yml')).deploy;
  const run = ({ github, folder }: Scene): Promise<Ended> =>
    runScript(script.join('\n'), folder, {
      ...gitlab.push.env,
      ...variables,
      PLUGIN_GITHUB_TOKEN: token,
      SHIM_API_URL: github.url,
    });
  const good = await play(false, run);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  const bad = await play(true, run);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});

const shelf = {
  owners: [],
  targets: [],
  reporters: [],
  ciSystems,
  server: serverOwner,
  version: '0',
};
const passed = (text: string): string[] =>
  [...text.matchAll(/(?<=\s)-e (\w+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('PLUGIN_'))
    .sort();
const ids: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(plain).map(([name, { id }]) => [name, id])),
  'github-actions.yml': 'github-actions',
  'convox-github-actions.yml': 'github-actions',
  'convox-travis.yml': 'travis',
  'divio-github-actions.yml': 'github-actions',
  'divio-travis.yml': 'travis',
  'gitlab.yml': 'gitlab',
  'bitbucket.yml': 'bitbucket',
};
for (const [name, id] of Object.entries(ids)) {
  examples(`${name} passes on what \`help docker-flags ${id}\` names`, () => {
    const wanted = passed(topicText(shelf, ['docker-flags', id]) ?? '');
    assert.ok(wanted.length > 5);
    assert.equal(passed(readExample(name)), wanted);
  });
}

examples('are all played here', () => {
  const files = readdirSync(new URL('../../examples/ci/', import.meta.url)).sort();
  const others = [
    'convox-drone.yml',
    'diversion-drone.yml',
    'divio-drone.yml',
    'drone.yml',
    'gitea-drone.yml',
    'gitlab-image.yml',
    'harness.yml',
    ...['slack-docker.sh', 'slack-drone.yml', 'spinnaker-drone.yml'],
    'spinnaker.yml',
    'webhook-drone.yml',
    'woodpecker.yml',
  ];
  assert.equal(files, [...Object.keys(ids), ...others].sort());
});

/** `buildkite-agent pipeline upload` fills in variables, and makes one dollar of two. */
function uploaded(script: string): string {
  return script.replace(/\$(\$|\w+)/g, (_, name) => (name === '$' ? '$' : ''));
}

examples.run();
