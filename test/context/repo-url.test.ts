import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRepoUrl, publicUrl } from '../../src/context/repo-url.ts';

const Parsing = suite('context: parseRepoUrl');

const at = (host: string, repo: string | undefined, path = repo) => ({
  host,
  repo,
  url: `https://${host}/${path}`,
});

for (const [text, expected] of [
  ['https://github.com/octo/hello.git', at('github.com', 'octo/hello')],
  ['https://github.com/octo/hello/', at('github.com', 'octo/hello')],
  ['https://user:hunter2@github.com/octo/hello.git', at('github.com', 'octo/hello')],
  ['https://ghe.example.com:8443/octo/hello', at('ghe.example.com:8443', 'octo/hello')],
  ['git@github.com:octo/hello.git', at('github.com', 'octo/hello')],
  ['git@gitlab:octo/web/hello.git', at('gitlab', 'octo/web/hello')],
  ['git.example.com:octo/hello', at('git.example.com', 'octo/hello')],
  ['git@github.com:/octo/hello.git', at('github.com', 'octo/hello')],
  ['ssh://git@git.example.com:7999/octo/hello.git', at('git.example.com', 'octo/hello')],
  ['ssh://git@ssh.github.com:443/octo/hello.git', at('github.com', 'octo/hello')],
  ['git://github.com/octo/hello.git', at('github.com', 'octo/hello')],
  ['https://github.com/octo/my.github.io', at('github.com', 'octo/my.github.io')],
  ['https://dev.azure.com/o/p/_git/r', at('dev.azure.com', undefined, 'o/p/_git/r')],
  ['git@ssh.dev.azure.com:v3/o/p/r', at('ssh.dev.azure.com', undefined, 'v3/o/p/r')],
  ['https://bb.example.com/scm/PRJ/r.git', at('bb.example.com', undefined, 'scm/PRJ/r')],
  ['https://github.com/octo', at('github.com', undefined, 'octo')],
  ['work:octo/hello.git', undefined],
  ['/srv/git/hello.git', undefined],
  ['../hello', undefined],
  ['ftp://git.example.com/octo/hello', undefined],
  ['file:///srv/git/octo/hello.git', undefined],
  ['C:\\git\\hello', undefined],
  ['https://', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  Parsing(`reads ${text}`, () => {
    assert.equal(parseRepoUrl(text), expected);
  });
}

Parsing.run();

const Links = suite('context: publicUrl');

for (const [text, expected] of [
  ['https://ci.example.com', 'https://ci.example.com'],
  ['http://ci.example.com/a?b=c#d', 'http://ci.example.com/a?b=c#d'],
  ['https://mona:hunter2@ci.example.com/a', 'https://ci.example.com/a'],
  ['https://hunter2@ci.example.com/a', 'https://ci.example.com/a'],
  ['javascript://ci.example.com/%0aalert(1)', undefined],
  ['ci.example.com/a', undefined],
  ['https://[', undefined],
  [undefined, undefined],
] as const) {
  Links(`makes ${expected} of ${text}`, () => {
    assert.is(publicUrl(text), expected);
  });
}

Links.run();
