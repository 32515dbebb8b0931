import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { type Call, client, token } from '../support/http-client.ts';
import { serve } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';

const call = (method: 'GET' | 'POST', url: string): Call => ({
  method,
  url,
  headers: { authorization: `Bearer ${token}` },
  ...(method === 'POST' ? { body: '{"a":1}' } : {}),
  signal: new AbortController().signal,
});

const redirecting = suite('createHttp: redirects');

redirecting('follows within one host', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/new?x=1') response.end('here');
    else response.writeHead(301, { location: '/new?x=1' }).end();
  });
  const { http, end } = client();
  const answer = await http.request(call('GET', `${server.url}/old`));
  assert.is(answer.body, 'here');
  assert.is(answer.url, `${server.url}/new?x=1`);
  assert.is(server.seen[1]?.headers.authorization, `Bearer ${token}`);
  await end(server);
});

for (const code of [301, 302, 303, 307, 308]) {
  redirecting(`refuses a ${code} to another host, which never hears of it`, async () => {
    const other = await serve((_, response) => response.end('thanks'));
    const server = await serve((_, response) => {
      response.writeHead(code, { location: `${other.url}/steal?x=1` }).end();
    });
    const { http, end } = client();
    const error = await rejectionOf<RemoteError>(http.request(call('GET', server.url)));
    const where = `it redirects to ${other.url}, where the credential is not sent`;
    assert.ok(error.message.endsWith(where), error.message);
    assert.is(error.kind, 'refused');
    assert.is(other.seen.length, 0);
    await end(server, other);
  });
}

redirecting('refuses to go to another scheme, off the web or to nonsense', async () => {
  for (const location of ['https://127.0.0.1/', 'file:///etc/passwd', 'http://[']) {
    const server = await serve((_, response) => response.writeHead(302, { location }).end());
    const { http, end } = client();
    const error = await rejectionOf<RemoteError>(http.request(call('GET', server.url)));
    assert.match(error.message, /it redirects to (https:\/\/127\.0\.0\.1|nowhere),/);
    await end(server);
  }
});

for (const code of [302, 303]) {
  redirecting(
    `refuses a ${code} that would make a POST a GET, and says it may have acted`,
    async () => {
      const server = await serve((_, r) => r.writeHead(code, { location: '/done' }).end());
      const { http, end } = client();
      const error = await rejectionOf<RemoteError>(http.request(call('POST', server.url)));
      assert.match(error.message, /it redirects in a way that drops what was sent$/);
      assert.is(error.unknown, true);
      assert.is(server.seen.length, 1);
      await end(server);
    },
  );
}

for (const code of [307, 308]) {
  redirecting(`sends a POST again where a ${code} points to`, async () => {
    let body = '';
    const server = await serve((request, response) => {
      if (request.url === '/old') return void response.writeHead(code, { location: '/new' }).end();
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => response.end());
    });
    const { http, end } = client();
    await http.request(call('POST', `${server.url}/old`));
    assert.is(server.seen[1]?.method, 'POST');
    assert.is(body, '{"a":1}');
    await end(server);
  });
}

redirecting('takes a redirect for an answer where that is asked for', async () => {
  const server = await serve((_, response) =>
    response.writeHead(302, { location: '/login' }).end(),
  );
  const { http, end } = client();
  const asked = { ...call('GET', server.url), redirects: 'none' } as const;
  const error = await rejectionOf<RemoteError>(http.request(asked));
  assert.equal([error.status, error.answer?.headers.location], [302, '/login']);
  const answer = await http.request({ ...asked, accept: () => true });
  assert.is(answer.status, 302);
  assert.is(server.seen.length, 2);
  await end(server);
});

redirecting('gives up on a circle', async () => {
  const server = await serve((_, response) => response.writeHead(302, { location: '/' }).end());
  const { http, end } = client();
  const error = await rejectionOf(http.request(call('GET', server.url)));
  assert.match(error.message, /it redirects in circles$/);
  assert.is(server.seen.length, 6);
  await end(server);
});
redirecting.run();
