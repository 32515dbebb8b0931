import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { branchOrTag, fullSha, isPullRef } from '../../src/context/git-names.ts';
import { head } from './reading.ts';

const Shas = suite('context: fullSha');
const sha256 = 'AB'.repeat(32);

for (const [text, expected] of [
  [head, head],
  [sha256, sha256.toLowerCase()],
  [head.slice(1), undefined],
  [`${head}0`, undefined],
  [`${head}\n`, undefined],
  ['HEAD', undefined],
  ['0'.repeat(40), undefined],
  ['g'.repeat(40), undefined],
  [undefined, undefined],
] as const) {
  Shas(`makes ${expected} of ${JSON.stringify(text)}`, () => {
    assert.is(fullSha(text), expected);
  });
}

Shas.run();

const Refs = suite('context: branchOrTag');

for (const [text, expected] of [
  ['main', 'main'],
  ['feature/refs/x', 'feature/refs/x'],
  ['refs/heads/feature/login', 'feature/login'],
  ['refs/tags/v1', 'v1'],
  ['refs/pull/7/merge', undefined],
  ['refs/merge-requests/7/head', undefined],
  ['HEAD', undefined],
  [head, undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  Refs(`makes ${expected} of ${text}`, () => {
    assert.is(branchOrTag(text), expected);
  });
}

for (const ref of ['refs/pull/7/head', 'refs/pull-requests/7/from', 'refs/merge-requests/7/head']) {
  Refs(`knows ${ref} as a pull request's`, () => {
    assert.ok(isPullRef(ref));
    assert.not(isPullRef(`refs/heads/${ref}`));
  });
}

Refs.run();
