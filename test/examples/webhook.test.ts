import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { head } from '../context/reading.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { startDeployService } from '../support/deploy-service.ts';
import { encodeDrone } from '../support/encoders.ts';
import { type Env, play, runPlugin, token, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: a service that deploys');
const own = 'token-of-the-service-of-the-examples';

/** One promotion by the example, with a service and a GitHub of its own. */
async function promote(fails: boolean) {
  const script = ['IN_PROGRESS', fails ? 'FAILURE' : 'SUCCESS'];
  const service = await startDeployService({ token: own, script });
  const yaml = yamlAt('webhook-drone.yml', ['steps', 0, 'settings']);
  const secrets = { deploy_url: service.url, deploy_token: own, github_token: token };
  try {
    const played = await play(fails, ({ github, folder }) =>
      runPlugin(folder, {
        ...drone.promoteInUi.env,
        ...(encodeDrone(yaml, secrets) as Env),
        DRONE_REPO_LINK: 'https://github.com/octo/hello',
        PLUGIN_GITHUB_API_URL: github.url,
        PLUGIN_WEBHOOK_INTERVAL: '1s',
      }),
    );
    assert.equal(service.complaints, []);
    assert.not.match(played.log, own);
    return { ...played, orders: service.runs.map(({ order }) => order.commit) };
  } finally {
    await service.close();
  }
}

examples('Drone: a promotion is asked for, and followed to its end', async () => {
  const good = await promote(false);
  assert.equal([good.code, good.orders], [0, [head]], good.log);
  assert.match(good.story, /slipway\/production=success$/);
  const bad = await promote(true);
  assert.is(bad.code, 1, bad.log);
  assert.match(bad.story, /slipway\/production=failure$/);
});

examples.run();
