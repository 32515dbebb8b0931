import {
  chmodSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckoutError } from '../../../src/errors.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const kept = { diversion_path: 'src' };
const files = { 'a.txt': 'one', 'b/c.txt': 'two', 'b/d/e.txt': 'three' };

const keeping = suite('diversion: a folder that lasts');

keeping('fetches what has changed, removes what is gone, and leaves what is not ours', () =>
  onGround(
    { files: { ...files, gone: 'x', 'old/deep/f': 'y', l: { kind: 'link', body: 'gone' } } },
    async (g) => {
      const { fetch, fake, scene, said } = g;
      await fetch(kept);
      writeFileSync(join(scene.cwd, 'src/built.o'), 'a build');
      fake.repo.commit({ ...files, 'a.txt': 'ONE', 'new.txt': 'four' });
      const before = fake.exchanges.length;
      assert.equal(await fetch(kept), {
        ...{ ...files, 'a.txt': 'ONE', 'new.txt': 'four' },
        'built.o': 'a build',
      });
      const asked = fake.exchanges.slice(before).filter((each) => each === 'storage');
      assert.is(asked.length, 2);
      assert.match(said(), /the tree has 4 files \(1 KiB\), 2 of them fetched/);
      assert.not(existsSync(join(scene.cwd, 'src/old')));
    },
  ),
);

keeping('fetches nothing where nothing has changed', () =>
  onGround({ files }, async ({ fetch, fake }) => {
    await fetch(kept);
    const before = fake.exchanges.length;
    assert.equal(await fetch(kept), files);
    assert.not(fake.exchanges.slice(before).includes('storage'));
  }),
);

keeping('mends what somebody has changed, however well it is hidden', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    await fetch(kept);
    const at = (name: string): string => join(scene.cwd, 'src', name);
    const time = new Date(1_700_000_000_000);
    writeFileSync(at('a.txt'), 'ONE');
    utimesSync(at('a.txt'), time, time);
    chmodSync(at('b/c.txt'), 0o777);
    rmSync(at('b/d'), { recursive: true });
    assert.equal(await fetch(kept), files);
  }),
);

keeping('takes a file that is there already for what it is, whoever put it there', () =>
  onGround({ files }, async ({ fetch, scene, fake }) => {
    await fetch(kept);
    rmSync(join(scene.cwd, '.src.slipway/manifest'));
    const before = fake.exchanges.length;
    assert.equal(await fetch(kept), files);
    assert.not(fake.exchanges.slice(before).includes('storage'));
  }),
);

keeping('removes nothing outside of the tree, whatever stands in what it remembers', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    await fetch(kept);
    const { DatabaseSync } = await import('node:sqlite');
    const manifest = new DatabaseSync(join(scene.cwd, '.src.slipway/manifest'));
    for (const path of ['../README.md', 'b/../../README.md', join(scene.cwd, 'README.md')])
      manifest.prepare('INSERT INTO items VALUES (?, 0, 0)').run(path);
    manifest.close();
    assert.equal(await fetch(kept), files);
    assert.ok(existsSync(join(scene.cwd, 'README.md')));
  }),
);

keeping('takes no link to somewhere else for its own folder', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    const { symlinkSync } = await import('node:fs');
    mkdirSync(join(scene.cwd, 'theirs'));
    writeFileSync(join(scene.cwd, 'theirs/file'), 'theirs');
    mkdirSync(join(scene.cwd, '.src.slipway'));
    symlinkSync('theirs', join(scene.cwd, 'src'));
    assert.match((await rejectionOf(fetch(kept))).message, /holds files that Slipway has not put/);
  }),
);

keeping('makes a folder of a file, a file of a folder, and links of both', () =>
  onGround({ files: { a: 'file', 'b/x': 'below', 'c/y': 'below', d: 'file' } }, async (ground) => {
    const { fetch, fake, scene } = ground;
    await fetch(kept);
    writeFileSync(join(scene.cwd, 'src/b/built.o'), 'in the way');
    fake.repo.commit({
      ...{ 'a/x': 'below', b: 'file' },
      c: { kind: 'link', body: 'a' },
      d: { kind: 'link', body: 'b' },
    });
    assert.equal(await fetch(kept), { 'a/x': 'below', b: 'file', c: '-> a', d: '-> b' });
    fake.repo.commit({ a: 'file', 'b/x': 'below', 'c/y': 'below', d: 'file' });
    assert.equal(await fetch(kept), { a: 'file', 'b/x': 'below', 'c/y': 'below', d: 'file' });
  }),
);

keeping('turns a program into a file and back', () =>
  onGround({ files: { run: { kind: 'program', body: '#!' } } }, async ({ fetch, fake }) => {
    assert.equal(await fetch(kept), { run: 'x #!' });
    fake.repo.commit({ run: '#!' });
    assert.equal(await fetch(kept), { run: '#!' });
    fake.repo.commit({ run: { kind: 'program', body: '#!' } });
    assert.equal(await fetch(kept), { run: 'x #!' });
  }),
);

keeping('leaves no file that runs as its owner', () =>
  onGround({ files: { run: { kind: 'program', body: '#!' } } }, async ({ fetch, scene }) => {
    await fetch(kept);
    const path = join(scene.cwd, 'src/run');
    chmodSync(path, 0o4755);
    await fetch(kept);
    assert.is(statSync(path).mode & 0o7777, 0o755);
  }),
);

keeping('refuses a folder that holds what it has not put there, and a file', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    mkdirSync(join(scene.cwd, 'src'));
    writeFileSync(join(scene.cwd, 'src/mine'), 'mine');
    const refused = await rejectionOf(fetch(kept));
    assert.instance(refused, CheckoutError);
    assert.match(
      refused.message,
      /DIVERSION_PATH is .*src, which holds files that Slipway has not put/,
    );
    const file = await rejectionOf(fetch({ diversion_path: 'README.md' }));
    assert.match(file.message, /DIVERSION_PATH is .*README\.md, which is a file/);
  }),
);

keeping('lets two runs not into one folder, from the first byte to the end of the deploy', () =>
  onGround({ files }, async ({ open, scene }) => {
    const [first, second] = [open(kept), open(kept)];
    await first.fetch(order, scene.fetching);
    const refused = await rejectionOf(second.fetch(order, scene.fetching));
    assert.instance(refused, CheckoutError);
    assert.match(refused.message, /src is being used by another run/);
    await first.release();
    await second.release();
    const third = open(kept);
    await third.fetch(order, scene.fetching);
    await third.release();
  }),
);

keeping('leaves no half file of an earlier run', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    await fetch(kept);
    writeFileSync(join(scene.cwd, '.src.slipway/parts/7'), 'half');
    await fetch(kept);
    assert.not(existsSync(join(scene.cwd, '.src.slipway/parts/7')));
  }),
);

keeping.run();
