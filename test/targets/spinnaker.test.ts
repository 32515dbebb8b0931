import { createPrivateKey } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHttp } from '../../src/http/client.ts';
import { linkTo } from '../../src/targets/spinnaker/links.ts';
import { spinnaker } from '../../src/targets/spinnaker.ts';
import { selfSigned } from '../support/certificate.ts';
import { fakeGate, type Manners } from '../support/gate/fake-gate.ts';
import { openSpinnaker, usualSettings } from '../support/gate/process.ts';
import { createNotes, order } from '../support/job.ts';
import { deadUrl } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { testTarget } from './contract.ts';

const secret = 'p4r4m3t3r-that-no-log-may-show';

testTarget('spinnaker', {
  entry: spinnaker,
  stage: async (fate) => {
    const clock = scaledClock(50);
    const stages = [
      { name: 'Bake', lasts: 2000 },
      { name: 'Deploy', lasts: 2000, error: 'the manifest is none of ours' },
    ];
    const courses = {
      success: {},
      failure: {
        stages: stages.map((each, n) => ({ ...each, ends: n ? 'TERMINAL' : 'SUCCEEDED' })),
        ends: 'TERMINAL',
      },
      endless: { stages: [{ name: 'Deploy', lasts: 1e9 }] },
    } as const;
    const gate = await fakeGate({ clock, course: courses[fate] });
    const { log: notes } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
    const http = createHttp({ ...network, clock, log: notes });
    const settings = {
      ...{ gate_url: gate.url, token: gate.token, ...usualSettings },
      parameters: JSON.stringify({ tag: secret }),
    };
    return {
      open: (deps) => openSpinnaker(settings, deps),
      begun: () => gate.world.executions.length,
      secrets: [gate.token, secret],
      deps: { http, clock },
      close: async () => {
        http.close();
        assert.equal(gate.complaints, []);
        await gate.close();
      },
    };
  },
});

const settings = suite('spinnaker: settings');
const checks = suite('spinnaker: check and plan');
const links = suite('spinnaker: links');

