import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apiUrlOf, graphqlUrlOf, webUrlOf } from '../../../src/forges/github/api-url.ts';

const deriving = suite('apiUrlOf');
const rows: readonly [string, string | undefined, string | undefined, string][] = [
  [
    'takes what was written',
    'https://ghe.example/api/v3',
    'https://github.com/a/b',
    'https://ghe.example/api/v3',
  ],
  [
    'drops slashes at the end',
    'https://ghe.example/api/v3//',
    undefined,
    'https://ghe.example/api/v3',
  ],
  [
    'knows the API of the public site',
    undefined,
    'https://github.com/a/b',
    'https://api.github.com',
  ],
  [
    'mends the public site written as endpoint',
    'https://github.com',
    undefined,
    'https://api.github.com',
  ],
  [
    'knows the API of a server',
    undefined,
    'https://git.example.com/a/b',
    'https://git.example.com/api/v3',
  ],
  [
    'keeps a port',
    undefined,
    'https://git.example.com:8443/a/b',
    'https://git.example.com:8443/api/v3',
  ],
  [
    'knows the API of data residency',
    undefined,
    'https://acme.ghe.com/a/b',
    'https://api.acme.ghe.com',
  ],
  ['falls back to the public API', undefined, undefined, 'https://api.github.com'],
  ['falls back where the link is none', undefined, 'git@github.com:a/b', 'https://api.github.com'],
];
for (const [title, written, repoUrl, expected] of rows) {
  deriving(title, () => assert.is(apiUrlOf(written, repoUrl), expected));
}
deriving.run();

const others = suite('graphqlUrlOf, webUrlOf');
const places: readonly [string, string, string][] = [
  ['https://api.github.com', 'https://api.github.com/graphql', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://api.acme.ghe.com/graphql', 'https://acme.ghe.com'],
  [
    'https://git.example.com/api/v3',
    'https://git.example.com/api/graphql',
    'https://git.example.com',
  ],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/graphql', 'http://127.0.0.1:8080'],
  ['http://127.0.0.1:8080/api/v3', 'http://127.0.0.1:8080/api/graphql', 'http://127.0.0.1:8080'],
];
for (const [api, graphql, web] of places) {
  others(`derives both from ${api}`, () => {
    assert.is(graphqlUrlOf(api), graphql);
    assert.is(webUrlOf(api), web);
  });
}
others.run();
