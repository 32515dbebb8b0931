import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { head } from '../context/reading.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { encodeDrone } from '../support/encoders.ts';
import { fakeGiteaStatuses } from '../support/gitea/gitea-statuses.ts';
import { deployed, makeWorkspace, runPlugin, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Gitea');
const token = 'gitea-token-of-the-examples';

/** One promotion by the example, of a repository on a Gitea of its own. */
async function promote(fails: boolean) {
  const setup = { commits: [{ sha: head, at: Date.now() }], branches: { main: head } };
  const gitea = await fakeGiteaStatuses({ repo: 'octo/hello', token, setup, now: Date.now });
  const workspace = makeWorkspace(fails);
  const yaml = yamlAt('gitea-drone.yml', ['steps', 0, 'settings']);
  try {
    const { code, log } = await runPlugin(workspace.folder, {
      ...drone.promoteInUi.env,
      ...encodeDrone(yaml, { gitea_token: token }),
      DRONE_REPO_LINK: `${gitea.url}/octo/hello`,
      PLUGIN_GITEA_URL: gitea.url,
    });
    assert.equal(gitea.complaints, []);
    assert.not.match(log, token);
    const story = gitea.taken.map(({ context, state }) => `${context}=${state}`).join(' ');
    return { code, log, story, deployed: workspace.deployed() };
  } finally {
    workspace.remove();
    await gitea.close();
  }
}
const context = 'slipway/production';

examples('Drone: the commit hears of a promotion, how it ends too', async () => {
  const good = await promote(false);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, `${context}=pending ${context}=pending ${context}=success`);
  const bad = await promote(true);
  assert.is(bad.code, 1, bad.log);
  assert.match(bad.story, /=failure$/);
});

examples.run();
