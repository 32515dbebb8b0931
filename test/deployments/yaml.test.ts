import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainOf, type Tree } from '../../src/deployments/tree.ts';
import { parseYaml } from '../../src/deployments/yaml.ts';

const at = (tree: Tree | undefined, key: string): Tree => {
  const entry = tree?.kind === 'map' ? tree.entries.get(key) : undefined;
  if (!entry) throw new Error(`no ${key}`);
  return entry.value;
};
const say = (text: string): readonly string[] =>
  parseYaml(text).faults.map(({ line, message }) => `${line} ${message}`);

const yaml = suite('parseYaml');

yaml('knows the line of every value', () => {
  const { tree } = parseYaml('a: 1\nb:\n  - x\n  - { c: d }\n');
  const list = at(tree, 'b');
  assert.equal([at(tree, 'a').line, list.line], [1, 3]);
  assert.equal(list.kind === 'list' && list.items.map(({ line }) => line), [3, 4]);
});

yaml('keeps a number as it was typed, and `on` as a text', () => {
  const { tree } = parseYaml('on: 1.10\n0755: 12e4\nlist: [200, 2xx, 0755]\nmap: { a: 1 }');
  const sources = ['on', '0755'].map((key) => {
    const value = at(tree, key);
    return value.kind === 'scalar' && value.source;
  });
  assert.equal(sources, ['1.10', '12e4']);
  assert.equal(plainOf(at(tree, 'list')), ['200', '2xx', '0755']);
  assert.equal(plainOf(at(tree, 'map')), { a: 1 });
});

yaml('follows an anchor, at the line where it is used', () => {
  const { tree } = parseYaml('a: &it { x: 1 }\n\nb: *it');
  assert.equal(plainOf(at(tree, 'b')), { x: 1 });
  assert.is(at(tree, 'b').line, 3);
});

yaml('takes a byte order mark, and Windows line ends', () => {
  const { tree, faults } = parseYaml('\uFEFFa: 1\r\nb: |\r\n  x\r\n  y\r\n');
  assert.equal(faults, []);
  assert.equal(plainOf(at(tree, 'b')), 'x\ny\n');
});

for (const [title, text, expected] of [
  ['a key twice', 'a: 1\nb: 2\na: 3', ['3 has a key twice: keep one']],
  ['a tab', 'a:\n\tb: 1', ['2 is indented by a tab: YAML takes blanks only']],
  [
    'two documents',
    'a: 1\n---\nb: 2',
    ['2 holds more than one document: keep what stands before ---'],
  ],
  ['a tag', 'a: !vault x', ['1 has a tag (!…) that YAML 1.2 does not know']],
  [
    'a glob without quotes',
    'a: [*.x]',
    ['1 refers to an anchor that is not there; a text that begins with * needs quotes'],
  ],
  ['a key that is a list', '? [a]\n: 1', ['1 has a key that is no text']],
] as const) {
  yaml(`refuses ${title}`, () => assert.equal(say(text), expected));
}

yaml('never quotes the file: what is broken may be a secret', () => {
  const secret = 'hunter2-hunter2';
  for (const text of [
    `a: "${secret}`,
    `a: *${secret}`,
    `a: @${secret}`,
    `a: !${secret} x`,
    `a: [${secret}, }`,
    `a: ${secret}: b: c`,
    `a: {${secret}: 1, ${secret}: 2}`,
    `${secret}\na: 1`,
    `%${secret}\n---\na: 1`,
    `a: "\\x${secret}"`,
  ]) {
    const { faults } = parseYaml(text);
    assert.ok(faults.length > 0, text);
    assert.not.match(JSON.stringify(faults), secret, text);
  }
});

yaml('stops at an anchor that refers to itself, and at ones that multiply', () => {
  assert.match(say('a: &a { b: *a }').join(), /anchor refers to itself/);
  const bomb = Array.from(
    { length: 12 },
    (_, level) =>
      `l${level}: &l${level} [${Array(10)
        .fill(level ? `*l${level - 1}` : 'x')
        .join(', ')}]`,
  );
  const before = Date.now();
  assert.match(say(bomb.join('\n')).join(), /too large/);
  assert.ok(Date.now() - before < 5000);
  assert.match(say(`a: ${'['.repeat(100)}${']'.repeat(100)}`).join(), /too deep/);
});

yaml.run();
