/** `slipway serve` whose runs are told in Slack, killed and started again. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { saidIn } from '../reporters/slack-stage.ts';
import { deploys, type FakeSlack, fakeSlack } from '../support/slack/fake-slack.ts';
import type { ServerSetting } from './server.ts';
import { commit, onStage, type Stage } from './stage.ts';

const serving = suite('serve: Slack');

const operatorOf = (slack: FakeSlack): Partial<ServerSetting> => ({
  env: { SLACK_OF_DEPLOYS: slack.token },
  text: `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: by-webhook
    repository: octo/hello
    environment: production
    target: webhook
    settings: { webhook_interval: "1", slack_channel: ${deploys.id}, slack_api_url: "${slack.url}" }
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      slack_token: { env: SLACK_OF_DEPLOYS }
`,
});

const told = (slack: FakeSlack): readonly (readonly string[])[] =>
  slack.tops().map((message) => saidIn(message).map(({ state }) => state));

const withSlack = async (play: (stage: Stage, slack: FakeSlack) => Promise<void>) => {
  const slack = await fakeSlack();
  const endless = { script: ['QUEUED', 'IN_PROGRESS'] };
  try {
    await onStage((stage) => play(stage, slack), endless, operatorOf(slack));
    slack.assertClean();
  } finally {
    await slack.close();
  }
};

const begin = async (stage: Stage, slack: FakeSlack): Promise<string> => {
  await stage.start();
  const { body } = await stage.ask('POST', '/v1/runs', { deployment: 'by-webhook', commit });
  while (slack.tops().length === 0) await pause(20);
  return String(body.id);
};

serving('goes on in the message of the process that was killed', () =>
  withSlack(async (stage, slack) => {
    const id = await begin(stage, slack);
    await stage.kill('SIGKILL');
    stage.service.runs[0]?.script.push('SUCCESS');
    await stage.start();
    await stage.until(id, 'SUCCESS');
    const [states, ...more] = told(slack);
    assert.is(more.length, 0, stage.log());
    assert.is(states?.at(-1), 'success');
    assert.not.match(stage.log(), slack.token);
  }),
);

for (const [what, method] of [
  ['has told the end', 'chat.update'],
  ['has told everything', 'chat.postMessage'],
] as const) {
  serving(`tells a failure once where the process that ${what} was killed`, () =>
    withSlack(async (stage, slack) => {
      const id = await begin(stage, slack);
      stage.service.runs[0]?.script.push('FAILURE');
      const told = (): number => slack.calls.filter((call) => call === method).length;
      for (const before = told(); told() === before; ) await pause(1);
      await stage.kill('SIGKILL');
      await stage.start();
      await stage.until(id, 'FAILURE');
      assert.is(slack.tops().length, 1, stage.log());
      assert.is(slack.replies().length, 1, stage.log());
    }),
  );
}

serving('says who ended a run', () =>
  withSlack(async (stage, slack) => {
    const id = await begin(stage, slack);
    await stage.ask('POST', `/v1/runs/${id}/cancel`, { reason: 'not <!channel> today' });
    await stage.until(id, 'CANCELED');
    const [message] = slack.tops();
    const last = message && saidIn(message).at(-1);
    assert.is(last?.state, 'cancelled');
    assert.match(last?.description ?? '', 'not <!channel> today');
  }),
);

serving.run();
