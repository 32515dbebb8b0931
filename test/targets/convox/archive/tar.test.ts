import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveError } from '../../../../src/targets/convox/archive/archive-error.ts';
import { createGzip } from '../../../../src/targets/convox/archive/gzip.ts';
import { endOf, packFile, packFolder } from '../../../../src/targets/convox/archive/tar.ts';
import { readStrictly } from '../../../support/archive/readers.ts';
import { plant, withFolder } from '../../../support/archive/tree.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const taking = suite('archive: files');
const neverStopped = new AbortController().signal;

/** Packs one file; `meddle` has its way once the header, with the size in it, is out. */
async function take(path: string, meddle: () => void) {
  const packed: Buffer[] = [];
  const gzip = createGzip(async (pieces) => {
    packed.push(...pieces.map((piece) => Buffer.from(piece)));
  });
  let isMeddled = false;
  const put = async (bytes: Uint8Array): Promise<void> => {
    await gzip.put(bytes);
    if (!isMeddled) meddle();
    isMeddled = true;
  };
  try {
    const found = { name: 'file', path, isFolder: false };
    await packFile({ ...gzip, put }, found, neverStopped);
    await gzip.put(endOf());
    await gzip.end();
  } finally {
    await gzip.close();
  }
  return readStrictly(Buffer.concat(packed));
}

const cure =
  'while the tree was packed: deploy when nothing writes to it, or name it in .dockerignore';
const meddlers: [string, (path: string) => void, string][] = [
  ['shrinks', (path) => truncateSync(path, 1000), `"file" shrank ${cure}`],
  ['is emptied', (path) => truncateSync(path, 0), `"file" shrank ${cure}`],
  ['grows', (path) => appendFileSync(path, 'more'), `"file" changed ${cure}`],
  ['is written anew', (path) => writeFileSync(path, 'b'.repeat(700_000)), `"file" changed ${cure}`],
];
for (const [what, meddle, message] of meddlers) {
  taking(`refuses a file that ${what} while it is read`, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      writeFileSync(path, 'a'.repeat(700_000));
      // Two writes in one tick of the kernel's clock have one time.
      utimesSync(path, 1, 1);
      const error = await rejectionOf(take(path, () => meddle(path)));
      assert.instance(error, ArchiveError);
      assert.is(error.message, message);
    }),
  );
}

taking('reads to its end a file that is removed or replaced meanwhile', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    for (const meddle of [() => unlinkSync(path), () => renameSync(`${path}2`, path)]) {
      plant(folder, { file: 'a'.repeat(700_000), file2: 'b' });
      const entries = await take(path, meddle);
      assert.equal(
        entries.map(({ size }) => size),
        [700_000],
      );
    }
  }),
);

const replacements: [string, (path: string) => void, RegExp][] = [
  ['vanished', () => {}, /^"file" vanished while the tree was packed: deploy when/],
  ['became a folder', (path) => mkdirSync(path), /^"file" was replaced while/],
  ['became a pipe', (path) => void spawnSync('mkfifo', [path]), /^"file" was replaced while/],
  ['became a link', (path) => symlinkSync('/etc/hosts', path), /^"file" cannot be read \(ELOOP\)/],
];
for (const [what, replace, message] of replacements) {
  taking(`refuses a file that ${what} before it was opened`, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      replace(path);
      const error = await rejectionOf(take(path, () => {}));
      assert.instance(error, ArchiveError);
      assert.match(error.message, message);
    }),
  );
}

taking('refuses a folder that vanished', () =>
  withFolder(async (folder) => {
    const gzip = createGzip(async () => {});
    const found = { name: 'gone\n', path: join(folder, 'gone'), isFolder: true };
    const error = await rejectionOf(Promise.resolve().then(() => packFolder(gzip, found)));
    await gzip.close();
    assert.match(error.message, /^"gone\\n" vanished while/);
  }),
);

taking('leaves no file open, whatever happens', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    const before = readdirSync('/proc/self/fd').length;
    for (let time = 0; time < 5; time += 1) {
      writeFileSync(path, 'a'.repeat(700_000));
      await rejectionOf(take(path, () => truncateSync(path, 0)));
    }
    assert.is(readdirSync('/proc/self/fd').length, before);
  }),
);

// Root reads everything; a root without that capability does not.
const asOwner =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', process.execPath]
    : [process.execPath];
const program = join(import.meta.dirname, 'pack.ts');
const packAsOwner = (root: string) => {
  const [file = '', ...args] = asOwner;
  return spawnSync(file, [...args, program, root], { encoding: 'utf8' });
};

for (const name of ['file\x1b[31m', 'folder/']) {
  taking(`names what cannot be read: ${JSON.stringify(name)}`, () =>
    withFolder((folder) => {
      plant(folder, { [name]: 'secret', other: '' });
      chmodSync(join(folder, name), 0);
      const { stdout, stderr } = packAsOwner(folder);
      chmodSync(join(folder, name), 0o700);
      const shown = JSON.stringify(name.replace(/\/$/, ''));
      const cure = 'change that, or name it in .dockerignore';
      assert.is(stdout, `ArchiveError: ${shown} cannot be read (EACCES): ${cure}\n`, stderr);
      writeFileSync(join(folder, '.dockerignore'), 'f*');
      const fine = packAsOwner(folder);
      rmSync(join(folder, '.dockerignore'));
      assert.is(fine.stdout, '2 files\n');
    }),
  );
}

taking.run();
