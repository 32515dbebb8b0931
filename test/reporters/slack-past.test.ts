import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Memory } from '../../src/forges/forge.ts';
import type { Finding } from '../../src/targets/target.ts';
import { deploys, type FakeSlackOptions } from '../support/slack/fake-slack.ts';
import { onStage, type Stage, saidIn } from './slack-stage.ts';

const remembering = suite('slack: what killed runs left');
const checking = suite('slack: check');
const on =
  (tests: typeof remembering) =>
  (title: string, play: (stage: Stage) => Promise<void>, options?: FakeSlackOptions) =>
    tests(title, () => onStage(play, options));
const test = on(remembering);

const everywhere = { environment: undefined, component: undefined };
const closing = { state: 'error', description: 'Outcome not known' } as const;
const memoryOf = (stage: Stage, settings = {}): Memory => {
  const { memory } = stage.open({ runKey: 'f'.repeat(20) }, settings, 'reap');
  if (!memory) throw new Error('it remembers nothing');
  return memory;
};

test('is found by its mark, in its scope, and ended', async (stage) => {
  const { slack, status, signal, orderOf } = stage;
  const other = { runKey: 'e'.repeat(20), component: 'api' };
  const of = { ...status('queued').of, component: 'api', task: 'deploy' };
  await stage.open().post(status('in_progress'), signal);
  await stage.open(other).post(status('in_progress', { of }), signal);
  await stage.open({ runKey: 'd'.repeat(20) }).post(status('success'), signal);
  const memory = memoryOf(stage);
  const all = await memory.survey(everywhere, signal);
  assert.equal(
    all.map(({ owner }) => owner?.key),
    [other.runKey, orderOf().runKey],
  );
  assert.equal(await memory.survey({ ...everywhere, environment: 'staging' }, signal), []);
  const [only] = await memory.survey({ ...everywhere, component: 'api' }, signal);
  assert.is(only?.owner?.expiry, orderOf().expiry);
  assert.match(only?.name ?? '', /^the message of 2026-11-21T10:00:00/);
  assert.ok(only);
  await memory.close(only, closing, signal);
  await memory.close(only, closing, signal);
  const message = slack.tops().find(({ ts }) => ts === only.id);
  assert.equal(message && saidIn(message).map(({ state }) => state), ['in_progress', 'error']);
  assert.match(
    message?.versions.at(-1)?.text ?? '',
    'Error · octo/hello · production/api: Outcome',
  );
});

test("is left alone where its run has ended, and where it is another repository's", async (stage) => {
  const { status, signal } = stage;
  const reporter = stage.open();
  await reporter.post(status('in_progress'), signal);
  const of = { ...status('queued').of, repo: 'octo/other', task: 'deploy' };
  await stage.open({ runKey: 'e'.repeat(20) }).post(status('queued', { of }), signal);
  const memory = memoryOf(stage);
  const [found, ...more] = await memory.survey(everywhere, signal);
  assert.ok(found);
  assert.is(more.length, 0);
  await reporter.post(status('success'), signal);
  const writes = stage.slack.writes();
  await memory.close(found, closing, signal);
  assert.is(stage.slack.writes(), writes);
});

test('is not a message without a time', async (stage) => {
  await stage.open().post(stage.status('in_progress'), stage.signal);
  const [message] = stage.slack.messages;
  for (const ts of ['yesterday', '1.2.3', '9'.repeat(20)]) {
    if (message) stage.slack.messages.push({ ...message, ts });
  }
  const found = await memoryOf(stage).survey(everywhere, stage.signal);
  assert.equal(
    found.map(({ id }) => id),
    [message?.ts],
  );
});

