import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError, Stop } from '../../src/errors.ts';
import { createHttp } from '../../src/http/client.ts';
import type { Checkpoint, Verdict } from '../../src/targets/target.ts';
import { webhook } from '../../src/targets/webhook.ts';
import {
  type DeployService,
  type Exchange,
  isOver,
  type Manners,
  startDeployService,
} from '../support/deploy-service.ts';
import type { Fault } from '../support/faulty.ts';
import { createNotes, order, type Recorded } from '../support/job.ts';
import { deadUrl, serve } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';
import {
  fastClock,
  openWebhook,
  type Process,
  type Settings,
  secret,
  startProcess,
  token,
} from '../support/webhook.ts';
import { testTarget } from './contract.ts';

const sigterm: Stop = { kind: 'signal', name: 'SIGTERM' };
const endless = ['QUEUED', 'IN_PROGRESS'];

testTarget('webhook', {
  entry: webhook,
  stage: async (fate) => {
    const scripts = { success: undefined, failure: ['QUEUED', 'FAILURE'], endless };
    const script = scripts[fate];
    const service = await startDeployService({ token, secret, ...(script ? { script } : {}) });
    const { log } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
    const http = createHttp({ ...network, clock: fastClock, log });
    return {
      open: (deps) => openWebhook({ url: service.url, token, secret, interval: '1' }, deps),
      begun: () => service.runs.length,
      secrets: [token, secret],
      deps: { http, clock: fastClock },
      close: async () => {
        http.close();
        assert.equal(service.complaints, []);
        await service.close();
      },
    };
  },
});

type World = {
  readonly service: DeployService;
  start(settings?: Settings, changes?: Parameters<typeof startProcess>[2]): Process;
};
const webhooks = suite('webhook');
const outcomes = suite('webhook: the outcome told is the outcome there');
const resuming = suite('webhook: kill -9');

/** One test with a service of its own, which has nothing to complain about. */
function test(
  on: typeof webhooks,
  title: string,
  manners: Manners,
  run: (world: World) => Promise<void>,
): void {
  on(title, async () => {
    const service = await startDeployService({ token, ...manners });
    const processes: Process[] = [];
    const start: World['start'] = (settings, changes) => {
      const process = startProcess(service, settings, changes);
      processes.push(process);
      return process;
    };
    try {
      await run({ service, start });
      assert.equal(service.complaints, []);
    } finally {
      for (const process of processes) process.kill();
      await service.close();
    }
  });
}

const verdictIs = (verdict: Verdict, outcome: Verdict['outcome'], said: RegExp): void => {
  assert.is(verdict.outcome, outcome, JSON.stringify(verdict));
  assert.match(verdict.description, said);
};
const texts = (process: Process, level?: string): string[] =>
  process.lines.filter((line) => !level || line.level === level).map(({ text }) => text);
/** Resolves with the process's verdict, stopped once the service has seen so many exchanges. */
async function stopAfter(process: Process, service: DeployService, count: number, stop = sigterm) {
  while (service.exchanges.length < count) await pause(2);
  process.recorded.stop(stop);
  return process.verdict;
}

test(webhooks, 'sends the order as POST /v1/runs takes it', {}, async ({ service, start }) => {
  await start({}, { order: { ...order, deploymentId: '42', payload: { a: [1] } } }).verdict;
  assert.equal(service.runs[0]?.order, {
    repo: 'octo/hello',
    environment: 'production',
    commit: '5'.repeat(40),
    ref: 'main',
    deployment_id: '42',
    task: 'deploy',
    payload: { a: [1] },
  });
});

const slow = { script: ['QUEUED', 'QUEUED', 'IN_PROGRESS', 'SUCCESS'] };
test(webhooks, 'follows the deploy and tells what changes', slow, async ({ service, start }) => {
  const { verdict, recorded } = start();
  verdictIs(await verdict, 'success', /^the service says SUCCESS: run 1 is SUCCESS$/);
  assert.equal(recorded.progress, ['queued …', 'in_progress …', 'success …']);
  assert.equal(new Set(recorded.served), new Set(['https://hello.example.com/']));
  assert.equal([...recorded.results], [['release', 'R1']]);
  assert.equal(service.exchanges, ['create', 'look', 'look', 'look']);
});

