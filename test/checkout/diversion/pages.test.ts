import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckoutError } from '../../../src/errors.ts';
import type { FakeFile, Files } from '../../support/diversion/world.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const kept = { diversion_path: 'src' };
/** Pages between the first item and the last. */
const between = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`m/${at}`, `${at}`]));

const pages = suite('diversion: a tree of many pages');

const link: FakeFile = { kind: 'link', body: '/etc' };
const doubles: Readonly<Record<string, readonly [Files, Files, RegExp]>> = {
  'a file that is a folder on a later page': [{ a: '1' }, { 'a/b': '2' }, /"a".* twice/],
  'a folder that is a file on a later page': [{ 'a/b': '2' }, { a: '1' }, /"a".* twice/],
  'a folder that is a link on a later page': [{ 'a/b': '2' }, { a: link }, /"a".* twice/],
  'a link that is a folder on a later page': [{ a: link }, { 'a/b': '2' }, /"a".* twice/],
  'a path out of it on a later page': [{ a: '1' }, { 'm/../../evil': '2' }, /out of the tree/],
};
for (const [what, [first, last, says]] of Object.entries(doubles)) {
  for (const where of [{}, kept]) {
    const place = where === kept ? 'a folder that lasts' : 'a folder of its own';
    pages(`refuses ${what}, in ${place}`, () =>
      onGround({ files: { ...first, ...between, ...last }, perPage: 7 }, async (ground) => {
        const error = await rejectionOf(ground.fetch(where));
        assert.instance(error, CheckoutError);
        assert.match(error.message, says);
        assert.equal(ground.scene.left(), []);
        // Nothing of what was refused stands in the way of what is right.
        ground.fake.repo.commit({ a: 'right', 'm/1': '1' });
        assert.equal(await ground.fetch(where), { a: 'right', 'm/1': '1' });
      }),
    );
  }
}

pages('refuses a name that comes again on a page far behind', () =>
  onGround({ files: between, perPage: 7 }, async ({ fetch, fake }) => {
    const { files } = fake.repo.commits.get('dv.commit.1') ?? { files: new Map() };
    const items = [...files, ...[...files].slice(1, 2)];
    const again = { size: items.length, [Symbol.iterator]: () => items[Symbol.iterator]() };
    Object.assign(fake.repo.commits.get('dv.commit.1') ?? {}, { files: again });
    const error = await rejectionOf(fetch());
    assert.instance(error, CheckoutError);
    assert.match(error.message, /The tree holds "m\/0" twice/);
  }),
);

/** More folders than are remembered, and more that go than are asked for at once. */
const wide = (round: number): Files =>
  Object.fromEntries(
    Array.from({ length: 1300 }, (_, at): [string, string] => [
      `d${at}/e/f`,
      at % 100 === 0 ? `of round ${round}` : `of no. ${at}`,
    ]),
  );

pages('fetches what has changed on any page, and removes what is gone from any', () =>
  onGround({ files: wide(1), perPage: 500 }, async ({ fetch, fake, scene }) => {
    await fetch(kept);
    const before = fake.exchanges.length;
    const left = Object.entries(wide(2)).filter((_, at) => at % 2 === 0);
    const goal = { ...Object.fromEntries(left), 'd1/e': 'a file now', 'd2/e/g': 'new' };
    fake.repo.commit(goal);
    assert.equal(await fetch(kept), goal);
    const asked = fake.exchanges.slice(before).filter((each) => each === 'storage');
    assert.is(asked.length, 13 + 2);
    assert.not(existsSync(join(scene.cwd, 'src/d3')));
  }),
);

pages('goes on where a failure on a later page has ended it', () =>
  onGround({ files: wide(1), perPage: 500 }, async ({ fetch, fake }) => {
    const commit = fake.repo.commits.get('dv.commit.1');
    const all = commit?.files ?? new Map();
    const odd = { body: 'x', said: { sha: 'f'.repeat(40) } };
    Object.assign(commit ?? {}, { files: new Map([...all, ['odd', odd]]) });
    await rejectionOf(fetch(kept));
    const before = fake.exchanges.length;
    Object.assign(commit ?? {}, { files: all });
    assert.equal(await fetch(kept), wide(1));
    assert.not(fake.exchanges.slice(before).includes('storage'));
  }),
);

pages.run();
