import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openManifest } from '../../../src/checkout/diversion/manifest.ts';
import { CheckoutError } from '../../../src/errors.ts';
import { inFolder } from './ground.ts';

const remembering = suite('diversion: what is remembered');

remembering(
  'takes names that are one to the disk for one, and no new case for a file that is gone',
  () =>
    inFolder(async (folder) => {
      const open = () => openManifest(join(folder, 'manifest'), 'src', () => true);
      const first = open();
      first.claim('Read/Me', false);
      first.close();
      const second = open();
      second.claim('read/ME', false);
      assert.throws(
        () => second.claim('READ/me', false),
        (error: unknown) =>
          error instanceof CheckoutError &&
          /"READ\/me" twice, for this file system/.test(error.message),
      );
      assert.ok(second.isFile('Read/Me'));
      assert.ok(second.hasBelow('READ'));
      assert.equal([...second.takeGone()], []);
      second.close();
    }),
);

remembering('tells names that differ in case apart where the disk does', () =>
  inFolder(async (folder) => {
    const manifest = openManifest(join(folder, 'manifest'), 'src', () => false);
    manifest.claim('a', false);
    manifest.claim('A', false);
    manifest.close();
  }),
);

remembering.run();
