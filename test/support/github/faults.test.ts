import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Caller, withGithub } from './caller.ts';
import { canned, type Fault } from './fake-github.ts';

const DEPLOYMENTS = '/repos/acme/shop/deployments';
const NOON = Date.parse('2026-11-21T12:00:00Z');

const deploy = (call: Caller) => call.post(DEPLOYMENTS, { ref: 'main' });
const lost = (call: Caller): Promise<string> =>
  deploy(call).then(
    ({ status }) => `answered ${status}`,
    () => 'lost',
  );

const faults = suite('fake GitHub: faults');

const LOST: readonly (readonly [Fault, number])[] = [
  ['reset', 0],
  ['reset-after', 1],
  ['half-body', 1],
];

for (const [fault, made] of LOST) {
  faults(`loses the answer by ${fault}, having made ${made}`, () =>
    withGithub({}, async (github, call) => {
      github.fail({ method: 'POST', path: /deployments$/, nth: 1, do: fault });
      assert.is(await lost(call), 'lost');
      assert.is(github.deployments.length, made);
      assert.is(github.requests[0]?.fault, fault);
      assert.is(await lost(call), 'answered 201');
      github.assertClean();
    }),
  );
}

for (const [fault, made] of [
  ['hang', 0],
  ['hang-after', 1],
] as const) {
  faults(`never answers by ${fault}, having made ${made}, and still closes`, () =>
    withGithub({}, async (github, call) => {
      github.fail({ do: fault });
      const waiting = lost(call);
      while (github.requests.length === 0) await new Promise(setImmediate);
      await new Promise(setImmediate);
      assert.is(github.deployments.length, made);
      await github.close();
      assert.is(await waiting, 'lost');
      assert.is(github.requests[0]?.status, undefined);
    }),
  );
}

const CANNED: readonly (readonly [Fault, number, RegExp])[] = [
  [canned.badCredentials, 401, /Bad credentials/],
  [canned.noPermission, 403, /not accessible by integration/],
  [canned.notFound, 404, /Not Found/],
  [canned.mergeConflict, 409, /Conflict merging/],
  [canned.contextsConflict, 409, /required_contexts/],
  [canned.invalid([{ field: 'ref', code: 'invalid' }]), 422, /"field":"ref"/],
  [canned.secondaryLimit(), 403, /secondary rate limit/],
  [canned.serverError, 500, /Server Error/],
  [canned.badGateway, 502, /^<html>/],
  [canned.unavailable(), 503, /unavailable/],
  [canned.htmlPage, 200, /^<!DOCTYPE html>/],
  [canned.graphqlLimit, 200, /RATE_LIMITED/],
  [canned.graphqlTimeout, 502, /"data":null/],
];

for (const [fault, status, said] of CANNED) {
  faults(`answers ${status} ${said}, having made none`, () =>
    withGithub({}, async (github, call) => {
      github.fail({ do: fault });
      const heard = await deploy(call);
      assert.is(heard.status, status);
      const { body } = heard;
      assert.match(typeof body === 'string' ? body : JSON.stringify(body), said);
      assert.is(github.deployments.length, 0);
      github.heal();
      assert.is((await deploy(call)).status, 201);
    }),
  );
}

faults('answers an error though it did what was asked, when told to', () =>
  withGithub({}, async (github, call) => {
    github.fail({ do: { ...canned.badGateway, acts: true } });
    assert.is((await deploy(call)).status, 502);
    assert.is(github.deployments.length, 1);
  }),
);

faults('does late what it was asked, though the caller has left', () =>
  withGithub({}, async (github, call) => {
    github.fail({ do: { afterMs: 100 } });
    const heard = deploy(call);
    await pause(50);
    assert.is(github.deployments.length, 0);
    assert.is((await heard).status, 201);
    assert.is(github.deployments.length, 1);
  }),
);

faults('says when a limit ends: by its clock, in seconds, or not at all', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    github.fail({ nth: 1, do: canned.primaryLimit(90_000) });
    github.fail({ nth: 2, do: canned.tooMany(7) });
    github.fail({ nth: 3, do: canned.tooMany() });
    const { headers } = await deploy(call);
    const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset } = headers;
    assert.equal([remaining, reset], ['0', String(NOON / 1000 + 90)]);
    assert.is((await deploy(call)).headers['retry-after'], '7');
    assert.is((await deploy(call)).headers['retry-after'], undefined);
  }),
);

faults('bends only what a rule names', () =>
  withGithub({}, async (github, call) => {
    github.fail({
      method: 'POST',
      path: /^\/repos\/acme\/shop\/deployments$/,
      nth: [1, 3],
      do: canned.serverError,
    });
    const seen = [];
    for (let n = 0; n < 4; n++) {
      assert.is((await call.get(DEPLOYMENTS)).status, 200);
      seen.push((await deploy(call)).status);
    }
    assert.equal(seen, [500, 201, 500, 201]);
  }),
);

faults('notices a credential that follows a redirect to another host', () =>
  withGithub({}, async (github, call) => {
    github.fail({ do: 'redirect-elsewhere' });
    const { status, headers } = await deploy(call);
    assert.is(status, 307);
    const location = headers.location ?? '';
    assert.is.not(new URL(location).host, new URL(github.url).host);
    await fetch(location);
    github.assertClean();
    await fetch(location, { headers: { authorization: `Bearer ${github.token}` } });
    assert.throws(() => github.assertClean(), /credential arrived/);
  }),
);

faults('lets a body trickle', () =>
  withGithub({}, async (github, call) => {
    github.fail({ do: { slowBodyMs: 30 } });
    const { status, body } = await deploy(call);
    assert.equal([status, body.ref], [201, 'main']);
  }),
);

faults('lets the world change just before it serves', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const meanwhile = () => void github.addStatus(id, { state: 'inactive', creator: 'ann' });
    github.fail({ method: 'GET', nth: 2, meanwhile });
    const path = `${DEPLOYMENTS}/${id}/statuses`;
    assert.equal((await call.get(path)).body, []);
    assert.is((await call.get(path)).body[0].creator.login, 'ann');
    github.assertClean();
  }),
);

faults('judges a request that it swallows', () =>
  withGithub({}, async (github, call) => {
    github.fail({ do: 'reset' });
    await call.post(DEPLOYMENTS, { ref: 'main', shaa: 1 }).catch(() => undefined);
    assert.throws(() => github.assertClean(), /shaa/);
  }),
);

faults.run();
