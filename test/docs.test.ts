import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { artifacts } from '../src/docs.ts';
import { pageRegions, pages, regionsOn } from '../src/pages.ts';
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
docs('show everything that is derived for pages, each on one at least', () => {
  const shown = new Set(pages.flatMap((page) => regionsOn(onDisk(page))));
  assert.equal([...shown].toSorted(), [...pageRegions.keys()].toSorted());
});
docs('name every setting in docs/settings.md and plugin.yml', () => {
  const table = onDisk('docs/settings.md');
  const manifest = onDisk('plugin.yml');
  for (const [key] of allSettings(owners)) {
    assert.match(table, `| \`${yamlName(key)}\``);
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
  assert.equal([...pages, 'CONTRIBUTING.md', 'CHANGELOG.md'].flatMap(longLines), []);
});
docs('name every script that people run', () => {
  const text = onDisk('CONTRIBUTING.md');
  const { scripts } = JSON.parse(onDisk('package.json')) as { scripts: Record<string, string> };
  for (const name of Object.keys(scripts).filter((script) => !script.startsWith('pre'))) {
    assert.match(text, name === 'test' ? '`npm test`' : `\`npm run ${name}\``);
  }
});
docs.run();
