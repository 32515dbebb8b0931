/** What takes dist/slipway.mjs half a minute, all at once; and TLS, which nobody waits for. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deadUrl, serveRaw } from '../support/loopback.ts';
import { secured } from '../support/secured.ts';
import { passing } from './answers.ts';
import { endByMona, forEach, isTerminal, leaveAlive, onStage } from './stage.ts';

const Patience = suite('patience');
type Case = readonly [name: string, play: () => Promise<void>];

/** Everything from the last word on is lost. */
const lost = (fault: string): Case => [
  `the last word is lost: ${fault}`,
  () =>
    onStage(async (stage) => {
      const from = Array.from({ length: 100 }, (_, index) => 6 + index);
      stage.github.fail({
        path: /./,
        nth: from,
        ...(passing[fault] ? { do: passing[fault] } : {}),
      });
      const { code, log } = await stage.run({ http_timeout: '2s', timeout: '30s' });
      assert.is(code, 3, log);
      assert.match(log, /may not have heard "success"/, `${fault}: ${log}`);
      const [only, ...more] = stage.deployments();
      assert.is(more.length, 0);
      const told = stage.states(only?.id ?? 0);
      assert.ok(told.filter(isTerminal).length <= 1, `${fault}: ${told}`);
    }),
];

/** A person is heard at one of the looks of every 30 s, and theirs stays. */
const ended = (waits: boolean): Case => [
  `a person ends the deployment while it ${waits ? 'waits' : 'runs'}`,
  () =>
    onStage(async (stage) => {
      if (waits) await leaveAlive(stage);
      const id = stage.adoptable();
      const step = stage.start({
        ...{ deployment_id: String(id), final_status: 'slipway' },
        command: 'echo at work; exec sleep 60',
        ...(waits ? { when_busy: 'wait' } : {}),
      });
      await step.says(waits ? 'waiting for' : 'at work');
      endByMona(stage, id);
      const { code, log } = await step.ended;
      assert.is(code, 130, log);
      assert.match(log, /Somebody ended deployment \d+ as inactive: not today/);
      const states = waits ? ['queued', 'inactive'] : ['queued', 'in_progress', 'inactive'];
      assert.equal(stage.states(id), states, log);
    }),
];

const unreachable = (name: string, url: () => Promise<string>): Case => [
  `GitHub is ${name}`,
  () =>
    onStage(async (stage) => {
      const { code, log } = await stage.run({ github_api_url: await url(), timeout: '8s' });
      assert.is(code, 4, log);
      assert.is(stage.left('ran'), '');
      assert.match(log, /timed out after \w+ \(timeout\): \w+ 127\.0\.0\.1:\d+\/\S+ failed: /);
    }),
];

Patience('is never without an end, and the end is true', async () => {
  const noise = await serveRaw((socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  const cases: readonly Case[] = [
    lost('a reset before anything is done'),
    lost('no answer, all done'),
    lost('500'),
    lost('500, all done'),
    ended(true),
    ended(false),
    unreachable('something else', async () => noise.url),
    unreachable('not there', deadUrl),
  ];
  try {
    await forEach(cases, cases.length, async ([name, play]) => {
      await play().catch((cause: unknown) => {
        throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      });
    });
  } finally {
    await noise.close();
  }
});

const Trust = suite('a server that cannot be trusted');

Trust('without its CA nothing is sent and nothing deployed; with it all is well', () =>
  onStage(async (stage) => {
    const server = await secured(stage.github.url);
    try {
      const to = { github_api_url: server.url };
      const strange = await stage.run(to);
      assert.is(strange.code, 2, strange.log);
      assert.match(strange.log, /TLS connection failed .*ca_cert/);
      assert.is(stage.left('ran'), '');
      assert.is(server.seen.length, 0);
      for (const more of [{ ca_cert: server.cert }, { skip_verify: 'true' }]) {
        const { code, log } = await stage.run({ ...to, ...more });
        assert.is(code, 0, log);
      }
    } finally {
      await server.close();
    }
  }),
);

Trust('that speaks no TLS at all gets nothing either', () =>
  onStage(async (stage) => {
    const plain = stage.github.url.replace('http:', 'https:');
    const { code, log } = await stage.run({ github_api_url: plain });
    assert.is(code, 2, log);
    assert.match(log, /TLS connection failed/);
    assert.is(stage.left('ran'), '');
  }),
);

Patience.run();
Trust.run();
