import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

type Entry = { version?: string; resolved?: string; optionalDependencies?: Record<string, string> };
const file = path.join(import.meta.dirname, '../package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };

const lockfile = suite('package-lock.json');

// A registry that mirrors one platform answers 404 for the rest; npm then leaves them out, and `npm ci` refuses.
lockfile('holds the packages of every platform, wherever it was written', () => {
  const named = Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}),
  );
  assert.ok(named.length > 0);
  const missing = named.filter((name) => !packages[`node_modules/${name}`]?.version);
  assert.equal(missing, []);
});

lockfile('names no registry', () => {
  const resolved = Object.keys(packages).filter((name) => packages[name]?.resolved);
  assert.equal(resolved, []);
});

lockfile.run();
