import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  appendLines,
  codeOf,
  explainWrite,
  overwriteExisting,
  replaceFile,
} from '../../src/outputs/files.ts';
import { fullDevice } from './full-device.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-files-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const codeFrom = async (work: Promise<void>): Promise<string> =>
  await work.then(
    () => 'resolved',
    (error: unknown) => codeOf(error),
  );

/**
 * Calls the function in a process that can write files of 1 KiB at most: without a disk to fill, the one way to
 * fail in the middle of a write.
 */
function cramped(name: 'appendLines' | 'replaceFile', path: string): string {
  const module = new URL('../../src/outputs/files.ts', import.meta.url).href;
  const script = `import { ${name} } from '${module}';
    process.on('SIGXFSZ', () => {});
    const said = ${name}(${JSON.stringify(path)}, 'A=' + '1'.repeat(2000) + '\\n');
    console.log(await said.then(() => 'resolved', (error) => error.code));`;
  const command = 'ulimit -f 1; exec "$0" --input-type=module -e "$1"';
  return execFileSync('bash', ['-c', command, process.execPath, script], {
    encoding: 'utf8',
  }).trim();
}

const appending = suite('appendLines');

for (const [before, after] of [
  [undefined, 'A=1\n'],
  ['', 'A=1\n'],
  ['B=2\n', 'B=2\nA=1\n'],
  ['B=2', 'B=2\nA=1\n'],
] as const) {
  appending(`makes ${JSON.stringify(after)} of ${JSON.stringify(before)}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'step-output.env');
      if (before !== undefined) writeFileSync(path, before);
      await appendLines(path, 'A=1\n');
      assert.is(readFileSync(path, 'utf8'), after);
    }),
  );
}

appending('rejects on a full disk, a folder, a missing folder, and a pipe that nobody reads', () =>
  inFolder(async (folder) => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    assert.is(await codeFrom(appendLines(fullDevice(folder), 'A=1\n')), 'ENOSPC');
    assert.is(await codeFrom(appendLines(folder, 'A=1\n')), 'EISDIR');
    assert.is(await codeFrom(appendLines(join(folder, 'no', 'file'), 'A=1\n')), 'ENOENT');
    assert.is(await codeFrom(appendLines(join(folder, 'fifo'), 'A=1\n')), 'ENXIO');
  }),
);

appending('leaves what was there when the disk fills up halfway', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'step-output.env');
    const before = `B=${'2'.repeat(700)}\n`;
    writeFileSync(path, before);
    assert.is(cramped('appendLines', path), 'EFBIG');
    assert.is(readFileSync(path, 'utf8'), before);
  }),
);

appending.run();

const replacing = suite('replaceFile');

replacing('puts a whole new file in place and leaves no draft', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'outputs.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    const inode = statSync(path).ino;
    await replaceFile(path, 'new');
    assert.is(readFileSync(path, 'utf8'), 'new');
    assert.is.not(statSync(path).ino, inode);
    assert.is(statSync(path).mode & 0o777, 0o640);
    assert.equal(readdirSync(folder), ['outputs.json']);
  }),
);

replacing('follows a link instead of replacing it', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'real'), 'old');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await replaceFile(join(folder, 'link'), 'new');
    assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
    assert.is(readFileSync(join(folder, 'real'), 'utf8'), 'new');
  }),
);

replacing('writes into the file itself where no draft can be made beside it', () =>
  inFolder(async (folder) => {
    // A name of 255 bytes leaves no room for the draft's longer one.
    const path = join(folder, 'x'.repeat(255));
    await replaceFile(path, 'new');
    assert.is(readFileSync(path, 'utf8'), 'new');
    assert.is(readdirSync(folder).length, 1);
  }),
);

replacing('leaves the old file and no draft when the disk fills up halfway', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'outputs.json');
    writeFileSync(path, 'old');
    assert.is(cramped('replaceFile', path), 'EFBIG');
    assert.is(readFileSync(path, 'utf8'), 'old');
    assert.equal(readdirSync(folder), ['outputs.json']);
  }),
);

replacing('never replaces a device', () =>
  inFolder(async (folder) => {
    const device = fullDevice(folder);
    assert.is(await codeFrom(replaceFile(device, 'x')), 'ENOSPC');
    assert.ok(lstatSync(device).isCharacterDevice());
  }),
);

replacing('rejects for a folder and in a missing folder', () =>
  inFolder(async (folder) => {
    assert.is(await codeFrom(replaceFile(folder, 'x')), 'EISDIR');
    assert.is(await codeFrom(replaceFile(join(folder, 'no', 'file'), 'x')), 'ENOENT');
    assert.equal(readdirSync(folder), []);
  }),
);

replacing.run();

const overwriting = suite('overwriteExisting');

overwriting('creates nothing', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'termination-log');
    assert.is(await codeFrom(overwriteExisting(path, 'x')), 'ENOENT');
    writeFileSync(path, 'older and longer');
    await overwriteExisting(path, 'x');
    assert.is(readFileSync(path, 'utf8'), 'x');
  }),
);

overwriting.run();

const explaining = suite('explainWrite');

for (const code of [
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ENXIO',
  'EIO',
]) {
  explaining(`names ${code} and a cure`, () => {
    const { why, cure } = explainWrite(Object.assign(new Error('x'), { code }));
    assert.match(why, new RegExp(`^\\w.+ \\(${code}\\)$`));
    assert.ok(cure.length > 10);
  });
}

explaining.run();
