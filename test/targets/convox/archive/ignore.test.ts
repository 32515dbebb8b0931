import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveError } from '../../../../src/targets/convox/archive/archive-error.ts';
import { ignoreOf, isIgnored, readIgnore } from '../../../../src/targets/convox/archive/ignore.ts';
import { walk } from '../../../../src/targets/convox/archive/walk.ts';
import { plant, raw, withFolder } from '../../../support/archive/tree.ts';

const files = [
  ...['#hash', '.hidden', 'a.txt', 'a/b/c.txt', 'a/b/d.txt', 'b.txt', 'c.txt', 'convox.yml'],
  ...['dir/keep', 'dir/one', 'dir/sub/two', 'dira', 'foo/x', 'fooo', 'logs/n.log', 'sp ace.txt'],
  'top.log',
];
const tree = Object.fromEntries(files.map((name) => [name, '']));
const everything = [
  ...['#hash', '.dockerignore', '.hidden', 'a/', 'a/b/', 'a/b/c.txt', 'a/b/d.txt', 'a.txt'],
  ...['b.txt', 'c.txt', 'convox.yml', 'dir/', 'dir/keep', 'dir/one', 'dir/sub/', 'dir/sub/two'],
  ...['dira', 'foo/', 'foo/x', 'fooo', 'logs/', 'logs/n.log', 'sp ace.txt', 'top.log'],
];

/** What the walk finds, in its order. */
function found(root: string, patterns: string | Uint8Array): string[] {
  writeFileSync(join(root, '.dockerignore'), patterns);
  const real = realpathSync(root);
  const leftOut = (name: string): void => assert.unreachable(`${name} is left out`);
  return [...walk({ root: real, ignore: ignoreOf(real), leftOut })].flatMap((one) =>
    one ? [`${one.name}${one.isFolder ? '/' : ''}`] : [],
  );
}

const without = (...names: string[]): string[] =>
  everything.filter((name) => !names.some((one) => name === one || name.startsWith(`${one}/`)));

const ignoring = suite('archive: .dockerignore');

const logs = ['logs/n.log', 'top.log'];
// Patterns, and what the vendor's packer made of them. The folders above what is kept are ours: the rack would make them up.
const vectors: [string, readonly string[]][] = [
  ['', everything],
  ['*.log', without('top.log')],
  ['**/*.log', without(...logs)],
  ['foo/', without('foo')],
  ['/foo', without('foo')],
  ['a/../foo', without('foo')],
  ['./a\n../x', without('a')],
  ['dir/*\n!dir/keep', without('dir/one', 'dir/sub')],
  ['dir\n!dir/sub/two', without('dir/keep', 'dir/one')],
  ['dir\n!**/keep', without('dir')],
  ['dir\n!dir/keep\ndir/keep', without('dir')],
  ['**/b\n!a/b/c.txt', without('a/b/d.txt')],
  ['a/b/\n!a', everything],
  ['**\n!a/b/c.txt\n!convox.yml', ['a/', 'a/b/', 'a/b/c.txt', 'convox.yml']],
  ['*\n!convox.yml', ['convox.yml']],
  ['*\n!**/c.txt', ['c.txt']],
  ['!convox.yml\n*.yml', without('convox.yml')],
  ['[ab].txt', without('a.txt', 'b.txt')],
  ['\\#hash', without('#hash')],
  ['# comment', everything],
  ['#hash', everything],
  ['\ufeff/foo', without('foo')],
  ['  sp ace.txt  ', without('sp ace.txt')],
  ['.*', without('.hidden', '.dockerignore')],
  ['A.TXT', everything],
  ['\ufeff*.log\r\n\r\nfoo\r\n', without('top.log', 'foo')],
  ['convox.yml\n.dockerignore', without('convox.yml', '.dockerignore')],
  ['/', everything],
  ['[^a].txt', without('b.txt', 'c.txt')],
  ['[a-b].t?t', without('a.txt', 'b.txt')],
];
for (const [patterns, kept] of vectors) {
  ignoring(`reads ${JSON.stringify(patterns)} as the vendor does`, () =>
    withFolder((root) => {
      plant(root, tree);
      assert.equal(found(root, patterns), kept);
    }),
  );
}

const refused: [string, RegExp][] = [
  ['[', /^\.dockerignore, line 1, "\[": syntax error in pattern$/],
  ['foo\n\n!', /^\.dockerignore, line 3, "!": illegal exclusion pattern: "!"$/],
  ['a[]', /line 1, "a\[\]": syntax error/],
  ['[b-a]', /line 1, "\[b-a\]": syntax error in pattern: as a regular expression/],
  ['(x', /line 1, "\(x": syntax error in pattern: as a regular expression/],
  ['x\\', /syntax error/],
  ['[[:foo:]]', /line 1, "\[\[:foo:\]\]": syntax error in pattern: as a regular expression/],
];
for (const [patterns, message] of refused) {
  ignoring(`refuses ${JSON.stringify(patterns)} with the line`, () =>
    withFolder((root) => {
      writeFileSync(join(root, '.dockerignore'), patterns);
      assert.throws(
        () => readIgnore(root),
        (error: Error) => error instanceof ArchiveError && message.test(error.message),
      );
    }),
  );
}