for (const [script, outcome] of [
  [['QUEUED', 'FAILURE'], 'failure'],
  [['QUEUED', 'ERROR'], 'failure'],
  [['QUEUED', 'TIMED_OUT'], 'failure'],
  [['QUEUED', 'REFUSED'], 'failure'],
  [['QUEUED', 'CANCELED'], 'cancelled'],
  [['QUEUED', 'SUPERSEDED'], 'cancelled'],
  [['SUCCESS'], 'success'],
  [['FAILURE'], 'failure'],
] as const) {
  test(webhooks, `tells ${script.join(', ')} as ${outcome}`, { script }, async ({ start }) => {
    verdictIs(await start().verdict, outcome, new RegExp(`^the service says ${script.at(-1)}: `));
  });
}

test(
  webhooks,
  'compares words without their case, and says once what it does not know',
  { script: ['queued', 'Rollin', 'Rollin', 'success'] },
  async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success', /success/);
    const [line, ...more] = texts(process, 'warn');
    assert.match(line ?? '', /^The service says Rollin, which no list has: taken as running/);
    assert.equal(more, []);
  },
);

test(webhooks, 'says when an answer has no state', {}, async ({ start }) => {
  const process = start({ state: '$.nowhere' });
  await pause(200);
  process.recorded.stop(sigterm);
  verdictIs(await process.verdict, 'cancelled', /was told to cancel/);
  assert.equal(texts(process, 'warn'), ['The answer has no state at $.nowhere: taken as running']);
});

test(webhooks, 'signs what it sends', { secret, script: endless }, async ({ service, start }) => {
  verdictIs(await stopAfter(start({ secret }), service, 2), 'cancelled', /CANCELED/);
  assert.is(service.exchanges.filter((each) => each === 'cancel').length, 1);
});

const body = '{"where": "{{environment}} of {{name}}", "id": {{deployment_id}}, "p": {{payload}}}';
test(webhooks, 'fills in a body of the author', { foreign: true }, async ({ service, start }) => {
  const headers = JSON.stringify({ 'X-Team': 'a' });
  const hostile = { ...order, environment: 'p"},{\n', payload: { 'k"': 1 } };
  await start({ body, headers }, { order: hostile }).verdict;
  assert.equal(service.runs[0]?.order, {
    where: 'p"},{\n of hello',
    id: null,
    p: { 'k"': 1 },
  });
  assert.is(service.seen.at(-1)?.headers['x-team'], 'a');
});

const plain = (answer: string, headers: Record<string, string> = {}, status = 200) =>
  serve((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(request.method === 'GET' ? '' : answer);
  });
for (const [title, answer, settings, outcome, said] of [
  ['an empty answer', '', {}, 'success', /^accepted, not followed$/],
  ['a text', 'queued', {}, 'success', /^accepted, not followed$/],
  ['JSON without a link', '{"id":1}', {}, 'success', /^accepted, not followed$/],
  ['a link that is none', '{"status_url":"javascript:1"}', {}, 'success', /^accepted/],
  ['a state that is an end', '{"status":"FAILURE"}', {}, 'failure', /says FAILURE/],
  [
    'no link where one is required',
    '{"id":1}',
    { wait: 'true' },
    'error',
    /how it ends is not known: .*webhook_status_url/,
  ],
  ['a web page', '<!doctype html><title>Sign in', {}, 'error', /not known .* a web page/],
  ['an error', '{"error":"no such app"}', {}, 'error', /not known .*said "no such app"/],
  ['errors', '{"errors":[{"message":"no"}]}', {}, 'error', /not known .*said "no"/],
  ['a no', '{"ok":false}', {}, 'error', /not known .*said "no reason given"/],
  ['no errors', '{"ok":true,"error":null,"errors":[]}', {}, 'success', /^accepted/],
  ['an error, not followed', '{"error":"x"}', { wait: 'false' }, 'success', /^accepted/],
  ['a web page, not followed', '<html>', { wait: 'false' }, 'success', /^accepted/],
  [
    'a link, not followed',
    '{"status_url":"/1"}',
    { wait: 'false' },
    'success',
    /^accepted, not followed$/,
  ],
] as const) {
  webhooks(`takes ${title} for what it is`, async () => {
    const server = await plain(answer);
    const process = startProcess(server, { url: `${server.url}/`, ...settings });
    verdictIs(await process.verdict, outcome, said);
    assert.is(server.seen.length, 1);
    await server.close();
  });
}

webhooks('uses the method that it was told', async () => {
  const server = await plain('');
  await startProcess(server, { method: 'put' }).verdict;
  assert.is(server.seen[0]?.method, 'PUT');
  await server.close();
});

webhooks('takes the link from the location header', async () => {
  const server = await serve((request, response) => {
    if (request.method === 'POST') response.writeHead(201, { location: 'runs/7' }).end();
    else response.end(JSON.stringify({ state: [{ is: request.url }] }));
  });
  const settings = {
    status_url: 'location',
    state: "$.state[0]['is']",
    success: '/api/runs/7,x',
  };
  const process = startProcess(server, { url: `${server.url}/api/deploy`, ...settings });
  verdictIs(await process.verdict, 'success', /says \/api\/runs\/7$/);
  await server.close();
});

