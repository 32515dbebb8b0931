import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLink } from '../../src/identity.ts';
import { githubDeployment } from '../../src/reporters/github-deployment.ts';
import { onStage, runKey, sha } from '../forges/github/stage.ts';

const running = suite('github-deployment: one run');

running('needs five exchanges for an adopted deployment, none twice', () =>
  onStage(async ({ github, reporter, signal, exchanges, clock }) => {
    const { id } = github.addDeployment({ ref: sha, environment: 'production' });
    clock.advance(10_000);
    const told = reporter(githubDeployment, {}, { deploymentId: String(id) });
    const { adopted } = (await told.forge?.look(signal)) ?? {};
    await told.forge?.open(adopted, signal);
    await told.post({ state: 'queued', description: 'Waiting' }, signal);
    await told.post({ state: 'in_progress', description: 'Deploying' }, signal);
    await told.forge?.reread(signal);
    await told.post({ state: 'success', description: 'Deployed' }, signal);
    assert.equal(exchanges(), [
      'POST /graphql',
      `POST /repos/acme/shop/deployments/${id}/statuses`,
      `POST /repos/acme/shop/deployments/${id}/statuses`,
      `GET /repos/acme/shop/deployments/${id}/statuses`,
      `POST /repos/acme/shop/deployments/${id}/statuses`,
    ]);
    assert.equal(
      github.statusesOf(id).map(({ state, description }) => [state, description]),
      [
        ['success', 'Deployed'],
        ['in_progress', 'Deploying'],
        ['queued', 'Waiting'],
      ],
    );
    assert.ok(github.statusesOf(id).every(({ logUrl }) => readLink(logUrl)?.key === runKey));
  }),
);

running.run();
