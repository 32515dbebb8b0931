import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { targetEntries } from '../../src/targets/index.ts';

const registry = suite('targetEntries');

registry('has an entry for each file, under its name', () => {
  const files = readdirSync(new URL('../../src/targets', import.meta.url))
    .filter((name) => name.endsWith('.ts') && name !== 'target.ts' && name !== 'index.ts')
    .map((name) => name.slice(0, -3));
  assert.equal(
    targetEntries.map(({ id }) => id),
    files.toSorted(),
  );
});

registry('shares no setting between two entries', () => {
  const names = targetEntries.flatMap(({ settings }) => Object.keys(settings));
  assert.equal([...new Set(names)], names);
});
registry.run();
