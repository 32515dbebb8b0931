/** A run that waits for its turn in dist/slipway.mjs is shown at the forge as what it is: forges give up on silence. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canned, type FakeGithub, fakeGithub } from '../support/github/fake-github.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { onStages, type Stage } from './stage.ts';

const queued = suite<{ postgres: Postgres }>('runs that wait');
queued.before(async (context) => {
  context.postgres = await startPostgres();
});
queued.after(({ postgres }) => postgres.end());

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

type Play = (stage: Stage, github: FakeGithub, other: Stage) => Promise<void>;
async function onForge(play: Play, count = 1, more: Record<string, string> = {}): Promise<void> {
  const github = await fakeGithub();
  github.repo(repo, { commits: [{ sha: first }, { sha: second }], branches: { main: first } });
  const env = { GITHUB_TOKEN_OF_HELLO: github.token, ...more };
  try {
    await onStages(
      count,
      async (stages) => {
        await Promise.all(stages.map((stage) => stage.start()));
        await play(stages[0] as Stage, github, stages[1] as Stage);
        assert.equal(github.violations, []);
      },
      { script: ['IN_PROGRESS'] },
      { text: text(github.url), env },
    );
  } finally {
    await github.close();
  }
}
/** Two replicas, of which the first has a run in progress. */
const onReplicas = ({ postgres }: { readonly postgres: Postgres }, play: Play): Promise<void> =>
  onForge(
    async (stage, github, other) => {
      await stage.until(await post(stage, { commit: first }), 'IN_PROGRESS');
      await play(stage, github, other);
    },
    2,
    { DATABASE_URL: postgres.database() },
  );

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

const postsTo = (github: FakeGithub, id: number): number =>
  github.requests.filter(
    ({ method, path }) => method === 'POST' && path.endsWith(`/deployments/${id}/statuses`),
  ).length;

queued('are told of by one of two replicas, and so is their end', (context) =>
  onReplicas(context, async (stage, github, other) => {
    const { id } = github.addDeployment({ ref: second, environment: 'production' });
    const waits = await post(other, { deployment_id: id });
    assert.equal(await statesOnceTold(stage, github, () => id), ['queued']);
    await pause(3000);
    assert.is(postsTo(github, id), 1);
    await stage.ask('POST', `/v1/runs/${waits}/cancel`, { reason: 'not today' });
    while (postsTo(github, id) < 2) await pause(50);
    await pause(3000);
    assert.is(postsTo(github, id), 2);
    const states = github.statusesOf(id).map(({ state }) => state);
    assert.equal(states, ['failure', 'queued']);
  }),
);

queued('are told of by the other replica, when the one that was about to is killed', (context) =>
  onReplicas(context, async (stage, github, other) => {
    const { id } = github.addDeployment({ ref: second, environment: 'production' });
    // Whoever begins to tell gets no answer; only the other one is left to tell it then.
    github.fail({ method: 'GET', path: new RegExp(`/deployments/${id}`), do: 'hang' });
    await post(stage, { deployment_id: id });
    await other.kill('SIGKILL');
    while (!github.requests.some(({ path }) => path.endsWith(`/deployments/${id}`)))
      await pause(20);
    await other.start();
    await stage.kill('SIGKILL');
    github.heal();
    while (postsTo(github, id) === 0) await pause(50);
    assert.equal(await statesOnceTold(other, github, () => id), ['queued']);
  }),
);

queued('are told of when the forge is there again', () =>
  onForge(async (stage, github) => {
    await stage.until(await post(stage, { commit: first }), 'IN_PROGRESS');
    const { id } = github.addDeployment({ ref: second, environment: 'production' });
    const waits = await post(stage, { deployment_id: id });
    assert.equal(await statesOnceTold(stage, github, () => id), ['queued']);
    github.fail({ path: new RegExp(`/deployments/${id}/statuses`), do: canned.badCredentials });
    await stage.ask('POST', `/v1/runs/${waits}/cancel`, {});
    while (!stage.log().includes(`The forge may not know how run ${waits} stands`)) await pause(50);
    github.heal();
    await stage.kill('SIGKILL');
    await stage.start();
    while (postsTo(github, id) < 3) await pause(50);
    assert.is(github.statusesOf(id)[0]?.state, 'failure');
  }),
);

queued('begin as what nobody has begun', () =>
  onForge(async (stage, github) => {
    const runs = await post(stage, { commit: first });
    await stage.until(runs, 'IN_PROGRESS');
    const waits = await post(stage, { commit: second });
    const told = () => github.deployments.find(({ sha }) => sha === second)?.id;
    assert.equal(await statesOnceTold(stage, github, told), ['queued']);
    stage.service.fail('create', '403');
    await stage.ask('POST', `/v1/runs/${runs}/cancel`, {});
    const { progress } = await stage.until(waits, 'ERROR', 'FAILURE');
    assert.match(String(progress), /^POST .* 403/);
    assert.equal(github.deployments.length, 2);
  }),
);

queued.run();
