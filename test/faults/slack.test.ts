/** dist/slipway.mjs while Slack is down, slow, or not what it should be: a deploy does not notice. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { saidIn } from '../reporters/slack-stage.ts';
import { callsIn } from '../support/slack/block-kit.ts';
import { deploys, type FakeSlack, type Fault, fakeSlack } from '../support/slack/fake-slack.ts';
import { hunt } from './hunt.ts';
import { type Env, forEach, minute, onStage, type Stage } from './stage.ts';

const hook = 'XXXXsecretOfTheHookXXXX';
const Slack = suite('Slack');

const byToken = ({ token, url }: FakeSlack): Env => ({
  slack_token: token,
  slack_channel: deploys.id,
  slack_api_url: url,
});
const byWebhook = ({ webhookUrl }: FakeSlack): Env => ({ slack_webhook_url: webhookUrl });
type Way = typeof byToken;

async function onBoth(
  play: (stage: Stage, slack: FakeSlack) => Promise<void>,
  now = Date.now,
): Promise<void> {
  const slack = await fakeSlack({ hook, now });
  try {
    await onStage((stage) => play(stage, slack));
    slack.assertClean();
  } finally {
    await slack.close();
  }
}

const faults: readonly (readonly [fault: Fault, kept: RegExp])[] = [
  ['hang', /slack may not have heard it/],
  ['500', /slack may not have heard it/],
  ['html', /slack may not have heard it/],
  ['cut', /slack may not have heard it/],
  [{ retryAfter: 3600 }, /slack did not hear it/],
  [{ error: 'invalid_auth' }, /slack did not hear it/],
  [{ status: 404, text: 'no_service' }, /slack did not hear it/],
];
const ways: readonly Way[] = [byToken, byWebhook];
const trials = faults.flatMap(([fault, kept]) => ways.map((way) => ({ fault, kept, way })));

Slack('that is not there changes nothing but a line of the log', () =>
  forEach(
    // A webhook has no words of JSON.
    trials.filter(
      ({ fault, way }) => way === byToken || !JSON.stringify(fault).includes('invalid'),
    ),
    7,
    ({ fault, kept, way }) =>
      onBoth(async (stage, slack) => {
        slack.failAll(fault);
        const { code, log } = await stage.run({ ...way(slack), http_timeout: '2s' });
        const shown = `${way.name} ${JSON.stringify(fault)}\n${log}`;
        assert.is(code, 0, shown);
        assert.is(stage.left('ran'), 'ran\n', shown);
        const [only] = stage.deployments();
        assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'success'], shown);
        assert.match(log, kept, shown);
        const secrets = { token: slack.token, hook };
        assert.equal(hunt(secrets, { log }), [], shown);
      }),
  ),
);

const failing = 'echo "no room for $WORD <!channel>"; sleep 4; exit 3';

Slack('is told of a failure without a secret, by both ways', () =>
  forEach(ways, 2, (way) =>
    onBoth(async (stage, slack) => {
      const word = 's3cret-of-the-command';
      const settings = {
        ...{ command: failing, command_env: `WORD=${word}`, slack_mention: 'U012ABCDEF' },
        description: `For ${word} & <@U666EVIL>`,
      };
      const { code, log } = await stage.run({ ...settings, ...way(slack) });
      assert.is(code, 1, log);
      const said = JSON.stringify(slack.messages);
      const secrets = { word, token: slack.token, hook };
      assert.equal(hunt(secrets, { log, said }), []);
      assert.match(said, /no room for \*\*\* &lt;!channel&gt;/);
      const texts = slack.messages.flatMap(({ versions }) => versions.map(({ text }) => text));
      assert.equal([...new Set(texts.flatMap(callsIn))], ['<@U012ABCDEF>']);
      if (way === byWebhook) return;
      const [top] = slack.tops();
      assert.equal(top && saidIn(top).map(({ state }) => state), ['in_progress', 'failure']);
      assert.equal(
        slack.replies().map(({ isBroadcast }) => isBroadcast),
        [true],
      );
    }),
  ),
);

Slack('hears of a run that is told to stop', () =>
  onBoth(async (stage, slack) => {
    const step = stage.start({ ...byToken(slack), command: 'echo at work; sleep 60' });
    await until(() => slack.tops().length > 0);
    step.kill('SIGTERM');
    assert.is((await step.ended).code, 143);
    const [top] = slack.tops();
    assert.equal(top && saidIn(top).map(({ state }) => state), ['in_progress', 'cancelled']);
  }),
);

Slack('shows a killed run as over once another run or reap comes by after its time', () =>
  forEach(['deploy', 'reap'], 2, async (verb) => {
    let later = 0;
    const play = async (stage: Stage, slack: FakeSlack): Promise<void> => {
      const work = { ...byToken(slack), command: 'echo at work; sleep 60' };
      const killed = stage.start({ ...work, timeout: '1m' });
      await until(() => slack.tops().length > 0);
      killed.kill('SIGKILL');
      await killed.ended;
      // Of an app that was here before, say: nobody can change it any more.
      const { text, metadata } = slack.tops()[0]?.versions[0] ?? {};
      const foreign = slack.write(deploys.id, { text, metadata }, true);
      const settings = { ...byToken(slack), ...(verb === 'reap' ? { command: undefined } : {}) };
      const start = (build: number) => ({
        args: [verb],
        env: {
          DRONE_BUILD_NUMBER: String(build),
          DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) + build),
        },
      });
      await stage.run(settings, start(8));
      const [top] = slack.tops();
      assert.is(top?.versions.length, 1, 'it may be alive');
      later = 10 * minute;
      const { code, log } = await stage.run(settings, start(9));
      assert.is(code, 0, log);
      const description = 'Outcome not known: its run ended without saying how';
      assert.equal(top && saidIn(top)[1], { state: 'error', description }, log);
      assert.is(foreign.versions.length, 1);
      if (verb === 'reap') {
        assert.match(log, /closing the message of .*1 orphan closed/s, log);
        assert.match(log, /the message of .* could not be closed: .*cant_update_message/, log);
      }
    };
    await onBoth(play, () => Date.now() + later);
  }),
);

Slack('shows the steps of one build in one message', () =>
  onBoth(async (stage, slack) => {
    for (const state of ['in_progress', 'failure']) {
      const settings = { ...byToken(slack), command: undefined, state };
      const { code, log } = await stage.run(settings, { args: ['status'] });
      assert.is(code, 0, log);
    }
    const told = slack.tops().map((top) => saidIn(top).map((said) => said.state));
    assert.equal(told, [['in_progress', 'failure']]);
    assert.match(slack.tops()[0]?.versions[1]?.text ?? '', 'Failed · octo/shop · production: ');
    assert.is(slack.replies().length, 1);
  }),
);

Slack('hears nothing of a rehearsal', () =>
  onBoth(async (stage, slack) => {
    const { code, log } = await stage.run({ ...byToken(slack), dry_run: 'true' });
    assert.is(code, 0, log);
    assert.is(slack.writes(), 0);
  }),
);

Slack('shows two runs of one channel side by side', () =>
  onBoth(async (stage, slack) => {
    const work = { ...byToken(slack), command: 'sleep 4' };
    const other = { DRONE_DEPLOY_TO: 'staging', DRONE_BUILD_NUMBER: '8' };
    const ends = await Promise.all([stage.run(work), stage.run(work, { env: other })]);
    for (const { code, log } of ends) assert.is(code, 0, log);
    const told = slack.tops().map((top) => saidIn(top).map(({ state }) => state));
    assert.equal(told, [
      ['in_progress', 'success'],
      ['in_progress', 'success'],
    ]);
  }),
);

async function until(isThere: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isThere()) {
    if (Date.now() > end) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Slack.run();
