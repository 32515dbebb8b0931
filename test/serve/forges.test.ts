/** `slipway serve` whose runs are told at forges other than GitHub, killed and started again. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ForgeCase, forgeCases, token } from '../faults/forge-cases.ts';
import type { StatusForge } from '../support/forge/statuses.ts';
import type { ServerSetting } from './server.ts';
import { commit, onStage, type Stage } from './stage.ts';

const repo = 'octo/hello';

const operatorOf = (forge: string, one: ForgeCase, at: StatusForge): Partial<ServerSetting> => {
  const settings = one.settings(at);
  const [secret = ''] = Object.keys(settings).filter((name) => name.endsWith('_token'));
  const plain = Object.entries(settings).filter(([name]) => name !== secret);
  return {
    env: { ...one.env?.(at), TOKEN_OF_THE_FORGE: token },
    text: `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: by-webhook
    forge: ${forge}
    forge_url: https://git.example.com
    repository: ${repo}
    environment: production
    target: webhook
    settings:
      webhook_interval: "1"
      report: ${forge}
${plain.map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`).join('\n')}
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      ${secret}: { env: TOKEN_OF_THE_FORGE }
`,
  };
};

type Play = (stage: Stage, forge: StatusForge) => Promise<void>;

async function withForge(id: string, one: ForgeCase, play: Play): Promise<void> {
  const setup = { commits: [{ sha: commit }], branches: { main: commit } };
  const forge = await one.start({ repo, token, setup, now: Date.now });
  const endless = { script: ['QUEUED', 'IN_PROGRESS'] };
  try {
    const operator = operatorOf(id, one, forge);
    await onStage((stage) => play(stage, forge), endless, operator);
    assert.equal(forge.complaints, []);
  } finally {
    await forge.close();
  }
}

async function shows(stage: Stage, { taken }: StatusForge, state: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (taken.at(-1)?.state === state) return;
    await pause(50);
  }
  throw new Error(`it never showed ${state}: ${stage.log()}`);
}

async function launched({ service, log }: Stage, index: number) {
  for (let tries = 0; tries < 400; tries += 1) {
    const run = service.runs[index];
    if (run) return run;
    await pause(50);
  }
  throw new Error(`it was never launched: ${log()}`);
}
const endOf = async (stage: Stage, index: number): Promise<void> =>
  void (await launched(stage, index)).script.push('SUCCESS');

for (const [id, one] of Object.entries(forgeCases)) {
  const serving = suite(`serve: ${id}`);

  serving('ends the one deployment of a run whose process was killed', () =>
    withForge(id, one, async (stage, forge) => {
      await stage.start();
      const { body } = await stage.ask('POST', '/v1/runs', { deployment: 'by-webhook', commit });
      await shows(stage, forge, one.begun);
      await launched(stage, 0);
      await stage.kill('SIGKILL');
      await endOf(stage, 0);
      await stage.start();
      await stage.until(String(body.id), 'SUCCESS');
      await shows(stage, forge, one.done);
      const deployments = one.deployments(forge);
      assert.ok(
        deployments.every((state) => state === one.done),
        `${deployments}`,
      );
      assert.ok(deployments.length <= 1, `${deployments}`);
      assert.not.match(stage.log(), token);
    }),
  );

  serving('says that a run waits for its turn', () =>
    withForge(id, one, async (stage, forge) => {
      await stage.start();
      const ask = { deployment: 'by-webhook', commit };
      const { body: first } = await stage.ask('POST', '/v1/runs', ask);
      await shows(stage, forge, one.begun);
      const { body: second } = await stage.ask('POST', '/v1/runs', ask);
      await endOf(stage, 0);
      await stage.until(String(first.id), 'SUCCESS');
      await endOf(stage, 1);
      await stage.until(String(second.id), 'SUCCESS');
      await shows(stage, forge, one.done);
      const open = one.deployments(forge).filter((state) => state !== one.done);
      assert.ok(
        open.every((state) => state === one.cancelled || state === 'FAILED'),
        `${open}`,
      );
    }),
  );

  serving.run();
}
