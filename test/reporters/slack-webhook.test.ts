import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import { slack as entry } from '../../src/reporters/slack.ts';
import type { State } from '../../src/status.ts';
import { callsIn } from '../support/slack/block-kit.ts';
import type { Fault } from '../support/slack/fake-slack.ts';
import { byWebhook, onStage, type Stage, textsOf } from './slack-stage.ts';

const speaking = suite('slack: a webhook');
const test = (title: string, play: (stage: Stage) => Promise<void>) =>
  speaking(title, () => onStage(play));

const end = { tookMs: 4000, tail: 'no room\n' };
const tell = async (
  stage: Stage,
  states: readonly State[],
  more: Readonly<Record<string, string>> = {},
) => {
  const reporter = stage.open({}, { ...byWebhook(stage.slack), ...more });
  for (const state of states) await reporter.post(stage.status(state, { end }), stage.signal);
};
const texts = ({ slack }: Stage) =>
  slack.messages.map(({ versions: [first] }) => first?.text ?? '');
const story = ['queued', 'in_progress', 'success'] as const;

test('hears of the end', async (stage) => {
  await tell(stage, story);
  assert.equal(texts(stage), ['Deployed · octo/hello · production: It is success']);
});

test('hears of the start where slack_on says so', async (stage) => {
  await tell(stage, story, { slack_on: 'start,failure' });
  assert.equal(texts(stage), ['Waiting · octo/hello · production: It is queued']);
});

test('hears of a failure, its log and whom it concerns in one message', async (stage) => {
  await tell(stage, ['failure'], { slack_mention: 'U012ABCDEF' });
  const [version] = stage.slack.messages[0]?.versions ?? [];
  assert.is(stage.slack.messages.length, 1);
  assert.equal(callsIn(version?.text ?? ''), ['<@U012ABCDEF>']);
  assert.equal(version && textsOf(version).slice(2), ['<@U012ABCDEF> ', '```\nno room\n```']);
});

test('says its last word again when the answer is lost, and an earlier one never', async (stage) => {
  stage.slack.fail('webhook', 'cut-after', 'cut-after');
  const reporter = stage.open({}, { ...byWebhook(stage.slack), slack_on: 'start,success' });
  await reporter.post(stage.status('queued'), stage.signal).catch(() => {});
  await reporter.post(stage.status('in_progress'), stage.signal);
  assert.is(stage.slack.messages.length, 1);
  await reporter.post(stage.status('success', { end }), stage.signal);
  assert.is(stage.slack.messages.length, 3);
});

const answers: readonly (readonly [fault: Fault, kind: string, cure: RegExp])[] = [
  [{ status: 404, text: 'no_service' }, 'credentials', /PLUGIN_SLACK_WEBHOOK_URL is wrong or was/],
  [{ status: 403, text: 'invalid_token' }, 'credentials', /make a new one/],
  [{ status: 410, text: 'channel_is_archived' }, 'refused', /archived: unarchive it/],
  [{ status: 404, text: 'channel_not_found' }, 'refused', /; PLUGIN_SLACK_WEBHOOK_URL leads to no/],
  [{ status: 401, text: 'nobody' }, 'credentials', /401: nobody; PLUGIN_SLACK_WEBHOOK_URL/],
  [{ status: 200, text: '{"success":false}' }, 'unavailable', /not Slack's "ok"/],
  [{ status: 403, text: 'action_prohibited' }, 'permission', /does not let this app post/],
  [{ status: 404, text: '<html>nothing</html>' }, 'refused', /404: no word of Slack; PLUGIN_SLACK/],
  [{ status: 500, text: 'rollup_error' }, 'unavailable', /answered 500/],
  ['html', 'unavailable', /not Slack's "ok"/],
  ['cut', 'unavailable', /the connection was cut/],
  [{ retryAfter: 90 }, 'unavailable', /asks for 90 s/],
];
for (const [fault, kind, cure] of answers) {
  test(`says what ${JSON.stringify(fault)} means, without the address`, async (stage) => {
    stage.slack.failAll(fault);
    const reporter = stage.open({}, byWebhook(stage.slack));
    const until = stage.clock.now() + 30_000;
    const error = await reporter
      .post(stage.status('success', { end }), stage.signal, until)
      .catch((reason: unknown) => reason);
    assert.instance(error, RemoteError);
    assert.is((error as RemoteError).kind, kind);
    assert.match((error as RemoteError).message, cure);
    const said = [(error as RemoteError).message, ...stage.log.lines.map(({ text }) => text)];
    for (const line of said) assert.not.match(line, /services|aVerySecretHook1/);
  });
}

for (const [status, text] of [
  [200, '{"success":true}'],
  [200, ''],
  [204, ''],
] as const) {
  test(`takes ${status} ${text} of a server in Slack's likeness for heard, and says it once`, async (stage) => {
    stage.slack.failAll({ status, text });
    await tell(stage, ['success']);
    assert.is(stage.slack.calls.length, 1);
  });
}

test('sends the bare text where its form is refused', async (stage) => {
  stage.slack.fail('webhook', { status: 400, text: 'invalid_payload' });
  await tell(stage, ['success']);
  assert.equal(stage.slack.messages[0]?.versions[0]?.blocks, []);
});

test('says that it chooses the channel itself', async (stage) => {
  stage.open({}, { ...byWebhook(stage.slack), slack_channel: '#deploys' });
  assert.equal(
    stage.log.lines.map(({ level, text }) => `${level}: ${text}`),
    ['warn: slack_channel is not used: a webhook writes to the channel it was made for'],
  );
});

test('is chosen by its address, and shows nothing before it is used', async (stage) => {
  const loaded = stage.loaded(byWebhook(stage.slack));
  assert.equal(entry.auto(loaded, stage.orderOf(), 'deploy'), {
    wanted: true,
    why: 'slack_webhook_url is set',
  });
  assert.equal(entry.credentials(loaded, stage.orderOf()), [
    { setting: 'slack_webhook_url', host: stage.slack.host },
  ]);
  const findings = await stage.open({}, byWebhook(stage.slack)).check(stage.signal);
  assert.equal(
    findings.map(({ ok }) => ok),
    ['not provable'],
  );
  assert.is(stage.slack.calls.length, 0);
});

speaking.run();
