import { generateKeyPairSync, sign } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type FakeGithub, type FakeGithubOptions, fakeGithub } from './fake-github.ts';

export const SHA = 'a'.repeat(40);
export const PARENT = 'b'.repeat(40);

/** Runs a test against a fake of its own, with one repository of two commits. */
export async function withGithub(
  options: FakeGithubOptions,
  test: (github: FakeGithub, call: Caller) => Promise<void>,
): Promise<void> {
  const github = await fakeGithub(options);
  github.repo('acme/shop', {
    commits: [{ sha: PARENT }, { sha: SHA }],
    branches: { 'topic/one': PARENT, both: SHA },
    tags: { v1: PARENT, both: PARENT },
  });
  try {
    await test(github, createCaller(github));
  } finally {
    await github.close();
  }
}

export type Heard = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every form.
  readonly body: any;
  readonly headers: IncomingHttpHeaders;
};

type Sent = Readonly<Record<string, string | undefined>>;
export type Caller = ReturnType<typeof createCaller>;

/** A well-mannered caller; what it is told to send otherwise, it sends. */
function createCaller(github: FakeGithub) {
  const to = async (url: string, method: string, body: unknown, headers: Sent): Promise<Heard> => {
    const raw = typeof body === 'string' ? body : JSON.stringify(body);
    const all: Sent = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization: `Bearer ${github.token}`,
      'user-agent': 'fake-github-test',
      ...(raw === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]);
    const { status, headers: heard, text } = await exchange(url, method, kept, raw);
    const json = heard['content-type']?.includes('json') && text !== '';
    return { status, headers: heard, body: json ? JSON.parse(text) : text };
  };
  return {
    get: (path: string, headers: Sent = {}) => to(github.url + path, 'GET', undefined, headers),
    post: (path: string, body: unknown, headers: Sent = {}) =>
      to(github.url + path, 'POST', body, headers),
    send: (method: string, path: string) => to(github.url + path, method, undefined, {}),
    ask: (query: string, variables?: object, more: object = {}) =>
      to(github.graphqlUrl, 'POST', { query, variables, ...more }, {}),
  };
}

/** Sends no header that it was not told to send, unlike fetch. */
function exchange(url: string, method: string, headers: [string, string][], body?: string) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>(
    (resolve, reject) => {
      const options = { method, headers: Object.fromEntries(headers), agent: false };
      const sent = request(url, options, (response) => {
        const { statusCode: status = 0, headers: heard } = response;
        text(response).then((all) => resolve({ status, headers: heard, text: all }), reject);
      });
      sent.on('error', reject).end(body);
    },
  );
}

export const keys = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwt = (claims: object): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
    return `${head}.${sign('RSA-SHA256', Buffer.from(head), privateKey).toString('base64url')}`;
  };
  return { publicKeyPem, jwt };
};