webhooks('sends credentials to no other host than its own', async () => {
  const other = await serve((_, response) => response.end('{"status":"SUCCESS"}'));
  const server = await plain(JSON.stringify({ status_url: `${other.url}/r/1` }));
  const headers = JSON.stringify({ 'X-Key': token });
  const process = startProcess(server, { url: `${server.url}/?key=${token}`, headers });
  verdictIs(await process.verdict, 'success', /SUCCESS/);
  assert.not.match(JSON.stringify(other.seen.map((each) => each.rawHeaders)), token);
  assert.match(JSON.stringify(server.seen.map((each) => each.rawHeaders)), token);
  assert.match(texts(process, 'warn').join(), `followed at ${other.url}; credentials go only to`);
  await Promise.all([server.close(), other.close()]);
});

webhooks('sends the user of its URL as a header, to its own host alone', async () => {
  const server = await plain('{"status_url":"/r/1","status":"SUCCESS"}');
  const url = server.url.replace('//', '//me:p%40ss@');
  await startProcess(server, { url, token: '' }).verdict;
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  assert.is(server.seen[0]?.headers.authorization, basic);
  await server.close();
});

webhooks('accepts the statuses that it was told to', async () => {
  for (const [accept, status, outcome] of [
    ['200-204', 204, 'success'],
    ['200-204', 205, 'failure'],
    ['4xx', 418, 'success'],
    ['201', 200, 'failure'],
  ] as const) {
    const server = await plain('', {}, status);
    const told = await startProcess(server, { accept }).verdict.catch((error) => error);
    assert.is(told.outcome, outcome, `${accept} ${status}: ${JSON.stringify(told)}`);
    await server.close();
  }
});

webhooks('lets no secret out, its URL included', async () => {
  const path = '/hooks/T0K3N-in-the-path';
  const server = await serve((request, response) => {
    if (request.method === 'GET') return void response.writeHead(500).end('{"message":"no"}');
    const links = { status_url: `${path}/runs/1`, cancel_url: `${path}/cancel` };
    response.writeHead(200).end(JSON.stringify(links));
  });
  const process = startProcess(server, { url: `${server.url}${path}?key=${secret}`, secret });
  while (texts(process, 'warn').length === 0) await pause(5);
  process.recorded.stop(sigterm);
  const verdict = await process.verdict;
  const said = JSON.stringify([verdict, process.lines, process.recorded.saved]);
  for (const each of [token, secret, 'T0K3N']) assert.not.match(said, each);
  assert.is(verdict.goesOn, server.url);
  await server.close();
});

