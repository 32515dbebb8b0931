import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { durationText } from '../../src/duration.ts';
import { envName, flagName, yamlName } from '../../src/settings/define.ts';
import { allSettings, namesOf } from '../../src/settings/emit/owner.ts';
import { owners, serverOwner } from '../../src/verbs/owners.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true, coerceTypes: false });
const settings = allSettings([...owners, serverOwner]);

const naming = suite('settings table: names');
naming('are camelCase, and back to themselves from every spelling', () => {
  for (const [key] of settings) {
    assert.match(key, /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)*$/);
    assert.is(flagName(key).replaceAll('-', '_'), yamlName(key));
    assert.is(envName(key), `PLUGIN_${yamlName(key).toUpperCase()}`);
  }
});
naming('are one setting each, older names and vendors included', () => {
  const seen = new Map<string, string>();
  for (const [key, setting] of settings) {
    for (const name of namesOf(key, setting)) {
      const other = seen.get(name.toLowerCase());
      assert.is(other, undefined, `${name} is a name of both ${other} and ${key}`);
      seen.set(name.toLowerCase(), key);
    }
  }
});
naming('of vendors and older ones have the right form', () => {
  for (const [, { alias = [], vendor = [] }] of settings) {
    for (const name of alias) assert.match(name, /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
    for (const name of vendor) assert.match(name, /^(?!PLUGIN_|SLIPWAY_|INPUT_)[A-Z][A-Z0-9_]*$/);
  }
});
naming('are those of one owner each', () => {
  assert.is(new Set([...owners, serverOwner].map(({ owner }) => owner)).size, owners.length + 1);
});
naming.run();

const declaring = suite('settings table: declarations');
for (const [key, setting] of settings) {
  const { is: rule, default: preset, about } = setting;
  declaring(`${yamlName(key)} refuses constructor where it is not just any text`, () => {
    const anyText =
      rule.loose ||
      rule.prose ||
      (rule.kind === 'list' && !/"(?:pattern|enum)"/.test(JSON.stringify(rule.json))) ||
      ['repo', 'divioApplication'].includes(key);
    if (anyText && rule.kind !== 'map') assert.ok(rule.read('constructor') !== undefined);
    else assert.is(rule.read('constructor'), undefined);
  });
  declaring(`${yamlName(key)} is told in one sentence`, () => {
    assert.match(about, /^[A-Z`dP][^|\n]*\.$/);
    assert.not.match(about, /\.\s+[A-Z]/);
  });
  declaring(`${yamlName(key)} has a schema that compiles`, () => {
    assert.type(ajv.compile(rule.json), 'function');
  });
  if (preset !== undefined) {
    declaring(`${yamlName(key)} has a default that its own rule takes`, () => {
      const asText = rule.kind === 'duration' ? durationText(Number(preset)) : preset;
      const raw = typeof asText === 'string' ? asText : JSON.stringify(asText);
      assert.equal(rule.read(raw), preset);
      assert.ok(ajv.validate(rule.json, asText), ajv.errorsText());
    });
  }
}
declaring('never let a caller set a secret, nor read a file of the server', () => {
  for (const [key, setting] of settings) {
    if (!setting.caller) continue;
    assert.not.ok(setting.secret, key);
    assert.not.ok(setting.file, key);
  }
});
declaring('name a default once', () => {
  for (const [key, { default: preset, otherwise, required }] of settings) {
    assert.ok([preset, otherwise, required].filter((one) => one !== undefined).length <= 1, key);
  }
});
declaring('keep what may carry a credential secret', () => {
  for (const [key, { is: rule, secret }] of settings) {
    if (/token|password|secret|private|headers/i.test(key)) assert.ok(secret, key);
    if (rule.json.pattern === '^https?://\\S+$') assert.ok(secret, key);
  }
});
declaring.run();
