import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { builds as drone } from '../context/recorded/drone.ts';
import { saidIn } from '../reporters/slack-stage.ts';
import { encodeDrone } from '../support/encoders.ts';
import { callsIn } from '../support/slack/block-kit.ts';
import { type FakeSlack, fakeSlack } from '../support/slack/fake-slack.ts';
import { deployed, play, readExample, runPlugin, runScript, token, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Slack');

const slackPage = readFileSync(path.join(import.meta.dirname, '../../docs/slack.md'), 'utf8');
/** Of the app whose manifest the page shows. */
const scopesInManifest = (): readonly string[] => {
  const [, manifest = ''] = /```yaml\n(display_information:.*?)```/s.exec(slackPage) ?? [];
  return parse(manifest).oauth_config.scopes.bot;
};

async function onSlack(work: (slack: FakeSlack) => Promise<void>): Promise<void> {
  const slack = await fakeSlack({ scopes: scopesInManifest() });
  try {
    await work(slack);
    slack.assertClean();
  } finally {
    await slack.close();
  }
}

const inDrone = (slack: FakeSlack, url: string) => ({
  ...drone.promoteInUi.env,
  ...encodeDrone(yamlAt('slack-drone.yml', ['steps', 0, 'settings']), {
    github_token: token,
    slack_token: slack.token,
  }),
  DRONE_REPO_LINK: 'https://github.com/octo/hello',
  PLUGIN_GITHUB_API_URL: url,
  PLUGIN_SLACK_API_URL: slack.url,
});

examples('Drone: Slack hears how it ended, and whoever is on call of a failure', () =>
  onSlack(async (slack) => {
    const good = await play(false, ({ github, folder }) =>
      runPlugin(folder, inDrone(slack, github.url)),
    );
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.match(good.log, 'slack (slack_token is set)');
    const bad = await play(true, ({ github, folder }) =>
      runPlugin(folder, inDrone(slack, github.url)),
    );
    assert.is(bad.code, 1, bad.log);
    const told = slack.tops().map((top) => saidIn(top).at(-1)?.state);
    assert.equal(told, ['success', 'failure']);
    const [reply] = slack.replies();
    assert.match(JSON.stringify(reply?.versions[0]?.blocks), 'no room');
    assert.equal(callsIn(reply?.versions[0]?.text ?? ''), ['<!subteam^S0ONCALL01>']);
  }),
);

examples('the scopes of the manifest are enough for everything', () =>
  onSlack(async (slack) => {
    const { code, log } = await play(false, ({ github, folder }) =>
      runPlugin(folder, { ...inDrone(slack, github.url), PLUGIN_ACTION: 'check' }),
    );
    assert.is(code, 0, log);
    const said = log.split('\n').filter((line) => /slack|deploys|chat:|killed runs/i.test(line));
    const findings = said.filter((line) => /^ *(?:works|FAILS|not provable):/.test(line));
    assert.is(findings.length, 4, log);
    for (const line of findings) assert.match(line, /^ *works:/);
    assert.is(slack.writes(), 0);
  }),
);

examples('docker run: a webhook hears of the end', () =>
  onSlack(async (slack) => {
    const run = async (fails: boolean) =>
      play(fails, ({ folder }) =>
        runScript(readExample('slack-docker.sh'), folder, {
          PLUGIN_SLACK_WEBHOOK_URL: slack.webhookUrl,
        }),
      );
    const good = await run(false);
    assert.is(good.code, 0, good.log);
    assert.match(good.deployed, /^production/);
    const bad = await run(true);
    assert.is(bad.code, 1, bad.log);
    const texts = slack.messages.map(({ versions: [first] }) => first?.text ?? '');
    assert.match(texts[0] ?? '', /^Deployed · octo\/hello · production: /);
    assert.match(texts[1] ?? '', /^Failed · octo\/hello · production: /);
    assert.not.match(good.log + bad.log, new URL(slack.webhookUrl).pathname);
  }),
);

examples.run();