for (const [title, settings, said] of [
  ['an unknown placeholder', { body: '{"a":"{{comit}}"}' }, /BODY holds \{\{comit\}\}, .*\{\{ref/],
  ['a body that is not JSON', { body: 'env={{environment}}' }, /BODY must be JSON once/],
  ['another content type', { headers: 'Content-Type=text/plain' }, /HEADERS cannot set another/],
  ['a header of its own', { headers: 'idempotency-key=1' }, /HEADERS cannot set idempotency-key/],
  ['a header that is none', { headers: '{"a b":"1"}' }, /HEADERS holds a name that no header/],
  ['two authorities', { headers: 'Authorization=x' }, /Authorization twice: by webhook_token and/],
  ['no pause at all', { interval: '0s' }, /INTERVAL must be at least 1s/],
] as const) {
  webhooks(`refuses ${title}`, async () => {
    const server = { url: 'http://127.0.0.1:1/' };
    const error = await rejectionOf((async () => startProcess(server, settings))());
    assert.is(error.name, 'SettingsError');
    assert.match(error.message, said);
  });
}
for (const settings of [
  { state: 'status' },
  { state: '$..status' },
  { state: '$[?(@.a)]' },
  { status_url: 'header' },
  { accept: '3xx' },
  { accept: 'ok' },
]) {
  webhooks(`refuses ${JSON.stringify(settings)}`, async () => {
    const error = await rejectionOf(
      (async () => startProcess({ url: 'http://127.0.0.1:1/' }, settings))(),
    );
    assert.match(error.message, /must be/);
  });
}

webhooks('tells which credential goes to which host, and calls none provable', async () => {
  const loaded = { values: { webhookUrl: 'https://d.example.com/x', webhookToken: token } };
  assert.equal(webhook.credentials(loaded as never), [
    { setting: 'webhook_url', host: 'd.example.com' },
    { setting: 'webhook_token', host: 'd.example.com' },
  ]);
});

for (const [stop, cancel, outcome, said] of [
  [sigterm, 'works', 'cancelled', /says CANCELED/],
  [{ kind: 'timeout' }, 'works', 'timed_out', /says CANCELED/],
  [sigterm, 'ignored', 'cancelled', /was told to cancel and has not ended yet/],
  [{ kind: 'timeout' }, 'none', 'timed_out', /offers no way to cancel/],
] as const) {
  test(
    webhooks,
    `ends ${outcome} by ${stop.kind} where cancelling ${cancel}`,
    { script: endless, cancel },
    async ({ service, start }) => {
      const verdict = await stopAfter(start(), service, 2, stop);
      verdictIs(verdict, outcome, said);
      const goesOn = cancel === 'works' ? undefined : `http://${service.host}/runs/1`;
      assert.is(verdict.goesOn, goesOn);
      assert.is(isOver(service.runs[0] as never), cancel === 'works');
      const reason =
        stop.kind === 'signal' ? 'the run was ended by SIGTERM' : "the run's timeout passed";
      assert.equal(service.runs[0]?.reasons, cancel === 'none' ? [] : [reason]);
    },
  );
}

test(
  webhooks,
  'tells a success that came before the cancel',
  { script: ['QUEUED', 'IN_PROGRESS', 'SUCCESS'], cancel: 'ignored' },
  async ({ service, start }) => {
    verdictIs(await stopAfter(start({ interval: '1h' }), service, 1), 'success', /SUCCESS/);
  },
);

test(
  webhooks,
  'cancels a deploy whose answer was still on its way',
  { script: endless },
  async ({ service, start }) => {
    const process: Process = start();
    service.onExchange = (exchange) => {
      if (exchange === 'create') process.recorded.stop(sigterm);
    };
    verdictIs(await process.verdict, 'cancelled', /CANCELED/);
    assert.is(service.runs[0]?.status, 'CANCELED');
  },
);

/** What the service would have to say for the verdict to be true. */
const agrees = (verdict: Verdict, { runs }: DeployService): boolean => {
  if (verdict.outcome === 'error') return /not known/.test(verdict.description);
  const words = { success: 'SUCCESS', failure: 'FAILURE', cancelled: 'CANCELED', timed_out: '' };
  return runs[0]?.status === words[verdict.outcome];
};

const transient: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', 'hang', 'hang after'] as const),
  ...(['429', '500', '500 after', '503'] as const),
];
for (const fault of transient) {
  for (const exchange of ['create', 'look'] as const) {
    test(outcomes, `through ${fault} at ${exchange}`, {}, async ({ service, start }) => {
      service.fail(exchange, fault, fault);
      verdictIs(await start().verdict, 'success', /SUCCESS/);
      assert.equal([service.runs.length, service.runs[0]?.status], [1, 'SUCCESS']);
    });
  }

  test(outcomes, `through ${fault} at cancel`, { script: endless }, async ({ service, start }) => {
    service.fail('cancel', fault);
    const verdict = await stopAfter(start(), service, 2);
    // A service that hangs can take the last seconds; then it is told of as it is.
    assert.ok(verdict.goesOn || agrees(verdict, service), JSON.stringify(verdict));
    if (!fault.startsWith('hang')) verdictIs(verdict, 'cancelled', /CANCELED/);
  });

  test(
    outcomes,
    `with a body of the author, through ${fault} at create`,
    { foreign: true },
    async ({ service, start }) => {
      service.fail('create', fault);
      const verdict = await start({ body: '{"env":"{{environment}}"}' }).verdict;
      assert.ok(agrees(verdict, service), JSON.stringify(verdict));
      const creates = service.exchanges.filter((each) => each === 'create').length;
      assert.is(creates, fault === '429' ? 2 : 1);
      assert.is(verdict.outcome, fault === '429' ? 'success' : 'error');
    },
  );
}

for (const fault of ['html', '401', '403', '404'] as const) {
  test(outcomes, `through ${fault} in passing while it follows`, {}, async ({ service, start }) => {
    service.fail('look', fault, fault);
    verdictIs(await start().verdict, 'success', /SUCCESS/);
  });
}

for (const [fault, said] of [
  ['401', /credentials stopped working in the middle of the deploy, so how .* is not known/],
  ['403', /credentials stopped working/],
  ['404', /the service forgot the run, so how the deploy ends is not known/],
] as const) {
  test(outcomes, `when ${fault} is meant`, { script: endless }, async ({ service, start }) => {
    service.fail('look', fault, fault, fault, fault);
    const verdict = await start().verdict;
    verdictIs(verdict, 'error', said);
    assert.is(verdict.goesOn, `http://${service.host}/runs/1`);
  });
}

test(outcomes, 'when the token is wrong', {}, async ({ service, start }) => {
  const error = await rejectionOf<RemoteError>(start({ token: 'wrong-token' }).verdict);
  assert.is(error.kind, 'credentials');
  assert.match(
    error.message,
    /answered 401: no such token; look at the credentials in webhook_token, webhook_url$/,
  );
  assert.is(service.runs.length, 0);
});

outcomes('when nothing listens', async () => {
  const { verdict } = startProcess({ url: await deadUrl() });
  verdictIs(await verdict, 'error', /^nothing was started: .*the connection was refused$/);
});

test(outcomes, 'through an outage, with warnings that thin out', {}, async ({ service, start }) => {
  const down = Array.from({ length: 10 * 6 }, (): Fault => '404');
  // Two 404s and an answer of the gateway in turn: never three in a row.
  service.fail('look', ...down.map((_, n): Fault => (n % 3 === 2 ? 'html' : '404')).slice(0, 20));
  const process = start();
  verdictIs(await process.verdict, 'success', /SUCCESS/);
  const troubles = texts(process, 'warn').map((line) => /\((\d+) in a row\)/.exec(line)?.[1]);
  assert.equal(troubles, ['1', '2', '4', '8', '16']);
  assert.ok(texts(process, 'info').includes('The service answers again'));
});

const last = ({ saved }: Recorded): Checkpoint | undefined => saved.at(-1)?.state;

for (const nth of [1, 2, 3]) {
  for (const fault of ['hang', 'hang after'] as const) {
    test(
      resuming,
      `${fault.replace('hang', 'before').replace('before after', 'after')} exchange ${nth} leaves one run, and its outcome`,
      {},
      async ({ service, start }) => {
        const exchange: Exchange = nth === 1 ? 'create' : 'look';
        let first: Process | undefined;
        if (nth < 3) service.fail(exchange, fault);
        service.onExchange = (_, count) => {
          if (nth === 3 && count === 2) service.fail(exchange, fault);
          if (count === nth) first?.kill();
        };
        first = start();
        while (service.exchanges.length < nth) await pause(2);
        await pause(20);
        const checkpoint = JSON.parse(JSON.stringify(last(first.recorded)));
        assert.is(checkpoint.step, nth === 1 ? 'starting' : 'started');
        const second = start({}, { checkpoint, predecessor: true, attempt: 'ignored' });
        verdictIs(await second.verdict, 'success', /SUCCESS/);
        assert.equal(
          service.runs.map((run) => run.status),
          ['SUCCESS'],
        );
      },
    );
  }
}

test(
  resuming,
  'of a process without a store: its successor asks with the same key and says so',
  { script: endless },
  async ({ service, start }) => {
    const first = start();
    while (service.exchanges.length < 2) await pause(2);
    first.kill();
    service.runs[0]?.script.push('SUCCESS');
    const second = start({}, { predecessor: true });
    verdictIs(await second.verdict, 'success', /SUCCESS/);
    assert.is(service.runs.length, 1);
    const said = texts(second, 'info').join('\n');
    assert.match(said, /An earlier run of this deploy has not ended.* same key/);
    assert.match(said, /The service knows this key: its run goes on, nothing was started twice/);
  },
);

test(
  resuming,
  'with a body of the author: what may have been sent is not sent again',
  { foreign: true },
  async ({ service, start }) => {
    const checkpoint = { step: 'starting', key: 'abcdefgh' };
    const { verdict } = start({ body: '{}' }, { checkpoint });
    verdictIs(await verdict, 'error', /^not known whether the deploy was started: an earlier run/);
    assert.is(service.runs.length, 0);
  },
);

test(resuming, 'after the end gives the same verdict', {}, async ({ service, start }) => {
  const first = start();
  const verdict = await first.verdict;
  const checkpoint = last(first.recorded) as Checkpoint;
  const asked = service.exchanges.length;
  assert.equal(await start({}, { checkpoint }).verdict, verdict);
  assert.is(service.exchanges.length, asked);
});

test(resuming, 'does not make a deliberate retry a replay', {}, async ({ service, start }) => {
  await start({}, { attempt: '1' }).verdict;
  await start({}, { attempt: '2' }).verdict;
  assert.is(service.runs.length, 2);
  assert.is.not(service.runs[0]?.key, service.runs[1]?.key);
});

webhooks.run();
outcomes.run();
resuming.run();
