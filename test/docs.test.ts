import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { artifacts } from '../src/docs.ts';
import { yamlName } from '../src/settings/define.ts';
import { allSettings } from '../src/settings/emit/owner.ts';
import { owners } from '../src/verbs/owners.ts';

const onDisk = (file: string): string =>
  readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

const docs = suite('docs');
for (const { file, render } of artifacts) {
  docs(`${file} is what the settings tables say`, () => {
    const current = onDisk(file);
    assert.ok(render(current) === current, `${file} is not current: run npm run docs`);
  });
}
docs('name every setting in README and plugin.yml', () => {
  const readme = onDisk('README.md');
  const manifest = onDisk('plugin.yml');
  for (const [key] of allSettings(owners)) {
    assert.match(readme, `| \`${yamlName(key)}\``);
    assert.match(manifest, `- name: ${yamlName(key)}\n`);
  }
});

/** Tables, code and generated regions are as long as they must be. */
function longLines(file: string): readonly string[] {
  const text = onDisk(file).replace(
    /^( *)```[\s\S]*?^\1```$|<!-- begin generated[\s\S]*?<!-- end generated/gm,
    (free) => free.replace(/[^\n]/g, ''),
  );
  return text
    .split('\n')
    .flatMap((line, at) =>
      line.length > 120 && !/^(?:\|| {4}\S)/.test(line)
        ? [`${file}:${at + 1} is longer than 120 columns`]
        : [],
    );
}
docs('wrap their text at 120 columns', () => {
  const files = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/image.md', 'docs/serve.md'];
  assert.equal(files.flatMap(longLines), []);
});
docs('name every script that people run', () => {
  const text = onDisk('CONTRIBUTING.md');
  const { scripts } = JSON.parse(onDisk('package.json')) as { scripts: Record<string, string> };
  for (const name of Object.keys(scripts).filter((script) => !script.startsWith('pre'))) {
    assert.match(text, name === 'test' ? '`npm test`' : `\`npm run ${name}\``);
  }
});
docs.run();
