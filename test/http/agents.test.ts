import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { type Call, client, token } from '../support/http-client.ts';
import { serve, serveTls } from '../support/loopback.ts';
import { startProxy } from '../support/proxy.ts';
import { rejectionOf } from '../support/rejection.ts';

const get = (url: string): Call => ({
  method: 'GET',
  url,
  headers: { authorization: `Bearer ${token}` },
  signal: new AbortController().signal,
});

const trusting = suite('createHttp: TLS');

trusting('refuses a certificate that nobody vouches for, and names the cure', async () => {
  const server = await serveTls(selfSigned(), (_, response) => response.end());
  const { http, pauses, end } = client();
  const error = await rejectionOf<RemoteError>(
    http.request({ ...get(server.url), method: 'POST', body: '{}' }),
  );
  assert.match(error.message, /TLS connection failed \(DEPTH_ZERO_SELF_SIGNED_CERT\).*ca_cert$/);
  assert.is(error.kind, 'refused');
  assert.is(error.unknown, false);
  assert.equal([server.seen.length, pauses.length], [0, 0]);
  await end(server);
});

trusting('trusts ca_cert', async () => {
  const certificate = selfSigned();
  const server = await serveTls(certificate, (_, response) => response.end('ok'));
  const { http, end } = client({ caCert: certificate.cert });
  assert.is((await http.request(get(server.url))).body, 'ok');
  assert.is((await http.request(get(server.url))).body, 'ok');
  assert.is(server.connections(), 1);
  await end(server);
});

trusting('trusts no other certificate because of ca_cert', async () => {
  const server = await serveTls(selfSigned(), (_, response) => response.end('ok'));
  const { http, end } = client({ caCert: selfSigned().cert });
  assert.match((await rejectionOf(http.request(get(server.url)))).message, /TLS connection failed/);
  await end(server);
});

trusting('verifies nothing with skip_verify', async () => {
  const server = await serveTls(selfSigned(), (_, response) => response.end('ok'));
  const { http, end } = client({ skipVerify: true });
  assert.is((await http.request(get(server.url))).body, 'ok');
  await end(server);
});

/** A server that lets nobody in without this certificate. */
const serveKnown = (own: Certificate, known: Certificate) =>
  serveTls(
    { ...own, requestCert: true, rejectUnauthorized: true, ca: [known.cert] },
    (_, response) => response.end('ok'),
  );

trusting('shows its certificate to the service that it is for, and to no other', async () => {
  const [own, known] = [selfSigned(), selfSigned()];
  const server = await serveKnown(own, known);
  const { http, end } = client({ caCert: own.cert });
  const identified = http.trusting({ identity: known });
  assert.is((await identified.request(get(server.url))).body, 'ok');
  const error = await rejectionOf<RemoteError>(http.request(get(server.url)));
  assert.match(error.message, /TLS connection failed/);
  const stranger = http.trusting({ identity: selfSigned() });
  assert.match((await rejectionOf(stranger.request(get(server.url)))).message, /failed/);
  assert.is(server.seen.length, 1);
  await end(server);
});
trusting.run();

const proxying = suite('createHttp: proxies');

for (const name of ['HTTP_PROXY', 'http_proxy']) {
  proxying(`goes through ${name} for http`, async () => {
    const server = await serve((_, response) => response.end('ok'));
    const proxy = await startProxy();
    const { http, end } = client({ proxyEnv: { [name]: proxy.url } });
    assert.is((await http.request(get(`${server.url}/a`))).body, 'ok');
    assert.equal(proxy.asked, [`GET ${server.url}/a`]);
    await end(server);
    await proxy.close();
  });
}

for (const name of ['HTTPS_PROXY', 'https_proxy']) {
  proxying(`tunnels through ${name} for https, which hides the token`, async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, (_, response) => response.end('ok'));
    const proxy = await startProxy();
    const { http, end } = client({ proxyEnv: { [name]: proxy.url }, caCert: certificate.cert });
    assert.is((await http.request(get(server.url))).body, 'ok');
    assert.equal(proxy.asked, [`CONNECT ${server.host}`]);
    assert.not.match(proxy.heads.join(), token);
    await end(server);
    await proxy.close();
  });
}

for (const name of ['NO_PROXY', 'no_proxy']) {
  proxying(`goes past the proxy to the hosts of ${name}`, async () => {
    const server = await serve((_, response) => response.end('ok'));
    const proxy = await startProxy();
    const proxyEnv = { HTTP_PROXY: proxy.url, [name]: 'example.com,127.0.0.1' };
    const { http, end } = client({ proxyEnv });
    assert.is((await http.request(get(server.url))).body, 'ok');
    assert.equal(proxy.asked, []);
    await end(server);
    await proxy.close();
  });
}

proxying('names a proxy that refuses, and knows that nothing was sent', async () => {
  const proxy = await startProxy({ refuse: 407 });
  const { http, notes, end } = client({
    proxyEnv: { HTTPS_PROXY: proxy.url.replace('//', `//user:${token}@`) },
  });
  const error = await rejectionOf<RemoteError>(
    http.request({ ...get('https://deploy.invalid/x'), method: 'POST', body: '{}' }),
  );
  assert.is(error.message, 'POST deploy.invalid/x failed: the proxy refused to connect');
  assert.is(error.unknown, false);
  assert.not.match(notes.lines.join(), token);
  await end();
  await proxy.close();
});

proxying('takes an empty variable as none', async () => {
  const server = await serve((_, response) => response.end('ok'));
  const { http, end } = client({ proxyEnv: { HTTP_PROXY: '', NO_PROXY: '' } });
  assert.is((await http.request(get(server.url))).body, 'ok');
  await end(server);
});
proxying.run();
