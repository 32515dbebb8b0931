import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Archive,
  ArchiveError,
  type ArchiveOptions,
  packTree,
} from '../../../../src/targets/convox/archive/archive.ts';
import {
  listByTar,
  type Read,
  read,
  readByGo,
  readStrictly,
  testByGzip,
} from '../../../support/archive/readers.ts';
import { plant, raw, withFolder } from '../../../support/archive/tree.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const archiving = suite('archive');

type Packed = {
  readonly archive: Archive;
  readonly bytes: Buffer;
  readonly entries: readonly Read[];
  readonly names: readonly string[];
  readonly warnings: readonly string[];
};

/** Packs, and reads the result with everything that reads archives here. */
async function pack(root: string, extra: Partial<ArchiveOptions> = {}): Promise<Packed> {
  const warnings: string[] = [];
  const archive = await packTree({
    ...{ root, scratch: ['/nowhere', '/tmp'], signal: new AbortController().signal },
    warn: (text) => void warnings.push(text),
    ...extra,
  });
  const bytes = await read(archive.open());
  await archive.remove();
  assert.is(bytes.length, archive.bytes);
  const entries = readStrictly(bytes);
  testByGzip(bytes);
  if (entries.length > 0) assert.is(listByTar(['-z'], bytes).length, entries.length);
  assert.equal(readByGo(bytes) ?? entries, entries);
  return { archive, bytes, entries, names: entries.map(({ name }) => name), warnings };
}

/** What stays larger than memory is used for. */
const noise = (bytes: number): Uint8Array => randomBytes(bytes);

const sumOf = (content: string): string => createHash('sha256').update(content).digest('hex');

archiving('holds folders, files, modes and bytes, and nothing of the host', () =>
  withFolder(async (root) => {
    plant(root, { 'bin/run': '#!/bin/sh\n', 'a.txt': 'a', a: '', 'empty/': '' });
    chmodSync(join(root, 'bin/run'), 0o4755);
    chmodSync(join(root, 'bin'), 0o750);
    chmodSync(join(root, 'a.txt'), 0o600);
    chmodSync(join(root, 'a'), 0o644);
    chmodSync(join(root, 'empty'), 0o755);
    const { entries, archive, warnings } = await pack(root);
    const all = { seconds: 499162500, owner: '0 0  ' };
    assert.equal(entries, [
      { name: 'a', kind: '0', mode: 0o644, size: 0, sum: sumOf(''), ...all },
      { name: 'a.txt', kind: '0', mode: 0o600, size: 1, sum: sumOf('a'), ...all },
      { name: 'bin/', kind: '5', mode: 0o750, size: 0, sum: sumOf(''), ...all },
      { name: 'bin/run', kind: '0', mode: 0o4755, size: 10, sum: sumOf('#!/bin/sh\n'), ...all },
      { name: 'empty/', kind: '5', mode: 0o755, size: 0, sum: sumOf(''), ...all },
    ]);
    assert.equal([archive.files, archive.sourceBytes], [3, 11]);
    assert.equal(warnings, []);
  }),
);

archiving('is the same bytes for the same tree', () =>
  withFolder(async (folder) => {
    const one = join(folder, 'one');
    const other = join(folder, 'other');
    plant(one, { 'a/x': 'x', 'b/y': 'y'.repeat(700_000), z: 'z' });
    plant(other, { z: 'z', 'b/y': 'y'.repeat(700_000), 'a/x': 'x' });
    utimesSync(join(one, 'z'), 1, 1);
    assert.equal((await pack(one)).bytes, (await pack(other)).bytes);
  }),
);

archiving('keeps hostile names to the byte', () =>
  withFolder(async (root) => {
    const names = [
      ...['new\nline', 'tab\there', 'quote"\'', 'back\\slash', '-rf', ' ', 'latin\xe9', '\xff\xfe'],
      ...[Buffer.from('日本語-é').toString('latin1'), 'x'.repeat(100), 'y'.repeat(101), '\x01\x7f'],
      `${Buffer.from('é'.repeat(60)).toString('latin1')}`,
      `\xff${'z'.repeat(150)}`,
    ];
    for (const name of names) writeFileSync(raw(root, name), name, 'latin1');
    const deep = [...'abcd'].map((letter) => letter.repeat(75)).join('/');
    plant(root, { [`${deep}/file`]: 'deep' });
    assert.is(`${deep}/file`.length, 308);
    const packed = await pack(root);
    const files = packed.entries.filter(({ kind }) => kind === '0').map(({ name }) => name);
    assert.equal(files, [...names, `${deep}/file`].sort());
    assert.ok(packed.names.includes(`${deep}/`));
  }),
);

archiving('keeps a name that only its slash makes too long for a header', () =>
  withFolder(async (root) => {
    const name = 'f'.repeat(100);
    plant(root, { [`${name}/`]: '', 'g/x': '' });
    assert.equal((await pack(root)).names, [`${name}/`, 'g/', 'g/x']);
  }),
);

