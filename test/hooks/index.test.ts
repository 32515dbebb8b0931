import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forges, type Hook } from '../../src/hooks/hook.ts';
import { hooks } from '../../src/hooks/index.ts';

const registry = suite('hooks: registry');
registry('holds every forge that slipway.yml may name, each in the file of its name', () => {
  const files = readdirSync(new URL('../../src/hooks/', import.meta.url)).map((name) =>
    name.replace('.ts', ''),
  );
  const names = hooks.map(({ forge }: Hook) => forge);
  assert.equal(names, [...forges].sort());
  for (const name of names) assert.ok(files.includes(name), name);
});
registry.run();
