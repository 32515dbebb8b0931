import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHttp } from '../../src/http/client.ts';
import { divio } from '../../src/targets/divio.ts';
import { fakeDivio } from '../support/divio/fake-divio.ts';
import { openDivio, startDivio } from '../support/divio/process.ts';
import { createNotes, order } from '../support/job.ts';
import { serve } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { testTarget } from './contract.ts';

const sensitive = 's3ns1t1ve-value-of-a-variable';

testTarget('divio', {
  entry: divio,
  stage: async (fate) => {
    const clock = scaledClock(50);
    const log = `Building\nthe token is none of ours\nsh: release.sh: not found\n`;
    const courses = {
      success: {},
      failure: { ends: 'failure', log },
      endless: { lasts: 1e9 },
    } as const;
    const fake = await fakeDivio({ clock, course: courses[fate] });
    fake.world.pull(order.commit ?? '');
    const { log: notes } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
    const http = createHttp({ ...network, clock, log: notes });
    const settings = {
      ...{ api_url: fake.url, token: fake.token, application: 'hello', environment: 'live' },
      sensitive_env: JSON.stringify({ API_KEY: sensitive }),
      log: 'always',
    };
    return {
      open: (deps) => openDivio(settings, deps),
      begun: () => fake.world.deployments.length,
      secrets: [fake.token, sensitive],
      deps: { http, clock },
      close: async () => {
        http.close();
        assert.equal(fake.complaints, []);
        await fake.close();
      },
    };
  },
});

const settings = suite('divio: settings');
const checks = suite('divio: check and plan');

const at = { url: 'http://127.0.0.1:1', token: 'divio-token' };
for (const [what, given, said] of [
  ['no pause at all', { poll_interval: '0s' }, /POLL_INTERVAL must be at least 1s/],
  ['a name that is none', { env: '{"a-b":"1"}' }, /DIVIO_ENV holds a name that no variable can/],
  [
    'one variable twice',
    { env: 'A=1', sensitive_env: 'A=2' },
    /SENSITIVE_ENV sets A, as divio_env/,
  ],
  ['a secret for nothing', { webhook_secret: 'x' }, /has no use without divio_webhook_url/],
  ['an application by name', { application: 'My App' }, /must be the uuid, the slug or the number/],
  ['a zone that is an address', { zone: 'https://divio.com' }, /goes into divio_api_url/],
  ['a zone that is half an address', { zone: 'divio.1' }, /DIVIO_ZONE must be a host name such as/],
  ['a mode that Divio does not know', { build_mode: 'FAST' }, /must be one of AUTO, ADOPT, FORCE/],
] as const) {
  settings(`refuse ${what}`, async () => {
    const starting = async () => startDivio(at, given, { clock: scaledClock(1) });
    const error = await rejectionOf(starting());
    assert.match(error.message, said);
  });
}

settings('say which credential goes to which host', () => {
  const values = { divioToken: 't', divioZone: 'divio.com' };
  const uses = (more: object) => divio.credentials({ values: { ...values, ...more } } as never);
  assert.equal(uses({}), [{ setting: 'divio_token', host: 'api.divio.com' }]);
  assert.equal(uses({ divioZone: 'aldryn.com' })[0]?.host, 'api.aldryn.com');
  assert.equal(uses({ divioZone: 'divio.1' }), []);
  const webhook = { divioWebhookUrl: 'https://hooks.divio.com/x', divioWebhookSecret: 's' };
  assert.equal(uses({ divioApiUrl: 'https://d.example.com:8443/api', ...webhook }), [
    { setting: 'divio_token', host: 'd.example.com:8443' },
    { setting: 'divio_webhook_url', host: 'hooks.divio.com' },
    { setting: 'divio_webhook_secret', host: 'hooks.divio.com' },
  ]);
});

