import { mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveError } from '../../../../src/targets/convox/archive/archive-error.ts';
import { createSpool } from '../../../../src/targets/convox/archive/spool.ts';
import { read } from '../../../support/archive/readers.ts';
import { withFolder } from '../../../support/archive/tree.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const spooling = suite('archive: spool');
const megabyte = (sign: string): Buffer => Buffer.alloc(1024 * 1024, sign);

/** Files of ours that are open, by what the kernel says of them. */
const openFiles = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = `/proc/self/fd/${fd}`;
      return readlinkSync(path).startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });

spooling('keeps little in memory, and needs no folder for it', async () => {
  const spool = await createSpool([]);
  const piece = Buffer.from('abc');
  await spool.write([piece, Buffer.from('def')]);
  // Whoever wrote it uses the memory again.
  piece.fill('x');
  assert.is(spool.bytes, 6);
  assert.is(String(await read(spool.open())), 'abcdef');
  assert.is(String(await read(spool.open())), 'abcdef');
  await spool.remove();
});

spooling('keeps much in a file without a name that nobody else may read', () =>
  withFolder(async (folder) => {
    const spool = await createSpool(['/nowhere', folder]);
    for (const sign of 'abcdef') await spool.write([megabyte(sign)]);
    assert.equal(readdirSync(folder), []);
    const [file = '', ...others] = openFiles(folder);
    assert.equal(others, []);
    assert.is(statSync(file).mode & 0o777, 0o600);
    const expected = Buffer.concat([...'abcdef'].map(megabyte));
    assert.ok((await read(spool.open())).equals(expected));
    const [one, other] = [spool.open(), spool.open()];
    for await (const _ of one) break;
    assert.ok((await read(other)).equals(expected));
    await spool.remove();
    assert.equal(openFiles(folder), []);
  }),
);

spooling('fails the reader that it is removed under', () =>
  withFolder(async (folder) => {
    const spool = await createSpool([folder]);
    for (const sign of 'abcdef') await spool.write([megabyte(sign)]);
    const reading = spool.open()[Symbol.asyncIterator]();
    await reading.next();
    await spool.remove();
    const error = await rejectionOf(reading.next());
    assert.match(error.message, 'file closed');
  }),
);

spooling('says that the disk is full', async () => {
  const full = async () => ({ file: await open('/dev/full', 'r+'), folder: '/scratch' });
  const spool = await createSpool(['/scratch'], full);
  await spool.write([megabyte('a'), megabyte('b')]);
  const error = await rejectionOf(spool.write([megabyte('c'), megabyte('d'), megabyte('e')]));
  assert.instance(error, ArchiveError);
  assert.is(
    error.message,
    '/scratch has no room for more than 0 MB of the archive (ENOSPC): give it more, or leave more out in .dockerignore',
  );
  await spool.remove();
});

spooling('says of each folder why it cannot be used', () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, 'there'));
    const spool = await createSpool([join(folder, 'gone'), '/proc']);
    const error = await rejectionOf(spool.write(Array.from({ length: 5 }, () => megabyte('a'))));
    assert.instance(error, ArchiveError);
    assert.is(
      error.message,
      `the archive needs a folder for a temporary file, and none takes it: ${folder}/gone (ENOENT), /proc (ENOENT)`,
    );
    await spool.remove();
  }),
);

spooling.run();
