/** A run that waits for its turn in dist/slipway.mjs is shown at the forge as what it is: forges give up on silence. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeGithub, fakeGithub } from '../support/github/fake-github.ts';
import { onStage, type Stage } from './stage.ts';

const queued = suite('runs that wait');
const repo = 'octo/hello';
const [first, second] = ['c'.repeat(40), 'd'.repeat(40)];

const text = (api: string): string => `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: told
    repository: ${repo}
    environment: production
    target: webhook
    settings: { webhook_interval: "1", github_api_url: "${api}" }
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      github_token: { env: GITHUB_TOKEN_OF_HELLO }
`;

type Play = (stage: Stage, github: FakeGithub) => Promise<void>;
async function onForge(play: Play): Promise<void> {
  const github = await fakeGithub();
  github.repo(repo, { commits: [{ sha: first }, { sha: second }], branches: { main: first } });
  const env = { GITHUB_TOKEN_OF_HELLO: github.token };
  try {
    await onStage(
      async (stage) => {
        await stage.start();
        await play(stage, github);
        assert.equal(github.violations, []);
      },
      { script: ['IN_PROGRESS'] },
      { text: text(github.url), env },
    );
  } finally {
    await github.close();
  }
}

async function post(stage: Stage, order: object): Promise<string> {
  const { status, body } = await stage.ask('POST', '/v1/runs', { deployment: 'told', ...order });
  assert.is(status, 202, JSON.stringify(body));
  return String(body.id);
}
async function statesOnceTold(stage: Stage, github: FakeGithub, id: () => number | undefined) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = id();
    const states = found === undefined ? [] : github.statusesOf(found).map(({ state }) => state);
    if (states.length > 0) return states;
    await pause(50);
  }
  throw new Error(`nobody was told: ${stage.log()}`);
}

queued('are told as queued, with the commit that was asked for', () =>
  onForge(async (stage, github) => {
    const runs = await post(stage, { commit: first });
    await stage.until(runs, 'IN_PROGRESS');
    await post(stage, { commit: second });
    const deploymentOf = (sha: string) =>
      github.deployments.find((deployment) => deployment.sha === sha)?.id;
    assert.equal(await statesOnceTold(stage, github, () => deploymentOf(second)), ['queued']);
  }),
);

queued('are told on the deployment that they adopt', () =>
  onForge(async (stage, github) => {
    const runs = await post(stage, { commit: first });
    await stage.until(runs, 'IN_PROGRESS');
    const { id } = github.addDeployment({ ref: second, environment: 'production' });
    await post(stage, { deployment_id: id });
    assert.equal(await statesOnceTold(stage, github, () => id), ['queued']);
    assert.is(github.deployments.length, 2);
  }),
);

queued.run();
