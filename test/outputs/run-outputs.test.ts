import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runOutputs, standardNames, titleOf } from '../../src/outputs/run-outputs.ts';

const making = suite('runOutputs');

const make = (own: readonly (readonly [string, string])[]) => {
  const warnings: string[] = [];
  const outputs = runOutputs({ outcome: 'failure' }, own, (text) => void warnings.push(text));
  return { outputs, warnings };
};

making('holds every standard name, empty where not known', () => {
  const { outputs, warnings } = make([]);
  assert.equal([...outputs.keys()], [...standardNames]);
  assert.is(outputs.get('outcome'), 'failure');
  assert.is(outputs.get('environment_url'), '');
  assert.equal(warnings, []);
});

making('adds what the target found, the last word winning', () => {
  const { outputs, warnings } = make([
    ['release', 'v1'],
    ['release', 'v2'],
    ['imageTag', 'x'],
  ]);
  assert.is(outputs.get('release'), 'v2');
  assert.is(outputs.get('imageTag'), 'x');
  assert.equal(warnings, []);
});

making('never lets a target replace a standard name, in any case of letters', () => {
  const { outputs, warnings } = make([
    ['outcome', 'success'],
    ['OUTCOME', 'success'],
    ['a', '1'],
    ['A', '2'],
  ]);
  assert.equal([...outputs.keys()], [...standardNames, 'a']);
  assert.is(outputs.get('outcome'), 'failure');
  assert.equal(warnings, [
    'Output outcome of the target is left out: outcome is there already',
    'Output OUTCOME of the target is left out: outcome is there already',
    'Output A of the target is left out: a is there already',
  ]);
});

making('leaves out names that no format can carry', () => {
  const names = ['', '1st', 'a b', 'a=b', 'a\nb', 'a-b', 'ä', 'x'.repeat(129)];
  const { outputs, warnings } = make(names.map((name): [string, string] => [name, 'x']));
  assert.is(outputs.size, standardNames.length);
  assert.is(warnings.length, names.length);
  assert.ok(warnings.every((text) => !text.includes('\n')));
});

making.run();

const titles = suite('titleOf');

for (const [standard, facts, title] of [
  [{ environment: 'production' }, {}, 'Deploy to production'],
  [{ environment: 'production' }, { component: 'api' }, 'Deploy to production / api'],
  [{ environment: 'production' }, { isRollback: true }, 'Rollback of production'],
  [{}, {}, 'Deploy'],
  [{}, { isRollback: true }, 'Rollback'],
] as const) {
  titles(`reads ${title}`, () => {
    assert.is(
      titleOf(
        runOutputs(standard, [], () => {}),
        { durationMs: 0, ...facts },
      ),
      title,
    );
  });
}

titles.run();