settings('reach an API below a path, and its Control Panel by the zone', async () => {
  const clock = scaledClock(50);
  const fake = await fakeDivio({ clock });
  const proxy = await serve(async (request, response) => {
    const { authorization = '', accept = '', 'user-agent': agent = '' } = request.headers;
    assert.match(request.url ?? '', /^\/divio\//);
    const address = fake.url + (request.url ?? '').slice('/divio'.length);
    const answer = await fetch(address, {
      headers: { authorization, accept, 'user-agent': agent },
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
  });
  const deps = await depsOf(clock);
  const target = openDivio(
    {
      api_url: `${proxy.url}/divio/`,
      token: fake.token,
      application: 'hello',
      environment: 'live',
    },
    deps,
  );
  const findings = await target.check(new AbortController().signal);
  assert.equal(
    findings.map(({ ok }) => ok),
    [true, 'not provable', true],
  );
  deps.http.close();
  await Promise.all([proxy.close(), fake.close()]);
});

async function depsOf(clock = scaledClock(50)) {
  const { log } = createNotes();
  const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 500 };
  return { http: createHttp({ ...network, clock, log }), clock, log, cwd: '/', env: {} };
}

/** What check finds with these settings. */
async function found(given: Readonly<Record<string, string>>) {
  const fake = await fakeDivio();
  const deps = await depsOf();
  try {
    const usual = {
      api_url: fake.url,
      token: fake.token,
      application: 'hello',
      environment: 'live',
    };
    const target = openDivio({ ...usual, ...given }, deps);
    const findings = await target.check(new AbortController().signal);
    assert.is(fake.world.deployments.length, 0);
    assert.ok(fake.seen.every(({ method }) => method === 'GET'));
    assert.equal(fake.complaints, []);
    return findings;
  } finally {
    deps.http.close();
    await fake.close();
  }
}

checks('reads the token, the application and the environment', async () => {
  const [token, rights, place, ...more] = await found({});
  assert.equal([token?.ok, rights?.ok, place?.ok, more.length], [true, 'not provable', true, 0]);
  assert.is(place?.text, 'application hello has the environment live, which deploys main');
});

checks('tells that a host was not reached, and where its name stands', async () => {
  const gone = await serve(() => {});
  await gone.close();
  const [finding, ...more] = await found({ api_url: gone.url });
  assert.equal([finding?.ok, more.length], ['not reached', 0]);
  assert.match(
    finding?.text ?? '',
    /^GET .* refused; the host is that of divio_api_url or divio_zone/,
  );
});

checks('finds a token that does not work', async () => {
  const [finding, ...more] = await found({ token: 'wrong-divio-token' });
  assert.is(finding?.ok, false);
  assert.not.match(finding?.text ?? '', 'wrong-divio-token');
  assert.match(finding?.text ?? '', /divio_token is wrong, expired or revoked/);
  assert.is(more.length, 0);
});

for (const [name, value, said] of [
  ['application', 'other', /^PLUGIN_DIVIO_APPLICATION names no application/],
  ['environment', 'stage', /^PLUGIN_DIVIO_ENVIRONMENT names no environment .* test, live$/],
  ['environment', '', /DIVIO_ENVIRONMENT is required/],
] as const) {
  checks(`finds ${name} "${value}" to be a fault of the settings`, async () => {
    const finding = (await found({ [name]: value })).at(-1);
    assert.equal([finding?.ok, finding?.ofSetting], [false, true]);
    assert.match(finding?.text ?? '', said);
  });
}

checks('calls what the webhook takes not provable', async () => {
  const finding = (await found({ webhook_url: 'https://hooks.example.com/T0K3N' })).at(-1);
  assert.is(finding?.ok, 'not provable');
  assert.not.match(finding?.text ?? '', 'T0K3N');
});

checks('plans step by step, with names and without values', async () => {
  const deps = await depsOf();
  const given = { token: 't', application: 'hello', environment: 'live', on_busy: 'fail' };
  const more = { env: `COLOUR=${sensitive}`, verify: 'require', verify_retries: '1' };
  assert.equal(openDivio({ ...given, ...more }, deps).plan(order), [
    'find application hello and its environment live at api.divio.com',
    'give Divio time to pull a commit that is young and comes from elsewhere (divio_pull_delay)',
    'fail if another deployment of live runs',
    'set the variable COLOUR of live',
    'POST a deployment of live (AUTO) to api.divio.com, and follow it to its end',
    "show the end of the deployment's log if it fails (divio_log: on_failure)",
    `compare what Divio has deployed with ${order.commit}; deploy again (at most once) while it is another, then fail`,
  ]);
  deps.http.close();
});

settings.run();
checks.run();
