import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distance, nearestOf } from '../../src/settings/nearest.ts';

const measuring = suite('distance');
for (const [a, b, steps] of [
  ['', '', 0],
  ['', 'abc', 3],
  ['timeout', 'timeout', 0],
  ['timout', 'timeout', 1],
  ['tiemout', 'timeout', 1],
  ['kitten', 'sitting', 3],
] as const) {
  measuring(`counts ${steps} from ${JSON.stringify(a)} to ${JSON.stringify(b)}`, () => {
    assert.is(distance(a, b), steps);
    assert.is(distance(b, a), steps);
  });
}
measuring.run();

const names = [
  'timeout',
  'target',
  'repo',
  'ref',
  'report',
  'github_token',
  'divio_env',
  'divio_application',
];
const guessing = suite('nearestOf');
for (const [name, nearest] of [
  ['tiemout', 'timeout'],
  ['taget', 'target'],
  ['repot', 'repo'],
  ['githubtoken', 'github_token'],
  ['divio_app', 'divio_application'],
  ['divio_en', 'divio_env'],
  ['xyz', undefined],
  ['color', undefined],
  ['docker_registry', undefined],
] as const) {
  guessing(`${nearest ? `finds ${nearest}` : 'finds nothing'} for ${name}`, () => {
    assert.is(nearestOf(name, names), nearest);
  });
}
guessing.run();
