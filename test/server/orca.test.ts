/** The server as an Orca meets it, by the stage that `slipway orca` prints: specs/spinnaker.md, §9.1. */
import type { OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { orcaYaml } from '../../src/settings/emit/orca/index.ts';
import type { RunEnd } from '../../src/store/run.ts';
import { serve } from '../support/loopback.ts';
import type { Facts } from '../support/orca.ts';
import { type Definition, definitionsIn } from '../support/spinnaker/definition.ts';
import { createOkHttp, type OkHttp } from '../support/spinnaker/ok-http.ts';
import { createStage, type WebhookStage } from '../support/spinnaker/webhook-stage.ts';
import { finish, openStage, type Stage, sha, tokens } from './stage.ts';

type Orca = {
  readonly server: Stage;
  /** Another start of the same stage has a number of its own. */
  stage(parameters: Record<string, unknown>, more?: More): WebhookStage;
  /** Statuses of all runs, newest first. */
  runs(): Promise<readonly string[]>;
  readonly front: { mute(which: Mute): void };
};
/** Requests that arrive, and whose answers do not. */
type Mute = (method: string | undefined, url: string | undefined) => boolean;
type More = { readonly start?: number; readonly token?: string; readonly http?: OkHttp };

async function onOrca(play: (orca: Orca) => Promise<void>): Promise<void> {
  let isMute: Mute = () => false;
  const front = await serve(async (request, response) => {
    const { method, url = '', headers } = request;
    const payload = await buffer(request);
    const inject = { method: method as 'GET', url, headers, payload };
    const { statusCode, headers: said, rawPayload } = await server.app.inject(inject);
    if (!isMute(method, url))
      response.writeHead(statusCode, said as OutgoingHttpHeaders).end(rawPayload);
  });
  const server = await openStage({ publicUrl: front.url });
  const yaml = orcaYaml({ publicUrl: front.url, deckUrl: front.url, image: 'slipway' });
  const http = createOkHttp();
  const definition = (token: string): Definition =>
    definitionsIn(yaml, { SLIPWAY_TOKEN: token }).find(
      ({ type }) => type === 'deploymentRun',
    ) as Definition;
  try {
    await play({
      server,
      front: {
        mute(which) {
          isMute = which;
        },
      },
      stage(parameterValues, { start = 1, token = tokens.spinnaker, http: own = http } = {}) {
        const facts: Facts = {
          parameterValues,
          execution: { id: '01J', application: 'shop', name: 'Deploy' },
          stage: { id: '01K', startTime: start },
        };
        return createStage(definition(token), facts, { http: own, speed: 50 });
      },
      async runs() {
        const { runs } = await server.store.runs.list({});
        return runs.map(({ status }) => status);
      },
    });
  } finally {
    http.close();
    await front.close();
    await server.end();
  }
}

const order = { deployment: 'hello-production', commit: sha };
const orca = suite('the server as Orca meets it');

async function begun({ store }: Stage): Promise<void> {
  while ((await store.counts()).byStatus.QUEUED === 0) await pause(5);
}

const ends: Readonly<Record<RunEnd, string>> = {
  ...{ SUCCESS: 'SUCCEEDED', CANCELED: 'CANCELED', SUPERSEDED: 'CANCELED' },
  ...{ FAILURE: 'TERMINAL', ERROR: 'TERMINAL', TIMED_OUT: 'TERMINAL', REFUSED: 'TERMINAL' },
};
for (const [end, verdict] of Object.entries(ends) as [RunEnd, string][]) {
  orca(`ends a stage ${verdict} when its run ends ${end}, whatever is called for afterwards`, () =>
    onOrca(async ({ server, stage, runs }) => {
      const one = stage(order);
      const running = one.run();
      await begun(server);
      await finish(server, end);
      const ended = await running;
      assert.is(ended.verdict, verdict, ended.error);
      await one.sendCancel();
      await one.sendCancel();
      assert.equal(await runs(), [end], 'a late cancel flips nothing');
      for (const cancel of ended.cancels)
        assert.type((cancel as { status: string }).status, 'string');
    }),
  );
}

for (const [what, parameters, more, said] of [
  ['400', { ...order, commit: 'no hex' }, {}, 'commit'],
  ['401', order, { token: 'wrong-token-00000000' }, 'not known'],
  ['401', order, { token: '${NOBODY_SET_THIS}' }, 'nobody resolved'],
  ['403', order, { token: tokens.reader }, 'may not deploy'],
  ['403', { ...order, deployment: 'other-hello' }, {}, 'other-hello'],
  ['422', { deployment: 'hello-staging' }, {}, 'commit'],
  ['422', { ...order, description: "${trigger['nothing']}" }, {}, 'xpression'],
] as const) {
  orca(`ends a stage at once by ${what}: ${said}`, () =>
    onOrca(async ({ stage, runs }) => {
      const { verdict, error = '', cancels } = await stage(parameters, more).run();
      assert.is(verdict, 'TERMINAL');
      assert.match(error, `with status code ${what}`);
      assert.match(error, said);
      assert.not.match(error, '${');
      assert.is(cancels.length, 1);
      assert.equal(await runs(), []);
    }),
  );
}

orca('refuses with 409 what does not queue, and the call that follows ends no other run', () =>
  onOrca(async ({ server, stage, runs }) => {
    const busy = { deployment: 'hello-refuse', commit: sha };
    await server.call('spinnaker', 'POST', '/v1/runs', { body: busy });
    const { verdict, error = '', cancels } = await stage(busy).run();
    assert.is(verdict, 'TERMINAL');
    assert.match(error, 'status code 409');
    assert.equal(Object.keys(cancels[0] as object), ['ignored']);
    assert.equal(await runs(), ['QUEUED']);
  }),
);

orca('makes one run of what is asked again while the server starts, and is polled through it', () =>
  onOrca(async ({ server, stage, runs }) => {
    server.now.opened = false;
    const running = stage(order).run();
    await pause(300);
    server.now.opened = true;
    await begun(server);
    server.now.opened = false;
    await pause(100);
    server.now.opened = true;
    await finish(server);
    assert.is((await running).verdict, 'SUCCEEDED');
    assert.equal(await runs(), ['SUCCESS']);
  }),
);

orca('makes one run of creates that come at once, and another of a stage that starts again', () =>
  onOrca(async ({ server, stage, runs }) => {
    const first = [stage(order), stage(order), stage(order)].map((each) => each.run());
    await begun(server);
    await pause(100);
    assert.equal(await runs(), ['QUEUED']);
    const again = stage(order, { start: 2 }).run();
    while ((await runs()).length < 2) await pause(5);
    await finish(server, 'FAILURE');
    const ended = await Promise.all(first);
    assert.equal(new Set(ended.map(({ id }) => id)).size, 1);
    // The calls for the end of the first one are late by now, and do not touch the second.
    await finish(server);
    assert.is((await again).verdict, 'SUCCEEDED');
    assert.equal(await runs(), ['SUCCESS', 'FAILURE']);
  }),
);

orca('cancels by its key the run whose create was never answered', () =>
  onOrca(async ({ stage, runs, front }) => {
    front.mute((method, url) => method === 'POST' && url === '/spinnaker/v1/runs');
    const http = createOkHttp({ readMs: 300 });
    const { verdict, error = '', cancels } = await stage(order, { http }).run();
    http.close();
    assert.is(verdict, 'TERMINAL');
    assert.match(error, 'Read timed out');
    assert.is((cancels[0] as { status: string }).status, 'CANCELED');
    assert.equal(await runs(), ['CANCELED']);
  }),
);

orca('ends the run when a person cancels the stage, and says so alike for ever', () =>
  onOrca(async ({ server, stage }) => {
    const one = stage(order);
    const running = one.run();
    while (one.task() !== 'monitor') await pause(5);
    one.cancel();
    const { verdict, id = '' } = await running;
    assert.is(verdict, 'CANCELED');
    const polled = () => server.call('spinnaker', 'GET', `/spinnaker/v1/runs/${id}`);
    const [first, second] = [await polled(), await polled()];
    assert.is(first.json.status, 'CANCELED');
    assert.is(second.text, first.text);
    const unknown = id.replaceAll(/\d/g, '0');
    const absent = await server.call('spinnaker', 'GET', `/spinnaker/v1/runs/${unknown}`);
    assert.equal([absent.status, absent.json.error], [404, 'not_found']);
  }),
);

orca.run();
