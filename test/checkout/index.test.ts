import { readdirSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkoutEntries } from '../../src/checkout/index.ts';
import { general } from '../../src/settings/general.ts';

const registry = suite('checkouts: registry');

registry('has an entry for each file, and a word of the setting for each entry', () => {
  const folder = path.join(import.meta.dirname, '../../src/checkout');
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !['checkout.ts', 'index.ts'].includes(file))
    .map((file) => file.replace('.ts', ''));
  const ids = checkoutEntries.map(({ id }) => id);
  assert.equal(ids, files.toSorted());
  for (const id of ids) assert.is(general.checkout.is.read(id), id);
});

registry.run();
