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
docs.run();
