import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import { selfSigned } from '../../support/certificate.ts';
import type { Manners } from '../../support/gate/fake-gate.ts';
import { startSpinnaker } from '../../support/gate/process.ts';
import { onGate } from '../../support/gate/stage.ts';
import { serve } from '../../support/loopback.ts';
import { type Settings, texts, verdictIs } from '../../support/process.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scaledClock } from '../../support/scaled-clock.ts';

const entering = suite('spinnaker: who is let in');
const refusing = suite('spinnaker: who is not');

const password = 'pass-w0rd-of-the-fake';
const plainToken = { token: 'ghp_token-of-a-provider' };
const asUser = { token: '', username: 'ci', password };

for (const [how, signIn, settings, header, value] of [
  ['an API token', 'token', {}, 'x-spinnaker-token', /^spk_/],
  ['an API token as Bearer', 'token', { header: 'Authorization' }, 'authorization', /^Bearer spk_/],
  ["a provider's token", 'nobody', plainToken, 'authorization', /^Bearer ghp_/],
  ['a token in any header', 'nobody', { header: 'X-Goog-Iap' }, 'x-goog-iap', /^spk_/],
  ['a password', 'password', asUser, 'authorization', /^Basic /],
  ['nothing', 'nobody', { token: '' }, 'authorization', undefined],
] as const) {
  onGate(entering, `by ${how}`, { signIn }, async ({ gate, start }) => {
    const process = start(settings);
    verdictIs(await process.verdict, 'success', /succeeded/);
    for (const { headers } of gate.seen) {
      const sent = headers[header];
      assert.ok(value ? value.test(String(sent)) : sent === undefined, String(sent));
    }
  });
}

onGate(
  entering,
  'by a password beside a token in its own header',
  { signIn: 'password' },
  async (scene) => {
    const { verdict } = scene.start({ username: 'ci', password });
    verdictIs(await verdict, 'success', /succeeded/);
    const headers = scene.gate.seen[0]?.headers ?? {};
    assert.match(String(headers.authorization), /^Basic /);
    assert.match(String(headers['x-spinnaker-token']), /^spk_/);
  },
);

const [own, client] = [selfSigned(), selfSigned()];
const tls = { ...own, requestCert: true, rejectUnauthorized: true, ca: [client.cert] };
const byCertificate: Manners = { signIn: 'certificate', tls };

for (const [how, cert, key] of [
  ['as they are', client.cert, client.key],
  [
    'in base64',
    Buffer.from(client.cert).toString('base64'),
    Buffer.from(client.key).toString('base64'),
  ],
  ['on one line', client.cert.replaceAll('\n', '\\n'), client.key.replaceAll('\n', ' ')],
] as const) {
  onGate(
    entering,
    `by a client certificate, ${how}`,
    { ...byCertificate, factor: 10 },
    async ({ start }) => {
      const settings = { token: '', client_cert: cert, client_key: key };
      const process = start(settings, { caCert: own.cert, timeoutMs: 2000 });
      verdictIs(await process.verdict, 'success', /succeeded/);
      const said = JSON.stringify([texts(process), process.recorded.saved]);
      for (const line of client.key.split('\n').filter((each) => each.length > 30)) {
        assert.not.match(said, line);
      }
    },
  );
}

onGate(refusing, 'without the certificate that Gate wants', byCertificate, async ({ start }) => {
  const { verdict } = start({ token: '' }, { caCert: own.cert, timeoutMs: 2000 });
  const error = await rejectionOf<RemoteError>(verdict);
  assert.match(
    error.message,
    /TLS connection failed .*; set spinnaker_token, .* spinnaker_client_key$/,
  );
  assert.is(error.kind, 'credentials');
});

for (const [what, maxVersion, settings, said] of [
  ['no certificate', 'TLSv1.2', {}, /spinnaker_gate_url, and may want a spinnaker_client_cert$/],
  [
    'the certificate of another authority',
    'TLSv1.3',
    { client_cert: own.cert, client_key: own.key },
    /spinnaker_gate_url, and may not take spinnaker_client_cert$/,
  ],
] as const) {
  const manners = { ...byCertificate, tls: { ...tls, maxVersion }, factor: 500 };
  onGate(refusing, `${what}, by ${maxVersion}`, manners, async ({ start }) => {
    const { verdict } = start({ token: '', ...settings }, { caCert: own.cert, timeoutMs: 2000 });
    assert.match((await verdict).description, said);
  });
}

const none =
  /; set spinnaker_token, spinnaker_username and spinnaker_password, or spinnaker_client/;
const wrong = { token: 'spk_a-token-that-is-wrong' };
for (const [what, stranger, settings, said] of [
  ['nothing', '401', { token: '' }, none],
  ['nothing', '403', { token: '' }, none],
  ['nothing', 'redirect', { token: '' }, none],
  ['nothing', 'page', { token: '' }, none],
  ['a wrong token', '401', wrong, /; spinnaker_token may be wrong, expired or revoked, or Gate/],
  ['a wrong token', '403', wrong, /; its user needs READ and EXECUTE of the application/],
  [
    'a wrong token',
    'redirect',
    wrong,
    /Gate answers 302 with a redirect to sso\.example\.com, as to somebody who is not signed in; spinnaker_token may/,
  ],
  [
    'a wrong token',
    'redirect here',
    wrong,
    /Gate answers 302 with a redirect to 127\.0\.0\.1:\d+, as/,
  ],
  ['a wrong token', 'page', wrong, /Gate answers 200 with a web page, as to somebody/],
] as const) {
  onGate(refusing, `${what}, told with ${stranger}`, { stranger }, async ({ start, world }) => {
    const process = start(settings);
    const error = await rejectionOf<RemoteError>(process.verdict);
    assert.match(error.message, said);
    assert.is(error.kind, stranger === '403' ? 'permission' : 'credentials');
    assert.is(world.executions.length, 0);
    assert.not.match([error.message, ...texts(process)].join(), /a-token-that-is-wrong|s3cr3t/);
  });
}

onGate(refusing, 'a wrong password', { signIn: 'password' }, async ({ start }) => {
  const settings: Settings = { token: '', username: 'ci', password: 'not-the-pass-w0rd' };
  const error = await rejectionOf<RemoteError>(start(settings).verdict);
  assert.match(
    error.message,
    /; spinnaker_username and spinnaker_password may be wrong.*basicform/,
  );
  assert.not.match(error.message, 'not-the-pass-w0rd');
});

refusing('who asks over http where Gate is at https', async () => {
  const server = await serve((request, response) => {
    const location = `https://${request.headers.host}${request.url}`;
    response.writeHead(301, { location }).end();
  });
  const at = { url: server.url, token: 'spk_t' };
  const { verdict } = startSpinnaker(at, {}, { clock: scaledClock(500) });
  verdictIs(
    await verdict,
    'failure',
    /Gate is at https:\/\/127\.0\.0\.1:\d+, which belongs into spinnaker_gate_url$/,
  );
  await server.close();
});

onGate(refusing, 'when the session ends between two requests of a start', {}, async (scene) => {
  scene.gate.onExchange = (exchange) => {
    if (exchange === 'pipeline') scene.gate.fail('start', '401');
  };
  const error = await rejectionOf<RemoteError>(scene.start().verdict);
  assert.is(error.kind, 'credentials');
  assert.is(scene.world.executions.length, 0);
});

entering.run();
refusing.run();
