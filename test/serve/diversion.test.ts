/** Diversion's webhook starts a run that deploys its tree: dist/slipway.mjs and Diversion on loopback. */
import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeDiversion, fakeDiversion } from '../support/diversion/fake-diversion.ts';
import { runOf } from './forge-stage.ts';
import { token as caller } from './server.ts';
import { onStage, type Stage } from './stage.ts';

const secret = 'whsec_aHVudGVyMi1vZi1kaXZlcnNpb24tMzItYnl0ZXM=';
const token = 'hunter2-of-diversion';

type Met = Stage & {
  readonly fake: FakeDiversion;
  deliver(commit: string, branch?: string, id?: string): ReturnType<Stage['ask']>;
};

async function withDiversion(play: (met: Met) => Promise<void>): Promise<void> {
  const fake = await fakeDiversion({ token, files: { 'version.txt': 'one' } });
  const text = `
webhooks:
  - { forge: diversion, secret: { env: HOOK }, repositories: ["dv.repo.*"] }
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: game
    forge: diversion
    repository: ${fake.repo.id}
    environment: production
    refs: [main]
    on: { api: true, push: [main] }
    checkout: diversion
    target: command
    settings:
      command: 'echo "deployed $(cat version.txt) of $DEPLOY_SHA"'
      diversion_api_url: ${fake.url}
      diversion_auth_url: ${fake.authUrl}
    secrets: { diversion_token: { env: DIVERSION } }
`;
  try {
    const serve = async (stage: Stage): Promise<void> => {
      await stage.start();
      await play({
        ...stage,
        fake,
        deliver(commit, branch = 'main', id = commit) {
          const { id: repository, name } = fake.repo;
          const body = {
            type: 'v1.repo.commit.created',
            data: {
              repository: { id: repository, name },
              commit: { id: commit, branch: { id: 1, name: branch }, author: { name: 'Mona' } },
            },
          };
          const time = String(Math.floor(Date.now() / 1000));
          const seal = createHmac('sha256', secret).update(`${id}.${time}.${JSON.stringify(body)}`);
          const headers = {
            ...{ 'content-type': 'application/json', 'webhook-id': id },
            ...{ 'webhook-timestamp': time, 'webhook-signature': `v1,${seal.digest('base64')}` },
          };
          return stage.ask('POST', '/hooks/diversion', body, headers);
        },
      });
      assert.not.match(stage.log(), new RegExp(`${token}|${secret}|access-\\d`));
    };
    await onStage(serve, {}, { text, env: { HOOK: secret, DIVERSION: token } });
    assert.equal(fake.complaints, []);
  } finally {
    await fake.close();
  }
}

const hooks = suite('serve: Diversion');

hooks('deploys the commit that was told of, once, however often it is told', () =>
  withDiversion(async ({ deliver, until, url, log }) => {
    const id = runOf(await deliver('dv.commit.1'));
    assert.is(runOf(await deliver('dv.commit.1', 'main', 'again')), id);
    const run = await until(id, 'SUCCESS', 'ERROR', 'FAILURE', 'REFUSED');
    assert.is(run.status, 'SUCCESS', `${run.progress}\n${log()}`);
    assert.equal([run.commit, run.ref, run.actor], ['dv.commit.1', 'main', 'Mona']);
    const headers = { authorization: `Bearer ${caller}` };
    const said = await fetch(`${url}/v1/runs/${id}/log`, { headers });
    assert.match(await said.text(), 'deployed one of dv.commit.1');
  }),
);

hooks('believes no commit that is not on its branch, and no other branch', () =>
  withDiversion(async ({ deliver, until, fake }) => {
    fake.repo.commit({ 'version.txt': 'side' }, 'side');
    const lie = runOf(await deliver('dv.commit.2', 'main'));
    const run = await until(lie, 'SUCCESS', 'ERROR', 'REFUSED');
    assert.is(run.status, 'REFUSED');
    assert.match(String(run.progress), /commit dv\.commit\.2 is not on branch main/);
    const other = await deliver('dv.commit.2', 'side', 'other');
    assert.is(other.status, 200);
  }),
);

hooks('deploys a branch that the API asks for, at the commit where it is', () =>
  withDiversion(async ({ ask, until, fake }) => {
    fake.repo.commit({ 'version.txt': 'two' });
    const asked = await ask('POST', '/v1/runs', { deployment: 'game', ref: 'main' });
    const run = await until(String(asked.body.id), 'SUCCESS', 'ERROR', 'REFUSED');
    assert.equal([run.status, run.commit], ['SUCCESS', 'dv.commit.2']);
  }),
);

hooks.run();
