import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckoutError } from '../../../src/errors.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const files = { a: 'a' };

const home = suite('diversion: where a folder that lasts may be');

const odd: Readonly<Record<string, RegExp>> = {
  [`${'x'.repeat(256)}`]: /DIVERSION_PATH is .*, whose name is too long/,
  [`${'x'.repeat(250)}`]: /too long for this file system/,
  'README.md/x': /DIVERSION_PATH is .*README\.md\/x, which is a file, or below one/,
  '/proc/self/x': /DIVERSION_PATH is \/proc\/self\/x, which cannot be made \(ENOENT\)/,
  '/proc/self/x/y': /which cannot be made \(ENOENT\)/,
};
for (const [path, says] of Object.entries(odd)) {
  home(`says what is wrong with ${path.slice(0, 20)} (${path.length} letters)`, () =>
    onGround({ files }, async ({ fetch }) => {
      const error = await rejectionOf(fetch({ diversion_path: path }));
      assert.instance(error, CheckoutError);
      assert.match(error.message, says);
    }),
  );
}

home('makes the folders that are on the way', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    assert.equal(await fetch({ diversion_path: 'of/ours/src' }), files);
    assert.ok(existsSync(join(scene.cwd, 'of/ours/.src.slipway')));
  }),
);

home('removes nothing through a link that stands where its own folder should', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    const theirs = join(scene.cwd, 'theirs/parts');
    mkdirSync(theirs, { recursive: true });
    writeFileSync(join(theirs, 'precious'), 'mine');
    symlinkSync('theirs', join(scene.cwd, '.src.slipway'));
    const error = await rejectionOf(fetch({ diversion_path: 'src' }));
    assert.instance(error, CheckoutError);
    assert.match(error.message, /beside it is .*\.src\.slipway, .* remove it/);
    assert.ok(existsSync(join(theirs, 'precious')));
  }),
);

home('writes nothing into the workspace that a link leads to', () =>
  onGround({ files }, async ({ fetch, scene }) => {
    symlinkSync('.', join(scene.cwd, 'src'));
    mkdirSync(join(scene.cwd, '../.workspace.slipway'));
    const error = await rejectionOf(fetch({ diversion_path: 'src' }));
    assert.instance(error, CheckoutError);
    assert.match(error.message, /which leads to .*workspace: must be a folder of its own/);
    assert.equal(readdirSync(scene.cwd).sort(), ['README.md', 'src']);
  }),
);

home.run();