archiving('makes copies of hard links', () =>
  withFolder(async (root) => {
    plant(root, { 'a/one': 'same', 'b/': '' });
    linkSync(join(root, 'a/one'), join(root, 'b/two'));
    const { entries } = await pack(root);
    const copies = entries.filter(({ kind }) => kind === '0');
    assert.equal(
      copies.map(({ name, sum }) => [name, sum]),
      [
        ['a/one', sumOf('same')],
        ['b/two', sumOf('same')],
      ],
    );
  }),
);

archiving('puts copies in the place of symbolic links inside the tree', () =>
  withFolder(async (root) => {
    plant(root, { 'lib/a.js': 'a', 'lib/deep/b.js': 'b', 'app/': '' });
    symlinkSync('../lib', join(root, 'app/lib'));
    symlinkSync(join(root, 'lib/a.js'), join(root, 'app/absolute.js'));
    symlinkSync('app/lib/deep', join(root, 'through'));
    const { names, warnings, entries } = await pack(root);
    assert.equal(names, [
      ...['app/', 'app/absolute.js', 'app/lib/', 'app/lib/a.js', 'app/lib/deep/'],
      ...['app/lib/deep/b.js', 'lib/', 'lib/a.js', 'lib/deep/', 'lib/deep/b.js'],
      ...['through/', 'through/b.js'],
    ]);
    assert.ok(entries.every(({ kind }) => '05'.includes(kind)));
    assert.equal(warnings, []);
  }),
);

archiving('leaves out the symbolic links that nothing can stand in for, and says so', () =>
  withFolder(async (folder) => {
    const root = join(folder, 'tree');
    plant(root, { '.dockerignore': '.env\nprivate\n', '.env': 'secret', 'private/key': 'secret' });
    plant(root, { 'a/x': 'x', 'b/y': 'y' });
    plant(folder, { 'tree-beside': 'not of the tree' });
    symlinkSync('../tree-beside', join(root, 'beside'));
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('gone', join(root, 'dangling'));
    symlinkSync('itself', join(root, 'itself'));
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync('../b', join(root, 'a/b'));
    symlinkSync('../a', join(root, 'b/a'));
    symlinkSync('.env', join(root, 'env'));
    symlinkSync('private/key', join(root, 'key'));
    const { names, warnings } = await pack(root);
    assert.equal(names, [
      ...['.dockerignore', 'a/', 'a/b/', 'a/b/y', 'a/x'],
      ...['b/', 'b/a/', 'b/a/x', 'b/y'],
    ]);
    const [inside, outside, nowhere, hidden, ...others] = warnings;
    const start = 'The archive leaves out symbolic links';
    assert.is(inside, `${start} to a folder that they are in: "a/b/a", "a/up", "b/a/b", "b/a/up"`);
    assert.is(outside, `${start} that lead out of the tree: "beside", "etc"`);
    assert.is(nowhere, `${start} that lead nowhere: "dangling", "itself"`);
    assert.is(hidden, `${start} to what .dockerignore leaves out: "env", "key"`);
    assert.equal(others, []);
  }),
);

archiving('brings nothing in by a link that .dockerignore keeps out by its own name', () =>
  withFolder(async (root) => {
    plant(root, { '.dockerignore': 'conf/secret\nlink/b', 'conf/secret': 's', 'conf/a': 'a' });
    plant(root, { 'conf/b': 'b' });
    symlinkSync('conf', join(root, 'link'));
    const { names } = await pack(root);
    assert.equal(names, ['.dockerignore', 'conf/', 'conf/a', 'conf/b', 'link/', 'link/a']);
  }),
);

archiving('goes into the folder that its own name is a link to', () =>
  withFolder(async (folder) => {
    plant(folder, { 'real/x': 'x' });
    symlinkSync('real', join(folder, 'link'));
    assert.equal((await pack(join(folder, 'link'))).names, ['x']);
  }),
);