// Patterns that the vendor leaves to Go's regular expressions; checked against its own matcher.
const quirks: [string, readonly string[], readonly string[]][] = [
  ['a+b', ['aab'], ['a+b']],
  ['(x)', ['x'], ['(x)']],
  ['[id]', ['d', 'i'], ['[id]']],
  ['a{2}', ['aa'], ['a{2}']],
  ['{x}', ['{x}'], ['x']],
  ['a|b', ['a', 'b'], ['c']],
  ['[[:digit:]]', ['1'], ['a']],
  ['[\\d]', ['1'], ['d']],
  ['\\w', ['_', 'w'], ['é', '-']],
  ['[*]', ['[]'], ['*']],
  ['n**', ['n1', 'n\rl'], ['n\nl']],
  ['n*', ['n1', 'n\nl'], ['m']],
  ['?', ['a', 'é', '日'], ['ab']],
  ['caf?', ['café'], ['cafés']],
  ['[é]', ['é'], ['e']],
];
for (const [pattern, dropped, kept] of quirks) {
  ignoring(`takes ${JSON.stringify(pattern)} for what it is to Go`, () =>
    withFolder((root) => {
      plant(root, Object.fromEntries([...dropped, ...kept].map((name) => [name, ''])));
      const names = found(root, `${pattern}\n.dockerignore`);
      const expected = kept.map((name) => Buffer.from(name, 'utf8').toString('latin1'));
      assert.equal(names.sort(), expected.sort());
    }),
  );
}

ignoring('asks a pattern about the one folder that is as deep as itself, as the vendor does', () =>
  withFolder((root) => {
    plant(root, { 'x/y/b/keep': '', 'x/y/b/other': '', 'b/z': '' });
    const names = found(root, '**/b\n!x/y/b/keep\n.dockerignore');
    assert.equal(names, ['x/', 'x/y/', 'x/y/b/', 'x/y/b/keep', 'x/y/b/other']);
  }),
);

ignoring('matches names that are no UTF-8 byte by byte', () =>
  withFolder((root) => {
    for (const name of ['a\xffb', 'a\xe2\x82b', 'kept\xff']) writeFileSync(raw(root, name), '');
    assert.equal(found(root, 'a?b\n.dockerignore'), ['a\xe2\x82b', 'kept\xff']);
    assert.equal(found(root, 'a??b\n.dockerignore'), ['a\xffb', 'kept\xff']);
    // The form of UTF-8, but not UTF-8: half of a pair.
    writeFileSync(raw(root, 'a\xed\xa0\x80b'), '');
    assert.equal(found(root, '**\n!a???b'), ['a\xed\xa0\x80b']);
    assert.equal(found(root, Buffer.from('a\xffb\na???b\nkept*\n.dock*', 'latin1')), [
      'a\xe2\x82b',
    ]);
  }),
);

ignoring('knows of one file whether it is left out', () =>
  withFolder((root) => {
    plant(root, { ...tree, '.dockerignore': 'convox.yml\nconfig\n!config/kept.yml\nlogs\n' });
    const ignore = readIgnore(root);
    assert.ok(isIgnored(ignore, 'convox.yml'));
    assert.ok(isIgnored(ignore, './convox.yml'));
    assert.ok(isIgnored(ignore, 'config/other.yml'));
    assert.not(isIgnored(ignore, 'config/kept.yml'));
    assert.ok(isIgnored(ignore, 'logs/deep/below.yml'));
    assert.not(isIgnored(ignore, 'Dockerfile'));
  }),
);

ignoring('leaves nothing out where there is no file', () =>
  withFolder((root) => assert.equal(readIgnore(root), [])),
);

ignoring('says that it cannot be read', () =>
  withFolder((root) => {
    mkdirSync(join(root, '.dockerignore'));
    assert.throws(() => readIgnore(root), /^\.dockerignore cannot be read \(EISDIR\)$/);
  }),
);

const outside: [string, RegExp, (path: string, root: string) => void][] = [
  ['a pipe', /: it is no file$/, (path) => execFileSync('mkfifo', [path])],
  [
    'a device',
    /: it is a link that leads out of the tree$/,
    (path) => symlinkSync('/dev/zero', path),
  ],
  [
    'a pipe behind a link',
    /: it is no file$/,
    (path, root) => {
      execFileSync('mkfifo', [join(root, 'pipe')]);
      symlinkSync('pipe', path);
    },
  ],
  [
    'a file of the host',
    /: it is a link that leads out of the tree$/,
    (path) => symlinkSync('/etc/passwd', path),
  ],
  [
    'a file without end',
    /: it is larger than 1 MiB$/,
    (path) => writeFileSync(path, '#'.repeat(2 ** 20 + 1)),
  ],
];
for (const [title, said, make] of outside) {
  ignoring(`does not read ${title}`, () =>
    withFolder((root) => {
      make(join(root, '.dockerignore'), root);
      assert.throws(
        () => readIgnore(root),
        (error: unknown) => error instanceof ArchiveError,
      );
      assert.throws(() => readIgnore(root), said);
    }),
  );
}
ignoring('follows a link that stays in the tree, of a root that is a link too', () =>
  withFolder((root) => {
    plant(root, { 'in/docker/ignore': 'a\n' });
    symlinkSync('docker/ignore', join(root, 'in/.dockerignore'));
    symlinkSync('in', join(root, 'linked'));
    assert.ok(isIgnored(readIgnore(join(root, 'linked')), 'a'));
  }),
);

ignoring.run();
