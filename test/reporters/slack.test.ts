import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError, SettingsError } from '../../src/errors.ts';
import { slack as entry } from '../../src/reporters/slack.ts';
import type { State, Status } from '../../src/status.ts';
import { callsIn } from '../support/slack/block-kit.ts';
import { deploys, type FakeSlackOptions } from '../support/slack/fake-slack.ts';
import { testReporter } from './contract.ts';
import { byWebhook, onStage, type Stage, saidIn, scenario, textsOf } from './slack-stage.ts';

testReporter('slack', scenario);

const speaking = suite('slack: one message a run');
const test = (
  title: string,
  play: (stage: Stage) => Promise<void>,
  options?: FakeSlackOptions,
  timeoutMs?: number,
) => speaking(title, () => onStage(play, options, timeoutMs));

const end = { tookMs: 133_000, tail: 'step 1\nno room <left> & `over`\n' };
const statesIn = (stage: Stage) =>
  stage.slack.tops().map((message) => saidIn(message).map(({ state }) => state));
const rejection = async (said: Promise<unknown>): Promise<RemoteError> => {
  const error = await said.catch((reason: unknown) => reason);
  assert.instance(error, RemoteError);
  return error as RemoteError;
};
const noRead = { scopes: ['chat:write'] };

test('changes its message in place, by the id that Slack gave it', async (stage) => {
  const { slack, status, signal } = stage;
  const reporter = stage.open({}, { slack_channel: '#deploys' });
  for (const state of ['queued', 'in_progress', 'success'] as const) {
    await reporter.post(status(state), signal);
  }
  assert.equal(slack.calls, ['chat.postMessage', 'chat.update', 'chat.update']);
  assert.equal(statesIn(stage), [['queued', 'in_progress', 'success']]);
  assert.is(slack.replies().length, 0);
});

test('says what is deployed where, by whom, how long it took, and where to look', async (stage) => {
  const { slack, status, signal } = stage;
  const of = {
    ...status('success').of,
    component: 'api',
    deploymentUrl: 'https://forge.example/d',
  };
  const environmentUrl = 'https://shop.example.com/?a=1&b=<2>';
  const more = { of: { ...of, task: 'deploy' }, environmentUrl, end, description: 'Deployed it' };
  await stage.open().post(status('success', more), signal);
  const [version] = slack.tops()[0]?.versions ?? [];
  assert.is(version?.text, 'Deployed · octo/hello · production/api: Deployed it');
  assert.equal(version && textsOf(version), [
    ':white_check_mark: *Deployed · octo/hello · production/api*\nDeployed it',
    [
      ...['`cccccccc`', '`main`', 'by octocat', '2m13s'],
      '<https://shop.example.com/?a=1&amp;b=%3C2%3E|Open>',
      '<https://ci.example/octo/hello/7|Log>',
      '<https://forge.example/d|Deployment>',
    ].join(' · '),
  ]);
});

test('puts the end of the log into the thread, where everybody sees it', async (stage) => {
  const { slack, status, signal } = stage;
  const reporter = stage.open({}, { slack_mention: 'U012ABCDEF,@here,S0GROUP99' });
  await reporter.post(status('in_progress'), signal);
  await reporter.post(status('failure', { end, description: 'exit 3' }), signal);
  const [reply] = slack.replies();
  assert.is(slack.replies().length, 1);
  assert.ok(reply?.isBroadcast);
  assert.is(reply?.thread, slack.tops()[0]?.ts);
  const [version] = reply?.versions ?? [];
  const calls = '<@U012ABCDEF> <!here> <!subteam^S0GROUP99> ';
  assert.equal(version && textsOf(version), [
    `${calls}*Failed · octo/hello · production*: exit 3`,
    '```\nstep 1\nno room &lt;left&gt; &amp; `over`\n```',
  ]);
  for (const { text } of slack.tops()[0]?.versions ?? []) assert.equal(callsIn(text), []);
});