const gateUrl = 'https://gate.example.com';
const base = { gate_url: gateUrl, ...usualSettings };
const [mine, other] = [selfSigned(), selfSigned()];
const encrypted = createPrivateKey(mine.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const certified = { client_cert: mine.cert, client_key: mine.key };

async function depsOf(clock = scaledClock(50)) {
  const { log } = createNotes();
  const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
  return { http: createHttp({ ...network, clock, log }), clock, log, cwd: '/', env: {} };
}

for (const [what, given, said] of [
  [
    'a Gate that is no address',
    { gate_url: 'gate' },
    /GATE_URL.*must be an absolute http or https/,
  ],
  ['a user in the address', { gate_url: 'https://a:b@gate' }, /without a user or password/],
  [
    'a query in the address',
    { gate_url: `${gateUrl}/?key=k3y` },
    /GATE_URL must end with its path$/,
  ],
  ['a page in the address', { gate_url: `${gateUrl}/#/x` }, /GATE_URL must end with its path$/],
  ['an application that leads elsewhere', { application: '..' }, /APPLICATION must be a name/],
  ['a pipeline that leads elsewhere', { pipeline: '.' }, /PIPELINE must be a name or an id/],
  ['a header for nothing', { header: 'X-Token' }, /HEADER has no use without spinnaker_token/],
  ['a header that is none', { token: 't', header: 'a b' }, /HEADER.*must be the name of a header/],
  ['a header of ours', { token: 't', header: 'Accept' }, /HEADER cannot be Accept/],
  ['half a user', { username: 'ci' }, /PASSWORD is required with spinnaker_username/],
  ['half a password', { password: 'x' }, /USERNAME is required with spinnaker_password/],
  ['a user with a colon', { username: 'a:b', password: 'x' }, /USERNAME cannot hold a colon/],
  [
    'two authorities',
    { token: 'ghp_x', username: 'ci', password: 'x' },
    /USERNAME would set Authorization, as spinnaker_token does: spinnaker_header gives/,
  ],
  ['half a certificate', { client_cert: mine.cert }, /CLIENT_KEY is required with/],
  ['half a key', { client_key: mine.key }, /CLIENT_CERT is required with/],
  ['a certificate over http', { ...certified, gate_url: 'http://gate' }, /GATE_URL must be https/],
  ['a certificate that is none', { ...certified, client_cert: 'x' }, /CERT must be a certificate/],
  ['a key that is none', { ...certified, client_key: mine.cert }, /KEY must be a private key/],
  ['a key of another', { ...certified, client_key: other.key }, /KEY does not belong to the first/],
  ['an encrypted key', { ...certified, client_key: encrypted }, /KEY must not be encrypted/],
  [
    'a slip in a placeholder',
    { parameters: 'tag={{comit}}' },
    /PARAMETERS has an unknown placeholder in tag; did you mean \{\{commit\}\}\?/,
  ],
] as const) {
  settings(`refuse ${what}`, async () => {
    const deps = await depsOf();
    const error = await rejectionOf((async () => openSpinnaker({ ...base, ...given }, deps))());
    assert.match(error.message, said);
    assert.not.match(error.message, mine.key.split('\n')[1] ?? '');
    deps.http.close();
  });
}

settings('refuse a certificate that is not valid yet', async () => {
  const deps = await depsOf(scaledClock(1, Date.now() - 30 * 86_400_000));
  const error = await rejectionOf((async () => openSpinnaker({ ...base, ...certified }, deps))());
  assert.match(error.message, /CLIENT_CERT is not valid before /);
  deps.http.close();
});

settings('refuse a certificate that has expired', async () => {
  const deps = await depsOf(scaledClock(1, Date.now() + 30 * 86_400_000));
  const error = await rejectionOf((async () => openSpinnaker({ ...base, ...certified }, deps))());
  assert.match(error.message, /CLIENT_CERT has expired on /);
  deps.http.close();
});

settings('say which credential goes to which host', () => {
  const values = {
    ...{ spinnakerGateUrl: 'https://gate.example.com:8085/x', spinnakerToken: 't' },
    ...{ spinnakerClientCert: 'c', spinnakerParameters: {} },
  };
  const host = 'gate.example.com:8085';
  assert.equal(spinnaker.credentials({ values } as never), [
    { setting: 'spinnaker_token', host },
    { setting: 'spinnaker_client_cert', host },
    { setting: 'spinnaker_parameters', host },
  ]);
  assert.equal(spinnaker.credentials({ values: {} } as never), []);
});

for (const [gate, ui, link] of [
  [gateUrl, undefined, 'https://example.com/#/applications/a/executions/details/1'],
  ['https://gate.local', undefined, 'https://gate.local/pipelines/1'],
  ['http://spin:8084', undefined, 'http://spin:9000/#/applications/a/executions/details/1'],
  ['https://x.io/gate', undefined, 'https://x.io/#/applications/a/executions/details/1'],
  ['https://x.io/api/v1', undefined, 'https://x.io/#/applications/a/executions/details/1'],
  ['https://x.io/other', undefined, 'https://x.io/other/pipelines/1'],
  ['https://x.io', 'https://ui.io/#/', 'https://ui.io/#/applications/a/executions/details/1'],
  [
    'https://x.io',
    'https://ui.io/a/#/b?c',
    'https://ui.io/a/#/applications/a/executions/details/1',
  ],
] as const) {
  links(`of ${gate}${ui ? ` and ${ui}` : ''}`, () => {
    const values = { spinnakerUiUrl: ui, spinnakerApplication: 'a' };
    assert.is(linkTo(values, gate, '1'), link);
  });
}
links('lead to all executions where there is none', () => {
  const values = { spinnakerUiUrl: undefined, spinnakerApplication: 'a' };
  assert.is(linkTo(values, gateUrl), 'https://example.com/#/applications/a/executions');
  assert.is(linkTo(values, 'https://x.io'), 'https://x.io/applications/a/pipelines');
});

/** What check finds with these settings. */
async function found(given: Readonly<Record<string, string>>, manners: Manners = {}) {
  const gate = await fakeGate(manners);
  const deps = await depsOf();
  try {
    const usual = { gate_url: gate.url, token: gate.token, ...usualSettings };
    const target = openSpinnaker({ ...usual, ...given }, deps);
    const findings = await target.check(new AbortController().signal);
    assert.is(gate.world.executions.length, 0);
    assert.ok(gate.seen.every(({ method }) => method === 'GET'));
    assert.equal(gate.complaints, []);
    return findings;
  } finally {
    deps.http.close();
    await gate.close();
  }
}

checks('reads who we are, the application, the pipeline and what it requires', async () => {
  const [user, ...more] = await found({ parameters: 'tag={{commit}}' });
  assert.is(user?.ok, true);
  assert.match(user?.text ?? '', /^Gate at 127\.0\.0\.1:\d+ knows us as ci@example\.com$/);
  const required = 'its required parameters (tag) are there';
  assert.equal(more, [
    { ok: true, text: `application hello has the pipeline Deploy to live; ${required}` },
    { ok: 'not provable', text: 'that we may execute Deploy to live shows only when we do' },
  ]);
});

checks('says where Gate knows nobody', async () => {
  const [signed] = await found({}, { signIn: 'nobody' });
  assert.equal(signed, {
    ok: 'not provable',
    text: 'Gate knows us as nobody: it does not look at the credentials, or does not say whom it knows',
  });
});

for (const stranger of ['401', '403', 'redirect', 'page'] as const) {
  checks(`finds a token that does not work, told with ${stranger}`, async () => {
    const findings = await found({ token: 'spk_wrong-token-of-ours' }, { stranger });
    const bad = findings.filter(({ ok }) => ok === false);
    assert.is(bad.length, 1);
    assert.not.match(JSON.stringify(findings), 'wrong-token-of-ours');
    assert.not.ok(bad[0]?.ofSetting);
  });
}

for (const [name, value, said] of [
  ['application', 'helo', /^PLUGIN_SPINNAKER_APPLICATION names no application/],
  [
    'pipeline',
    'Deploy to liv',
    /^PLUGIN_SPINNAKER_PIPELINE names no pipeline.*"Deploy to live"\?$/,
  ],
  ['pipeline', 'Retired', /^PLUGIN_SPINNAKER_PIPELINE names a pipeline that is disabled/],
  ['parameters', 'region=eu', /^PLUGIN_SPINNAKER_PARAMETERS lacks the parameter tag/],
] as const) {
  checks(`finds ${name} "${value}" to be a fault of the settings`, async () => {
    const finding = (await found({ [name]: value })).at(-1);
    assert.equal([finding?.ok, finding?.ofSetting], [false, true]);
    assert.match(finding?.text ?? '', said);
  });
}

checks('tells that a host was not reached, and where its name stands', async () => {
  const [finding, ...more] = await found({ gate_url: await deadUrl() });
  assert.equal([finding?.ok, more.length], ['not reached', 0]);
  assert.match(finding?.text ?? '', /^GET .* refused.*spinnaker_gate_url/);
});

checks('plans step by step, with names and without values', async () => {
  const deps = await depsOf();
  const given = { ...base, token: 't', parameters: `tag=${secret},region=eu`, wait: 'false' };
  assert.equal(openSpinnaker(given, deps).plan(order), [
    'find pipeline Deploy to live of application hello at gate.example.com, and what it requires',
    'POST an execution of it with the parameters tag, region, under a correlation id by which a retry joins it',
    'leave the execution to Spinnaker, not followed (spinnaker_wait: false)',
  ]);
  deps.http.close();
});

settings.run();
checks.run();
links.run();
