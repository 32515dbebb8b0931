import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckoutError } from '../../../src/errors.ts';
import type { Files } from '../../support/diversion/world.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const hostile = suite('diversion: hostile trees');

const names: Readonly<Record<string, RegExp>> = {
  '../evil': /leads out of the tree/,
  'a/../../evil': /leads out of the tree/,
  '/etc/evil': /an absolute path/,
  'a//b': /not plain/,
  './a': /not plain/,
  'a/.': /not plain/,
  'a\0b': /a NUL in it/,
  '.git/hooks/post-checkout': /only a clone has/,
  'sub/.GIT/config': /only a clone has/,
  'a/': /not plain/,
  'a\ud800b': /not UTF-8/,
};
for (const [name, says] of Object.entries(names)) {
  for (const kind of ['file', 'link', 'folder'] as const) {
    if (kind === 'folder' && name === 'a/') continue;
    hostile(`refuses a ${kind} of the name ${JSON.stringify(name)}`, () =>
      onGround(
        { files: { [name]: { kind, body: 'x', by: 'api' } } },
        async ({ fetch, scene, said }) => {
          const error = await rejectionOf(fetch());
          assert.instance(error, CheckoutError);
          assert.match(error.message, says);
          assert.not.match(error.message + said(), /[\0\u001b]/);
          assert.equal(scene.left(), []);
        },
      ),
    );
  }
}

const doubles: Readonly<Record<string, Files>> = {
  'a file that is a folder too': { a: 'file', 'a/b': 'below' },
  'a folder that is a file too': { 'a/b': 'below', a: 'file' },
  'a link that is a folder too': { 'a/b': 'below', a: { kind: 'link', body: '/etc' } },
};
for (const [what, files] of Object.entries(doubles)) {
  hostile(`refuses ${what}`, () =>
    onGround({ files }, async ({ fetch, scene }) => {
      const error = await rejectionOf(fetch());
      assert.instance(error, CheckoutError);
      assert.match(error.message, /"a".* twice/);
      assert.equal(scene.left(), []);
    }),
  );
}

const links: Readonly<Record<string, readonly [Files, readonly string[]]>> = {
  'out of the tree': [{ out: { kind: 'link', body: '../../etc' } }, []],
  'to an absolute place': [{ out: { kind: 'link', body: '/etc/passwd' } }, []],
  'out of it by another link': [
    { 'd/up': { kind: 'link', body: '..' }, 'd/out': { kind: 'link', body: 'up/../..' } },
    ['d/up'],
  ],
  'to itself': [{ self: { kind: 'link', body: 'self' } }, []],
};
for (const [what, [files, kept]] of Object.entries(links)) {
  hostile(`leaves out a link that leads ${what}, and says so`, () =>
    onGround({ files: { 'a.txt': 'a', ...files } }, async ({ fetch, said }) => {
      assert.equal(Object.keys(await fetch()).sort(), ['a.txt', ...kept].sort());
      assert.match(said(), /1 link is left out, for leading out of the tree, or nowhere/);
    }),
  );
}

for (const [what, target] of Object.entries({
  'a name with a NUL': 'a\0b',
  'a name without end': 'x'.repeat(5000),
})) {
  hostile(`refuses a link to ${what}`, () =>
    onGround({ files: { link: { kind: 'link', body: target } } }, async ({ fetch }) => {
      assert.match((await rejectionOf(fetch())).message, /a link "link" that leads nowhere/);
    }),
  );
}

hostile('writes nothing through what a build has put into the folder', () =>
  onGround({ files: { 'a/b': '1', 'c/d': '1' } }, async ({ fetch, scene, fake }) => {
    const kept = { diversion_path: 'src' };
    await fetch(kept);
    const outside = join(scene.cwd, 'outside');
    mkdirSync(outside);
    for (const name of ['b', 'd']) writeFileSync(join(outside, name), 'theirs');
    const { rmSync } = await import('node:fs');
    for (const name of ['a', 'c']) {
      rmSync(join(scene.cwd, 'src', name), { recursive: true });
      symlinkSync(outside, join(scene.cwd, 'src', name));
    }
    // `a/b` is to be written anew, and `c/d` to be removed.
    fake.repo.commit({ 'a/b': '2' });
    const tree = await fetch(kept);
    assert.is(tree['a/b'], '2');
    for (const name of ['b', 'd']) {
      assert.is(readFileSync(join(outside, name), 'utf8'), 'theirs', name);
    }
  }),
);

hostile('keeps no file that has a second name elsewhere', () =>
  onGround({ files: { a: 'same' } }, async ({ fetch, scene }) => {
    const { linkSync, statSync, rmSync } = await import('node:fs');
    await fetch({ diversion_path: 'src' });
    const [here, elsewhere] = [join(scene.cwd, 'src/a'), join(scene.cwd, 'second')];
    linkSync(here, elsewhere);
    await fetch({ diversion_path: 'src' });
    assert.is(statSync(here).nlink, 1);
    rmSync(elsewhere);
  }),
);

hostile.run();