archiving('skips sockets and named pipes with a warning', () =>
  withFolder(async (root) => {
    plant(root, { x: 'x' });
    spawnSync('mkfifo', [join(root, 'pipe')]);
    symlinkSync('pipe', join(root, 'to-pipe'));
    const server = createServer().listen(join(root, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    const { names, warnings } = await pack(root);
    server.close();
    assert.equal(names, ['x']);
    assert.equal(warnings, [
      'The archive leaves out named pipes: "pipe"',
      'The archive leaves out sockets: "socket"',
      'The archive leaves out symbolic links to named pipes: "to-pipe"',
    ]);
  }),
);

archiving('names five of many that are left out, and counts the rest', () =>
  withFolder(async (root) => {
    for (let index = 0; index < 12; index += 1) symlinkSync('gone', join(root, `l${index}\n`));
    const { warnings } = await pack(root);
    const names = '"l0\\n", "l1\\n", "l10\\n", "l11\\n", "l2\\n", and 7 more';
    assert.equal(warnings, [`The archive leaves out symbolic links that lead nowhere: ${names}`]);
  }),
);

archiving('is larger than memory is used for, and read as often as one likes', () =>
  withFolder(async (root) => {
    plant(root, { noise: noise(9_000_000), text: 'text '.repeat(500_000) });
    const scratch = join(root, '../');
    const archive = await packTree({
      ...{ root, scratch: [scratch], signal: new AbortController().signal },
      warn: assert.unreachable,
    });
    const [one, other] = await Promise.all([read(archive.open()), read(archive.open())]);
    assert.ok(archive.bytes > 4e6, String(archive.bytes));
    assert.equal(one, other);
    assert.equal(
      readStrictly(one).map(({ size }) => size),
      [9_000_000, 2_500_000],
    );
    await archive.remove();
    assert.throws(() => archive.open(), /after its removal/);
  }),
);

archiving('passes a sparse file through', () =>
  withFolder(async (root) => {
    plant(root, { 'disk.img': '' });
    truncateSync(join(root, 'disk.img'), 50_000_000);
    const { entries, archive } = await pack(root);
    assert.is(entries[0]?.size, 50_000_000);
    assert.ok(archive.bytes < 500_000);
  }),
);

archiving('is empty for an empty tree', () =>
  withFolder(async (root) => {
    const { archive, entries } = await pack(root);
    assert.equal([archive.files, archive.sourceBytes, entries], [0, 0, []]);
  }),
);

archiving('says what is wrong with the folder itself', () =>
  withFolder(async (root) => {
    plant(root, { file: '' });
    const missing = await rejectionOf(pack(join(root, 'missing')));
    assert.instance(missing, ArchiveError);
    assert.match(missing.message, /missing" cannot be packed \(ENOENT\)$/);
    const file = await rejectionOf(pack(join(root, 'file')));
    assert.match(file.message, /file" cannot be packed: it is not a folder$/);
  }),
);

archiving('ends at once when it is cancelled, and leaves nothing behind', () =>
  withFolder(async (folder) => {
    const root = join(folder, 'tree');
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    plant(root, Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, `${i}`])));
    plant(root, { a: noise(9_000_000), z: '' });
    truncateSync(join(root, 'z'), 2 ** 40);
    const open = readdirSync('/proc/self/fd').length;
    const controller = new AbortController();
    const stop = { kind: 'request', reason: 'enough' };
    let told = 0;
    const packing = packTree({
      ...{ root, scratch: [scratch], signal: controller.signal, warn: assert.unreachable },
      progress: (files) => {
        told = files;
        // By then it is in the endless file.
        if (files > 4900) setTimeout(() => controller.abort(stop), 50);
      },
    });
    const reason = await packing.catch((error: unknown) => error);
    assert.is(reason, stop);
    assert.ok(told > 4900);
    assert.equal(readdirSync(scratch), []);
    assert.is(readdirSync('/proc/self/fd').length, open);
    const again = packTree({
      ...{ root, scratch: [scratch], signal: controller.signal, warn: assert.unreachable },
    });
    assert.is(await again.catch((error: unknown) => error), stop);
  }),
);

archiving('does not come across its own temporary file', () =>
  withFolder(async (root) => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}/noise`);
    plant(root, Object.fromEntries(names.map((name) => [name, noise(500_000)])));
    const { entries } = await pack(root, { scratch: [join(root, '9')] });
    const files = entries.filter(({ kind }) => kind === '0').map(({ name }) => name);
    assert.equal(files, names.sort());
  }),
);

archiving('lets the process breathe where there is nothing to pack', () =>
  withFolder(async (root) => {
    plant(root, { '.dockerignore': '**/x' });
    plant(root, Object.fromEntries(Array.from({ length: 640 }, (_, i) => [`${i}/x`, ''])));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const seen: number[] = [];
    const archive = await packTree({
      ...{ root, scratch: [], signal: new AbortController().signal, warn: assert.unreachable },
      progress: () => void seen.push(turns),
    });
    clearImmediate(next);
    assert.is(archive.files, 1);
    // Each time it is told how far it is, others had their turn since.
    assert.ok(seen.length >= 10, String(seen));
    assert.is(new Set(seen).size, seen.length, String(seen));
  }),
);

archiving('needs a folder for what does not fit into memory', () =>
  withFolder(async (root) => {
    plant(root, { noise: noise(9_000_000) });
    const error = await rejectionOf(pack(root, { scratch: ['/nowhere', join(root, 'noise')] }));
    assert.instance(error, ArchiveError);
    const none = /^the archive needs a folder for a temporary file, and none takes it: /;
    assert.match(error.message, none);
    assert.match(error.message, /\/nowhere \(ENOENT\), .*noise \(ENOTDIR\)$/);
  }),
);

archiving.run();
