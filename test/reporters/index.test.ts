import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reporterEntries } from '../../src/reporters/index.ts';

const registry = suite('reporterEntries');

registry('names every file in the folder, and nothing else', () => {
  const files = readdirSync(new URL('../../src/reporters/', import.meta.url))
    .filter((file) => file.endsWith('.ts') && !['reporter.ts', 'index.ts'].includes(file))
    .map((file) => file.slice(0, -3));
  assert.equal(reporterEntries.map(({ id }) => id).sort(), files.sort());
});

registry('says in one sentence what each is', () => {
  for (const { about } of reporterEntries) assert.match(about, /^[A-Z][^.]*\.$/);
});

registry.run();