test('is not what another app wrote in its likeness', async (stage) => {
  const { slack, status, signal, orderOf } = stage;
  const { runKey, seq } = orderOf();
  const marks = { slipway_key: runKey, slipway_seq: String(seq), slipway_expiry: '1' };
  const event_payload = {
    ...marks,
    slipway_state: 'queued',
    slipway_subject: '{"repo":"octo/hello"}',
  };
  slack.write(
    deploys.id,
    { text: 'x', metadata: { event_type: 'slipway_run', event_payload } },
    true,
  );
  for (const odd of [
    null,
    {},
    { slipway_state: 'queued' },
    { ...event_payload, slipway_state: 'mine' },
  ]) {
    slack.write(deploys.id, {
      text: 'x',
      metadata: { event_type: 'slipway_run', event_payload: odd },
    });
  }
  const memory = memoryOf(stage);
  const [found, ...more] = await memory.survey(everywhere, signal);
  assert.is(more.length, 0);
  assert.ok(found);
  const refused = await memory.close(found, closing, signal).catch((error: Error) => error.message);
  assert.match(refused ?? '', 'cant_update_message');
  const reporter = stage.open();
  await reporter.post(status('in_progress'), signal);
  await reporter.post(status('success'), signal);
  const own = slack.tops().at(-1);
  assert.equal(own && saidIn(own).map(({ state }) => state), ['success']);
});

const said = ({ log }: Stage): string => log.lines.map(({ text }) => text).join('\n');
test('is not looked for by the name of the channel, and reap says so', async (stage) => {
  const memory = memoryOf(stage, { slack_channel: '#deploys' });
  assert.equal(await memory.survey(everywhere, stage.signal), []);
  assert.match(said(stage), 'only where slack_channel is the id of the channel');
  assert.is(stage.slack.calls.length, 0);
});
test(
  'is not looked for without the scope, and reap says so',
  async (stage) => {
    assert.equal(await memoryOf(stage).survey(everywhere, stage.signal), []);
    assert.match(said(stage), 'PLUGIN_SLACK_TOKEN needs the scope `channels:history`');
  },
  { scopes: ['chat:write'] },
);

remembering.run();

const check = on(checking);
const all = ['chat:write', 'channels:read', 'channels:history'];
const shown = (findings: readonly Finding[]) =>
  findings.map(({ ok, text, ofSetting }) => `${ok}${ofSetting ? ' (setting)' : ''}: ${text}`);
const look = async (stage: Stage, settings = {}) =>
  shown(await stage.open({}, settings).check(stage.signal));

check(
  'names who speaks, and what may be done in the channel',
  async (stage) => {
    assert.equal(await look(stage), [
      'true: PLUGIN_SLACK_TOKEN speaks as slipway in Octo',
      'true: the scope `chat:write` may write',
      'true: #deploys is there, and the app may write in it',
      'true: messages of killed runs are found again',
    ]);
    assert.is(stage.slack.writes(), 0);
  },
  { scopes: all },
);

check(
  'says what no read can prove',
  async (stage) => {
    const [, , place, past] = await look(stage, { slack_channel: 'deploys' });
    assert.is(
      place,
      'not provable: whether the app may write in deploys shows only when it writes',
    );
    assert.match(
      past ?? '',
      /^not provable: .*PLUGIN_SLACK_CHANNEL is a name, not the channel's id$/,
    );
  },
  { scopes: all },
);

for (const [what, options, finding] of [
  ['a token that is wrong', { token: 'xoxb-other' }, /^false: .*invalid_auth; PLUGIN_SLACK_TOKEN/],
  ['a scope that is missing', { scopes: ['users:read'] }, /^false: .*needs the scope `chat:write`/],
  [
    'an archived channel',
    { channels: [{ ...deploys, archived: true }] },
    /^false \(setting\): .*#deploys is archived/,
  ],
  [
    'a channel without the app',
    { channels: [{ ...deploys, member: false }] },
    /^false: .*not in #deploys: invite it/,
  ],
  [
    'a missing channel',
    { channels: [] },
    /^false \(setting\): .*channel_not_found; PLUGIN_SLACK_CHANNEL/,
  ],
] as const) {
  check(
    `names ${what}`,
    async (stage) => {
      const token = 'xoxb-17-the-token-of-tests';
      const findings = await look(stage, { slack_token: token });
      assert.ok(
        findings.some((each) => finding.test(each)),
        findings.join('\n'),
      );
    },
    { scopes: all, ...options },
  );
}

check('of a Slack that is down proves nothing', async (stage) => {
  stage.slack.failAll('500');
  assert.match((await look(stage)).join(), /^not reached: POST .*auth\.test failed: .*500/);
});

checking.run();