for (const state of ['cancelled', 'superseded', 'success'] as const) {
  test(`mentions nobody when a deploy is ${state}`, async (stage) => {
    const reporter = stage.open({}, { slack_mention: 'U012ABCDEF' });
    await reporter.post(stage.status(state, { end }), stage.signal);
    assert.equal(statesIn(stage), [[state]]);
    assert.is(stage.slack.replies().length, 0);
  });
}

test('reaches nobody by what others wrote', async (stage) => {
  const { slack, signal } = stage;
  const evil = '<!channel> <@U012ABCDEF> <https://evil.example|Log> @here & `x` ```';
  const of = { repo: evil, environment: evil, ref: evil, actor: evil, task: evil };
  const status = stage.status('failure', {
    ...{ of, description: evil, end: { tookMs: 0, tail: evil } },
    environmentUrl: 'https://evil.example/|<!channel>',
  });
  await stage.open().post(status, signal);
  const versions = slack.messages.flatMap((message) => message.versions);
  assert.is(versions.length, 2);
  const [, facts = ''] = versions[0] ? textsOf(versions[0]) : [];
  assert.is(facts.match(/`/g)?.length, 2);
  for (const version of versions) {
    for (const text of [version.text, ...textsOf(version)]) assert.equal(callsIn(text), []);
  }
});

test('opens nothing but pages', async (stage) => {
  const environmentUrl = 'javascript:alert(1)';
  await stage.open().post(stage.status('success', { environmentUrl }), stage.signal);
  assert.not.match(JSON.stringify(stage.slack.messages), 'alert');
});

test('stays within the limits of Slack, whatever it is told', async (stage) => {
  const long = '&<🚀'.repeat(3000);
  const of = { repo: long, environment: long, component: long, ref: long, actor: long, task: 'x' };
  const tail = `${'x'.repeat(5000)}\n${'&'.repeat(900)}`;
  const links = { logUrl: `https://a/${'y'.repeat(5000)}`, commit: 'c'.repeat(40) };
  const status = stage.status('error', { of: { ...of, ...links }, description: long });
  const all = Array.from({ length: 50 }, (_, n) => `S${String(n).padStart(24, '0')}`).join();
  for (const settings of [{}, byWebhook(stage.slack)]) {
    const reporter = stage.open({}, { ...settings, slack_mention: all });
    await reporter.post({ ...status, end: { tookMs: 1, tail } }, stage.signal);
  }
  assert.is(stage.slack.messages.length, 3);
});

test('shows nothing that turns round what stands beside it, or that nobody sees', async (stage) => {
  const tail = 'a\u202eb\u2067c\u0000d\u001b[31m\te';
  const status = stage.status('failure', { description: tail, end: { tookMs: 0, tail } });
  await stage.open().post(status, stage.signal);
  const versions = stage.slack.messages.flatMap((message) => message.versions);
  assert.match(JSON.stringify(versions), 'abcd[31m');
  for (const version of versions) {
    assert.not.match(textsOf(version).join(), /[\u202a-\u202e\u2066-\u2069\u0000\u001b]/);
  }
});

const told = (states: readonly State[], previous?: State) => async (stage: Stage, on: string) => {
  const reporter = stage.open({}, { slack_on: on });
  for (const state of states) {
    const isEnd = state !== 'in_progress';
    const more: Partial<Status> = isEnd
      ? { end: { ...end, ...(previous ? { previous } : {}) } }
      : {};
    await reporter.post(stage.status(state, more), stage.signal);
  }
  return statesIn(stage).flat().join(' ');
};
const good = told(['in_progress', 'success']);
const mended = told(['in_progress', 'success'], 'failure');
const bad = told(['in_progress', 'timed_out']);
for (const [on, run, heard] of [
  ['start', good, 'in_progress success'],
  ['success', good, 'success'],
  ['success', bad, ''],
  ['failure', good, ''],
  ['failure', bad, 'timed_out'],
  ['failure', mended, ''],
  ['recovered', good, ''],
  ['recovered', mended, 'success'],
  ['failure,recovered', mended, 'success'],
] as const) {
  test(`slack_on ${on}: "${heard}" is told`, async (stage) => {
    assert.is(await run(stage, on), heard);
  });
}

test('says that a slot has recovered', async (stage) => {
  await mended(stage, 'recovered');
  assert.match(stage.slack.tops()[0]?.versions[0]?.text ?? '', /^Recovered · octo\/hello/);
});

test('remembers by its own messages how the deploy before ended, where no forge knows', async (stage) => {
  const later = { runKey: 'd'.repeat(20), seq: stage.clock.now() };
  await stage.open().post(stage.status('failure', { end }), stage.signal);
  for (const [changes, word] of [
    [{ environment: 'staging' }, 'Deployed'],
    [{ component: 'api' }, 'Deployed'],
    [{}, 'Recovered'],
  ] as const) {
    const order = { ...later, ...changes };
    const of = { ...stage.status('success').of, ...changes, task: 'deploy' };
    await stage.open(order).post(stage.status('success', { of, end }), stage.signal);
    assert.match(stage.slack.tops().at(-1)?.versions[0]?.text ?? '', new RegExp(`^${word}`));
  }
});

test('goes on with the message of a killed process', async (stage) => {
  await stage.open().post(stage.status('in_progress'), stage.signal);
  await stage.open().post(stage.status('success', { end }), stage.signal);
  assert.equal(statesIn(stage), [['in_progress', 'success']]);
});

test('writes a new one for a retry of a run that has ended', async (stage) => {
  await stage.open().post(stage.status('failure', { end }), stage.signal);
  await stage.open().post(stage.status('success', { end }), stage.signal);
  assert.equal(statesIn(stage), [['failure'], ['success']]);
});

test('goes on with a message that says the end, where a server goes on with its run', async (stage) => {
  const { slack, signal } = stage;
  const goOn = () => stage.open({ runId: '01a2' }).post(stage.status('failure', { end }), signal);
  await goOn();
  const [reply] = slack.replies();
  await goOn();
  assert.equal(slack.replies(), [reply]);
  // As if the first had been killed before it replied.
  if (reply) slack.remove(reply);
  await goOn();
  assert.is(slack.replies().length, 1);
  assert.equal(statesIn(stage), [['failure']]);
});

test(
  'writes two messages of one run where the token may not read',
  async (stage) => {
    await stage.open().post(stage.status('in_progress'), stage.signal);
    await stage.open().post(stage.status('success', { end }), stage.signal);
    assert.equal(statesIn(stage), [['in_progress'], ['success']]);
  },
  noRead,
);

for (const fault of ['cut-after', '503-after', 'html'] as const) {
  test(`writes its message once when the first answer is lost: ${fault}`, async (stage) => {
    stage.slack.fail('chat.postMessage', fault);
    const reporter = stage.open();
    await reporter.post(stage.status('in_progress'), stage.signal);
    await reporter.post(stage.status('success', { end }), stage.signal);
    assert.equal(statesIn(stage), [['in_progress', 'success']]);
  });
}

test('does not take the message of an earlier try for its own', async (stage) => {
  await stage.open().post(stage.status('failure', { end }), stage.signal);
  stage.slack.fail('chat.postMessage', 'cut');
  await stage.open().post(stage.status('success', { end }), stage.signal);
  assert.equal(statesIn(stage), [['failure'], ['success']]);
});

test('replies once, however often it is told the end', async (stage) => {
  const reporter = stage.open();
  for (let times = 0; times < 2; times += 1) {
    await reporter.post(stage.status('failure', { end }), stage.signal);
  }
  assert.is(stage.slack.replies().length, 1);
});

test('writes its reply once when the answer is lost', async (stage) => {
  const reporter = stage.open();
  await reporter.post(stage.status('in_progress'), stage.signal);
  stage.slack.fail('chat.postMessage', 'cut-after');
  await reporter.post(stage.status('failure', { end }), stage.signal);
  assert.is(stage.slack.replies().length, 1);
});

test(
  'says its last word rather twice than never where nobody can look',
  async (stage) => {
    stage.slack.fail('chat.postMessage', 'cut-after');
    await stage.open().post(stage.status('success', { end }), stage.signal);
    assert.equal(statesIn(stage), [['success'], ['success']]);
  },
  noRead,
);

test(
  'says an earlier word rather never than twice where nobody can look',
  async (stage) => {
    stage.slack.fail('chat.postMessage', 'cut-after');
    const error = await rejection(stage.open().post(stage.status('in_progress'), stage.signal));
    assert.ok(error.unknown);
    assert.equal(statesIn(stage), [['in_progress']]);
  },
  noRead,
);

test('has told the end although the reply is refused', async (stage) => {
  const reporter = stage.open();
  await reporter.post(stage.status('in_progress'), stage.signal);
  stage.slack.fail('chat.postMessage', { error: 'restricted_action' });
  await reporter.post(stage.status('failure', { end }), stage.signal);
  assert.equal(statesIn(stage), [['in_progress', 'failure']]);
  const warnings = stage.log.lines.filter(({ level }) => level === 'warn');
  assert.match(warnings.map(({ text }) => text).join(), 'did not get the reply with the log');
});

test('writes anew at the end when somebody removed the message, and not before', async (stage) => {
  const { slack, status, signal } = stage;
  const reporter = stage.open();
  await reporter.post(status('queued'), signal);
  const [message] = slack.tops();
  assert.ok(message);
  slack.remove(message);
  await reporter.post(status('in_progress'), signal);
  assert.is(slack.tops().length, 0);
  await reporter.post(status('success', { end }), signal);
  assert.equal(statesIn(stage), [['success']]);
});

test('sends the bare text where Slack does not like its form', async (stage) => {
  stage.slack.fail('chat.postMessage', { error: 'invalid_blocks' });
  await stage.open().post(stage.status('success', { end }), stage.signal);
  const [version] = stage.slack.tops()[0]?.versions ?? [];
  assert.equal(version?.blocks, []);
  assert.match(version?.text ?? '', /^Deployed/);
});

test('shows the end, and is known to be over, where Slack does not like the form of a change', async (stage) => {
  const { slack, status, signal } = stage;
  const reporter = stage.open();
  await reporter.post(status('in_progress'), signal);
  slack.fail('chat.update', { error: 'invalid_blocks' });
  await reporter.post(status('success', { end }), signal);
  const last = slack.tops()[0]?.versions.at(-1);
  assert.equal(last?.blocks, []);
  assert.match(last?.text ?? '', /^Deployed/);
  assert.equal(statesIn(stage), [['in_progress', 'success']]);
});

test('keeps its form where Slack does not like its mark', async (stage) => {
  const { slack, status, signal } = stage;
  slack.fail('chat.postMessage', { error: 'metadata_too_large' });
  slack.fail('chat.update', { error: 'invalid_metadata_schema' });
  const reporter = stage.open();
  await reporter.post(status('in_progress'), signal);
  await reporter.post(status('success', { end }), signal);
  const [first, last] = slack.tops()[0]?.versions ?? [];
  assert.is(first?.metadata, undefined);
  assert.equal(last?.metadata, {});
  assert.is(last?.blocks.length, 2);
});

test('leaves Slack alone for as long as it asks', async (stage) => {
  const { slack, clock, signal } = stage;
  slack.fail('chat.postMessage', { retryAfter: 7 });
  await stage.open().post(stage.status('success', { end }), signal, clock.now() + 30_000);
  assert.equal(clock.pauses, [7000]);
  assert.equal(statesIn(stage), [['success']]);
});

test('says once that Slack limits the rate, however often it does', async (stage) => {
  stage.slack.fail('chat.postMessage', ...Array(3).fill({ retryAfter: 2 }));
  await stage.open().post(stage.status('success', { end }), stage.signal);
  const said = stage.log.lines.filter(({ text }) => text.includes('limits the rate'));
  assert.equal(
    said.map(({ level }) => level),
    ['info', 'debug', 'debug'],
  );
});

test('gives up at once where Slack asks for more than there is', async (stage) => {
  const { slack, clock, signal } = stage;
  slack.fail('chat.postMessage', { retryAfter: 60 });
  const posting = stage.open().post(stage.status('success', { end }), signal, clock.now() + 30_000);
  const error = await rejection(posting);
  assert.is(error.kind, 'unavailable');
  assert.match(error.message, 'asks for 60 s');
  assert.equal(clock.pauses, []);
});

test('says its last word again over a change whose answer was lost', async (stage) => {
  const { slack, clock, status, signal } = stage;
  const reporter = stage.open();
  await reporter.post(status('queued'), signal);
  slack.fail('chat.update', '503-after');
  await reporter.post(status('in_progress'), signal);
  await reporter.post(status('success', { end }), signal);
  // Lost, repeated, the last word, and the last word again.
  assert.is(slack.calls.filter((method) => method === 'chat.update').length, 4);
  assert.equal(clock.pauses, [1000, 1000]);
});

test('has said its last word even where it cannot be said again', async (stage) => {
  const { slack, log, status, signal } = stage;
  const reporter = stage.open();
  await reporter.post(status('queued'), signal);
  slack.fail('chat.update', '503-after');
  await reporter.post(status('in_progress'), signal);
  const fine = { status: 200, text: '{"ok":true}' };
  slack.fail('chat.update', fine, { error: 'restricted_action' });
  await reporter.post(status('success', { end }), signal);
  const warnings = log.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
  assert.match(warnings.join(), 'may show an earlier state over the last one');
});

for (const [how, fault, kind] of [
  ['a 500', '500', 'unavailable'],
  ['a page instead of JSON', 'html', 'unavailable'],
  ['JSON that is not its own', { status: 200, text: '[]' }, 'unavailable'],
  ['an ok without a message', { status: 200, text: '{"ok":true}' }, 'unavailable'],
  ['a page that says no', { status: 403, text: '<html>' }, 'permission'],
  ['a broken connection', 'cut', 'unavailable'],
  ['an error of its own', { error: 'fatal_error' }, 'unavailable'],
  ['a token that was revoked', { error: 'token_revoked' }, 'credentials'],
  ['a word that nobody knows', { error: 'new_word' }, 'refused'],
] as const) {
  test(`names ${how}, and nobody's token`, async (stage) => {
    stage.slack.failAll(fault);
    const deadline = stage.clock.now() + 30_000;
    const error = await rejection(
      stage.open().post(stage.status('success', { end }), stage.signal, deadline),
    );
    assert.is(error.kind, kind);
    assert.is(error.unknown, kind === 'unavailable');
    assert.match(error.message, 'chat.postMessage');
    assert.not.match(error.message, stage.slack.token);
  });
}

test('takes its words whatever the status, and names the setting', async (stage) => {
  stage.slack.failAll({ status: 401, text: '{"ok":false,"error":"invalid_auth"}' });
  const error = await rejection(stage.open().post(stage.status('in_progress'), stage.signal));
  assert.is(error.kind, 'credentials');
  assert.match(error.message, 'PLUGIN_SLACK_TOKEN is wrong, expired or revoked');
});

for (const [what, channels, cure] of [
  ['missing', [], /PLUGIN_SLACK_CHANNEL names no channel that PLUGIN_SLACK_TOKEN can see/],
  ['archived', [{ ...deploys, archived: true }], /archived: unarchive it, or name another/],
  ['not joined', [{ ...deploys, member: false }], /invite the app to PLUGIN_SLACK_CHANNEL/],
  ['private', [{ ...deploys, member: false, isPrivate: true }], /invite the app to it/],
] as const) {
  test(
    `says what to do about a channel that is ${what}`,
    async (stage) => {
      const posting = stage.open().post(stage.status('in_progress'), stage.signal);
      assert.match((await rejection(posting)).message, cure);
    },
    { channels },
  );
}

test(
  'names the scope that is missing',
  async (stage) => {
    const posting = stage.open().post(stage.status('in_progress'), stage.signal);
    const error = await rejection(posting);
    assert.is(error.kind, 'permission');
    assert.match(
      error.message,
      'PLUGIN_SLACK_TOKEN needs the scope `chat:write`, and has users:read',
    );
  },
  { scopes: ['users:read'] },
);

test(
  'waits no longer than there is for an answer that does not come',
  async (stage) => {
    stage.slack.fail('chat.postMessage', 'hang');
    const until = stage.clock.now() + 200;
    const posting = stage.open().post(stage.status('success', { end }), stage.signal, until);
    assert.match((await rejection(posting)).message, 'there was no answer in time');
  },
  noRead,
  100,
);

test('keeps two runs apart in one channel', async (stage) => {
  const other = { runKey: 'e'.repeat(20), environment: 'staging' };
  const reporters = [stage.open(), stage.open(other)];
  for (const state of ['in_progress', 'success'] as const) {
    await Promise.all(
      reporters.map((each) => each.post(stage.status(state, { end }), stage.signal)),
    );
  }
  assert.equal(statesIn(stage), [
    ['in_progress', 'success'],
    ['in_progress', 'success'],
  ]);
});

speaking.run();

const written = suite('slack: what an author writes');
const faultsOf = (stage: Stage, settings: Readonly<Record<string, string>>): string => {
  try {
    entry.open(stage.loaded(settings), stage.orderOf(), {} as never);
    return '';
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults.map(({ name, message }) => `${name} ${message}`).join('\n');
  }
};
for (const [settings, fault] of [
  [{ slack_channel: '' }, /^slack_channel is required with slack_token$/],
  [
    { slack_token: 'https://hooks.example/services/T/B/x' },
    /^slack_token is an address: .*webhook/,
  ],
  [{ slack_token: 'xapp-1-A0-1-abcdef' }, /^slack_token must be a bot token/],
  [{ slack_api_url: 'https://slack.com/api?team=1' }, /^slack_api_url must end with its path/],
  [{ slack_api_url: 'https://slack.com/api#x' }, /^slack_api_url must end with its path/],
  [{ slack_token: '', slack_channel: '' }, /^slack_token is required to tell Slack/],
  [{}, /^$/],
] as const) {
  written(`${JSON.stringify(settings)}: ${fault}`, () =>
    onStage(async (stage) => assert.match(faultsOf(stage, settings), fault)),
  );
}

for (const [name, raw, good] of [
  ['slack_channel', '#deploys', true],
  ['slack_channel', 'C0123ABCDEF', true],
  ['slack_channel', '@anna', false],
  ['slack_channel', 'two words', false],
  ['slack_mention', '@channel', true],
  ['slack_mention', 'U012ABCDEF,S012ABCDEF', true],
  ['slack_mention', '@anna', false],
  ['slack_mention', '<!channel>', false],
  ['slack_mention', Array(51).fill('U012ABCDEF').join(), false],
  ['slack_on', 'failure,recovered', true],
  ['slack_on', 'always', false],
  ['slack_webhook_url', 'hooks.slack.com/services/T/B/x', false],
] as const) {
  written(`${name} ${good ? 'takes' : 'refuses'} ${raw.slice(0, 60)}`, () =>
    onStage(async (stage) => {
      const { faulty } = stage.loaded({ [name]: raw });
      assert.is(faulty.size === 0, good, [...faulty].join());
    }),
  );
}
written.run();
