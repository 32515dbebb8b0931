import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forgeAt } from '../../src/context/forge-host.ts';

const Forges = suite('context: forgeAt');

for (const [url, forge] of [
  ['https://github.com/octo/hello', 'github'],
  ['https://octo.ghe.com/octo/hello', 'github'],
  ['https://gitlab.com/octo/hello', 'gitlab'],
  ['https://bitbucket.org/octo/hello', 'bitbucket'],
  ['https://codeberg.org/octo/hello', 'gitea'],
  ['https://github.com.evil.example/octo/hello', undefined],
  ['https://notghe.com/octo/hello', undefined],
  ['https://constructor/octo/hello', undefined],
  [undefined, undefined],
] as const) {
  Forges(`takes ${url} for ${forge}`, () => {
    assert.is(forgeAt(url), forge);
  });
}

Forges.run();
