import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Unpacked, type Unpacking, unpack } from '../../../src/checkout/archive/unpack.ts';
import { CheckoutError, RemoteError } from '../../../src/errors.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { archiveOf, type Entry, ending, entryBytes, tarOf } from '../../support/tarball.ts';

const sha = '5'.repeat(40);
const MiB = 1024 * 1024;

/** In pieces as small as a slow network's. */
async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

type Place = {
  /** The folder beside the tree, in which nothing may appear. */
  readonly around: string;
  readonly root: string;
  unpack(archive: Uint8Array, changes?: Partial<Unpacking>, size?: number): Promise<Unpacked>;
};

/** In memory, where there is room for a hundred thousand files: disks differ by a factor of twenty. */
function roomy(): string {
  try {
    const { bavail, bsize, ffree } = statfsSync('/dev/shm');
    return bavail * bsize > 1024 * MiB && ffree > 200_000 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function inPlace(
  play: (place: Place) => Promise<void>,
  folder: string = tmpdir(),
): Promise<void> {
  const around = mkdtempSync(join(folder, 'unpack-'));
  const root = mkdtempSync(join(around, 'tree-'));
  const signal = new AbortController().signal;
  try {
    await play({
      around,
      root,
      unpack: (archive, changes = {}, size) =>
        unpack(pieces(archive, size), { root, commit: sha, most: 64 * MiB, signal, ...changes }),
    });
    assert.is(readdirSync(around).length, 1, 'nothing is beside the tree');
  } finally {
    rmSync(around, { recursive: true, force: true });
  }
}

const top: Entry = { path: 'top/', flag: '5' };
/** Goes wrong with every entry alone. */
const hostile = (...entries: readonly Entry[]): Buffer =>
  gzipSync(tarOf([top, { path: 'top/first', body: 'fine' }, ...entries], { sha }));

const unpacking = suite('unpack');

unpacking('writes what a forge packs, without its top folder', () =>
  inPlace(async ({ root, unpack }) => {
    const { files, warnings } = await unpack(
      archiveOf(
        { 'README.md': 'hello', 'src/deep/a.txt': 'a', 'src/b.txt': '', empty: '' },
        { sha },
      ),
    );
    assert.is(files, 4);
    assert.equal(warnings, []);
    assert.equal(readdirSync(root).toSorted(), ['README.md', 'empty', 'src']);
    assert.is(readFileSync(join(root, 'src/deep/a.txt'), 'utf8'), 'a');
    assert.is(statSync(join(root, 'src/b.txt')).size, 0);
  }),
);

unpacking('keeps the executable bit, and nothing else of mode and owner', () =>
  inPlace(async ({ root, unpack }) => {
    await unpack(archiveOf({ run: { mode: 0o6777, body: '#!' }, plain: { mode: 0o666 } }, { sha }));
    const modeOf = (name: string): number => statSync(join(root, name)).mode & 0o7777;
    const mask = process.umask();
    assert.is(modeOf('run'), 0o755 & ~mask);
    assert.is(modeOf('plain'), 0o644 & ~mask);
    assert.is(statSync(join(root, 'run')).uid, process.getuid?.());
  }),
);

unpacking('writes large files and long names to the byte, in pieces of any size', () =>
  inPlace(async ({ root, unpack }) => {
    const body = Buffer.alloc(3 * MiB + 1, (Math.PI * 1e15).toString());
    const long = `top/${'ä'.repeat(60)}/${'ü'.repeat(100)}/${'ö'.repeat(90)}`;
    const entries = [
      top,
      { path: 'long', pax: { path: long }, body: 'x' },
      { path: 'top/b', body },
    ];
    await unpack(gzipSync(tarOf(entries, { sha })), {}, 777);
    assert.ok(body.equals(readFileSync(join(root, 'b'))));
    assert.is(readFileSync(join(root, long.slice(4)), 'utf8'), 'x');
  }),
);

unpacking('makes the links that stay in the tree, dangling ones too', () =>
  inPlace(async ({ root, unpack }) => {
    const link = (target: string): Omit<Entry, 'path'> => ({ flag: '2', target });
    const { warnings } = await unpack(
      archiveOf(
        {
          'a/b/file': 'x',
          'a/up': link('../a/b/file'),
          'a/dir': link('b'),
          through: link('a/dir/../up'),
          nowhere: link('not/there'),
        },
        { sha },
      ),
    );
    assert.equal(warnings, []);
    assert.is(readFileSync(join(root, 'a/up'), 'utf8'), 'x');
    assert.is(readFileSync(join(root, 'a/dir/file'), 'utf8'), 'x');
    assert.is(readlinkSync(join(root, 'through')), 'a/dir/../up');
    assert.is(readlinkSync(join(root, 'nowhere')), 'not/there');
  }),
);

const links: Readonly<Record<string, readonly Entry[]>> = {
  'to an absolute path': [{ path: 'top/evil', flag: '2', target: '/etc/passwd' }],
  'to the folder above': [{ path: 'top/evil', flag: '2', target: '..' }],
  'out of a folder': [{ path: 'top/d/evil', flag: '2', target: '../../x' }],
  'out and in again': [{ path: 'top/evil', flag: '2', target: 'a/../../tree/first' }],
  'out by another link': [
    { path: 'top/d/e/up', flag: '2', target: '../..' },
    { path: 'top/evil', flag: '2', target: 'd/e/up/../first' },
  ],
  'out by a chain that comes later': [
    { path: 'top/evil', flag: '2', target: 'late/..' },
    { path: 'top/late', flag: '2', target: 'd/../.' },
  ],
  'in a circle': [{ path: 'top/evil', flag: '2', target: 'evil' }],
};
for (const [where, entries] of Object.entries(links)) {
  unpacking(`leaves out a link that leads ${where}, and says so`, () =>
    inPlace(async ({ root, unpack }) => {
      const { warnings } = await unpack(hostile(...entries));
      const evil = entries.find(({ path }) => path.endsWith('evil'))?.path.slice(4) ?? '';
      assert.throws(() => lstatSync(join(root, evil)), /ENOENT/);
      assert.match(warnings.join('\n'), /^1 link is left out, for leading out of the tree/);
      assert.match(warnings.join('\n'), `"${evil}"`);
      assert.is(readFileSync(join(root, 'first'), 'utf8'), 'fine');
    }),
  );
}

const refusals: Readonly<Record<string, readonly [why: RegExp, ...entries: readonly Entry[]]>> = {
  'a path that climbs': [/leads out of the tree/, { path: 'top/../../evil', body: 'x' }],
  'a path that climbs in a long name': [
    /leads out of the tree/,
    { path: 'x', pax: { path: `top/${'a/../'.repeat(40)}../../evil` }, body: 'x' },
  ],
  'an absolute path': [/an absolute path/, { path: '/tmp/evil', body: 'x' }],
  'a second top folder': [/outside of its folder "top"/, { path: 'other/evil', body: 'x' }],
  'a file in place of the top folder': [/outside of its folder/, { path: 'top', body: 'x' }],
  'a path that is not plain': [/not plain/, { path: 'top//evil', body: 'x' }],
  'a path with a dot': [/not plain/, { path: 'top/./evil', body: 'x' }],
  'a repository of its own': [/only a clone has/, { path: 'top/.git/config', body: 'x' }],
  'a repository in capitals': [/only a clone has/, { path: 'top/sub/.GIT/hooks/x', body: 'x' }],
  'a name that is not UTF-8': [/not UTF-8/, { path: 'x', pax: { path: 'top/\ufffd' }, body: 'x' }],
  'a hard link': [/a Link: no forge/, { path: 'top/evil', flag: '1', target: 'top/first' }],
  'a hard link out of the tree': [
    /a Link: no forge/,
    { path: 'top/evil', flag: '1', target: '/etc/passwd' },
  ],
  'a character device': [/a CharacterDevice/, { path: 'top/evil', flag: '3' }],
  'a block device': [/a BlockDevice/, { path: 'top/evil', flag: '4' }],
  'a pipe': [/a FIFO/, { path: 'top/evil', flag: '6' }],
  'something that nobody knows': [/no forge makes/, { path: 'top/evil', flag: 'Z', body: 'x' }],
  'a file twice': [/"first" is there twice/, { path: 'top/first', body: 'other' }],
  'a folder where a file is': [/there twice/, { path: 'top/first/', flag: '5' }],
  'a file below a file': [/there twice/, { path: 'top/first/evil', body: 'x' }],
  'a link where a file is': [/there twice/, { path: 'top/first', flag: '2', target: 'x' }],
  'a file through a link': [
    /there twice/,
    { path: 'top/l', flag: '2', target: '/tmp' },
    { path: 'top/l/evil', body: 'x' },
  ],
  'a link through a link': [
    /there twice/,
    { path: 'top/l', flag: '2', target: '/tmp' },
    { path: 'top/l/evil', flag: '2', target: 'x' },
  ],
  'a link with no end of a target': [
    /leads nowhere/,
    { path: 'top/l', flag: '2', target: 'x', pax: { linkpath: 'x/'.repeat(3000) } },
  ],
  'a header without end': [/no forge makes/, { path: 'top/l', pax: { comment: 'x'.repeat(MiB) } }],
  'a name that no file system takes': [
    /too long for this file system/,
    { path: 'x', pax: { path: `top/${'n'.repeat(300)}` } },
  ],
};
for (const [what, [why, ...entries]] of Object.entries(refusals)) {
  unpacking(`refuses ${what}`, () =>
    inPlace(async ({ unpack }) => {
      const error = await rejectionOf(unpack(hostile(...entries)));
      assert.instance(error, CheckoutError);
      assert.match(error.message, why);
      assert.match(error.message, /^The (?:archive|tree) /);
    }),
  );
}

unpacking('shows no byte of a hostile name as it is', () =>
  inPlace(async ({ unpack }) => {
    const evil = { path: 'top/\u001b[31m\nSPINNAKER_CONFIG_JSON={}/../x', body: 'x' };
    const { message } = await rejectionOf(unpack(hostile(evil)));
    assert.not.match(message, /[\u0000-\u001f]/);
  }),
);

unpacking('refuses the archive of another commit before it writes anything', () =>
  inPlace(async ({ root, unpack }) => {
    const archive = archiveOf({ a: 'x' }, { sha: '6'.repeat(40) });
    const { message } = await rejectionOf(unpack(archive));
    assert.is(message, `The archive is of commit ${'6'.repeat(40)}, and not of ${sha}`);
    assert.equal(readdirSync(root), []);
  }),
);

unpacking('takes an archive that does not name its commit', () =>
  inPlace(async ({ unpack }) => {
    assert.is((await unpack(archiveOf({ a: 'x' }))).files, 1);
    const odd = Buffer.concat([tarOf([top, { path: 'top/b' }], { sha: 'made by hand' })]);
    assert.is((await unpack(gzipSync(odd))).files, 2 - 1);
  }),
);

unpacking('refuses what has no file in it', () =>
  inPlace(async ({ unpack }) => {
    for (const entries of [[], [top]]) {
      const error = await rejectionOf(unpack(gzipSync(tarOf(entries, { sha }))));
      assert.match(error.message, /damaged|holds no file/);
    }
  }),
);

unpacking('stops at its limit, however little came over the network', () =>
  inPlace(async ({ unpack }) => {
    const bomb = gzipSync(tarOf([top, { path: 'top/zeros', body: Buffer.alloc(8 * MiB) }]));
    assert.ok(bomb.length < MiB / 10);
    const error = await rejectionOf(unpack(bomb, { most: 4 * MiB }));
    assert.instance(error, CheckoutError);
    assert.match(error.message, /larger than 4 MiB when unpacked: .* raise checkout_limit/);
    assert.is((await unpack(gzipSync(tarOf([top, { path: 'top/a' }], {})))).files, 1);
  }),
);

unpacking('stops at its limit in a bomb of headers and of packed archives', () =>
  inPlace(async ({ unpack }) => {
    const header = entryBytes({ path: 'top/a', pax: { comment: 'x'.repeat(200_000) } });
    const headers = Buffer.concat(Array.from({ length: 50 }, () => header));
    const error = await rejectionOf(unpack(gzipSync(headers), { most: 4 * MiB }));
    assert.match(error.message, /larger than 4 MiB|there twice/);
    const twice = gzipSync(gzipSync(Buffer.concat([tarOf([top]), Buffer.alloc(8 * MiB)])));
    assert.match((await rejectionOf(unpack(twice, { most: 4 * MiB }))).message, /damaged/);
  }),
);

const linksTo = (count: number, target: (at: number) => string): readonly Entry[] =>
  Array.from({ length: count }, (_, at) => ({
    path: `top/l${at}`,
    flag: '2',
    target: 'x',
    pax: { linkpath: target(at) },
  }));

unpacking('leaves out links that lead through each other without end', () =>
  inPlace(async ({ unpack }) => {
    // Each goes through the one before it, hundreds of times: to follow them all would take years.
    const tangle = linksTo(50, (at) => (at === 0 ? '.' : `l${at - 1}/./`.repeat(400)));
    const { warnings } = await unpack(hostile(...tangle));
    assert.match(warnings.join(), /^49 links are left out, .*"l1", "l2"/);
  }),
);

unpacking('refuses more of such links than anybody has time to follow', () =>
  inPlace(async ({ unpack }) => {
    const winding = linksTo(300, () => 'no/../'.repeat(680));
    const { message } = await rejectionOf(unpack(hostile(...winding)));
    assert.is(message, 'The tree holds links that have no end');
  }),
);

const whole = archiveOf({ a: 'x'.repeat(5000), b: Buffer.alloc(MiB, 'y').toString() }, { sha });
const damages: Readonly<Record<string, () => Uint8Array>> = {
  'cut in half': () => whole.subarray(0, whole.length / 2),
  'without its checksum': () => whole.subarray(0, whole.length - 8),
  'with a wrong byte': () => {
    const wrong = Buffer.from(whole);
    wrong[40] = (wrong[40] ?? 0) ^ 0xff;
    return wrong;
  },
  'with a wrong checksum': () => {
    const wrong = Buffer.from(whole);
    wrong[wrong.length - 6] = (wrong[wrong.length - 6] ?? 0) ^ 0xff;
    return wrong;
  },
  'of a tar that breaks off': () => gzipSync(tarOf([top, { path: 'top/a', size: 9000 }], {})),
  'of a tar without an end': () => gzipSync(tarOf([top, { path: 'top/a' }], { isOpen: true })),
  'of a header with a wrong sum': () => {
    const bytes = tarOf([top, { path: 'top/a' }], { sha });
    bytes[bytes.length - ending.length - 500] = 0x41;
    return gzipSync(bytes);
  },
  'of something else': () => gzipSync('<html>'.repeat(500)),
  'of nothing': () => gzipSync(''),
};
for (const [what, make] of Object.entries(damages)) {
  unpacking(`tells an archive ${what} from a whole one`, () =>
    inPlace(async ({ unpack }) => {
      const error = await rejectionOf<RemoteError>(unpack(make()));
      assert.instance(error, RemoteError);
      assert.is(error.kind, 'unavailable', 'it may have been cut on its way');
      assert.match(error.message, /damaged, or was cut short/);
    }),
  );
}

unpacking('passes on how the download ended', () =>
  inPlace(async ({ root }) => {
    const cut = new RemoteError('the connection was cut', { kind: 'unavailable' });
    const body = (async function* () {
      yield whole.subarray(0, 100);
      throw cut;
    })();
    const signal = new AbortController().signal;
    const error = await rejectionOf(unpack(body, { root, commit: sha, most: MiB, signal }));
    assert.is(error, cut);
  }),
);

unpacking('stops in the middle when it is told to', () =>
  inPlace(async ({ root, unpack: again }) => {
    const stop = new AbortController();
    const noise = gzipSync(tarOf([top, { path: 'top/noise', body: randomBytes(8 * MiB) }]));
    const body = (async function* () {
      yield* pieces(noise.subarray(0, MiB));
      stop.abort();
      yield* pieces(noise.subarray(MiB));
      throw new Error('it reads on');
    })();
    const plan = { root, commit: sha, most: 64 * MiB, signal: stop.signal };
    assert.match((await rejectionOf(unpack(body, plan))).message, /interrupted/);
    assert.is((await again(archiveOf({ z: '' }, { sha }))).files, 1, 'no file is left open');
  }),
);

unpacking('names what the archive leaves out', () =>
  inPlace(async ({ unpack }) => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    const modules = ['lib/one', 'lib/two'].map(
      (path) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ../x.git\n`,
    );
    const { warnings } = await unpack(
      archiveOf(
        {
          '.gitmodules': modules.join(''),
          '.gitattributes': '# export-ignore\n*.bin filter=lfs -text\n/docs export-ignore\n',
          'sub/.gitattributes': 'x -export-ignore\n*.md text export-ignore\n',
          'big.bin': pointer,
          'sub/bigger.bin': pointer,
          'not.txt': `see:\n${pointer}`,
        },
        { sha },
      ),
    );
    assert.equal(
      warnings.map((warning) => warning.replace(/;.*/, '')),
      [
        '2 submodules are not in the archive: "lib/one", "lib/two"',
        '2 files are in Git LFS, and only a pointer here: "big.bin", "sub/bigger.bin"',
        '2 patterns are left out by export-ignore: "/docs", "sub/*.md"',
      ],
    );
  }),
);

unpacking('names a few of many', () =>
  inPlace(async ({ unpack }) => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n';
    const files = Array.from({ length: 100 }, (_, at) => [`f${at}`, pointer]);
    const { warnings } = await unpack(archiveOf(Object.fromEntries(files), { sha }));
    assert.match(warnings[0] ?? '', /^100 files are in Git LFS.*"f4" and 95 more;/);
  }),
);

/** A process of its own, for what other tests have left in the heap tells nothing. */
function unpackMany(root: string, count: number): { files: number; peakKiB: number } {
  const program = join(import.meta.dirname, 'many-files.ts');
  const child = spawnSync(process.execPath, [program, root, String(count)], { encoding: 'utf8' });
  assert.is(child.status, 0, child.stderr);
  return JSON.parse(child.stdout);
}

unpacking('tells a disk that takes no more from a fault of the archive', () =>
  inPlace(async ({ root }) => {
    const program = join(import.meta.dirname, 'many-files.ts');
    // No file may grow beyond 512 bytes: the same way of failing as a disk without room.
    const limited = 'ulimit -f 1; exec "$@"';
    const args = ['-c', limited, 'sh', process.execPath, program, root, '10'];
    const { status, stderr } = spawnSync('/bin/sh', args, { encoding: 'utf8' });
    assert.is(status, 1);
    assert.match(stderr, /CheckoutError: The tree cannot be written: the disk is full \(EFBIG\)/);
    assert.match(stderr, /another place by TMPDIR/);
  }),
);

unpacking('holds a tree of 100,000 files in no more memory than one of 5,000', () =>
  inPlace(async ({ root }) => {
    const few = unpackMany(mkdtempSync(join(root, 'few-')), 5000);
    const many = unpackMany(mkdtempSync(join(root, 'many-')), 100_000);
    assert.is(many.files, 100_000);
    const more = Math.round((many.peakKiB - few.peakKiB) / 1024);
    assert.ok(more < 40, `${more} MiB more were held`);
  }, roomy()),
);

unpacking.run();
