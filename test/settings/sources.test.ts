import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromContext, fromEnv, fromFlags, fromVendors } from '../../src/settings/sources.ts';

const env = suite('fromEnv');
for (const name of [
  'PLUGIN_LOG_LEVEL',
  'plugin_log_level',
  'PLUGIN_LOG-LEVEL',
  'PLUGIN_log.level',
]) {
  env(`reads ${name}, and keeps the author's spelling`, () => {
    const source = fromEnv({ [name]: 'debug' }, 'PLUGIN_');
    assert.equal(source.get('log_level'), { label: name, raw: 'debug' });
  });
}
env('reads nothing without its prefix', () => {
  const source = fromEnv(
    { LOG_LEVEL: 'a', SLIPWAY_LOG_LEVEL: 'b', XPLUGIN_LOG_LEVEL: 'c' },
    'PLUGIN_',
  );
  assert.is(source.get('log_level'), undefined);
  assert.is(source.own?.size, 0);
});
env('prefers a value to an empty spelling, in either order', () => {
  assert.is(fromEnv({ PLUGIN_A: '', plugin_a: 'x' }, 'PLUGIN_').get('a')?.raw, 'x');
  assert.is(fromEnv({ plugin_a: 'x', PLUGIN_A: '' }, 'PLUGIN_').get('a')?.raw, 'x');
});
env('tells of two spellings with two values', () => {
  const source = fromEnv({ PLUGIN_A: 'x', plugin_a: 'y', PLUGIN_B: 'x', plugin_b: 'x' }, 'PLUGIN_');
  assert.equal([...(source.doubles ?? [])], [['a', ['PLUGIN_A', 'plugin_a']]]);
});
env('knows no constructor', () => {
  assert.is(fromEnv({}, 'PLUGIN_').get('constructor'), undefined);
});
env.run();

const flags = suite('fromFlags');
flags('reads a flag under the name of its setting', () => {
  const source = fromFlags({ 'log-level': 'debug', repo: '' });
  assert.equal(source.get('log_level'), { label: '--log-level', raw: 'debug' });
  assert.equal(source.get('repo'), { label: '--repo', raw: '' });
  assert.is(source.get('constructor'), undefined);
});
flags.run();

const vendors = suite('fromVendors');
vendors('takes the first variable that is not empty', () => {
  const of = (name: string) => (name === 'token' ? ['A_TOKEN', 'B_TOKEN', 'C_TOKEN'] : []);
  const source = fromVendors({ A_TOKEN: '', B_TOKEN: 'b', C_TOKEN: 'c' }, of);
  assert.equal(source.get('token'), { label: 'B_TOKEN', raw: 'b' });
  assert.is(source.get('other'), undefined);
});
vendors.run();

const context = suite('fromContext');
context('names the fact and the system, and leaves out what CI does not say', () => {
  const source = fromContext('drone', { deploymentId: '42', ref: undefined });
  assert.equal(source.get('deployment_id'), {
    label: 'deployment_id of the drone build',
    raw: '42',
  });
  assert.is(source.get('ref'), undefined);
});
context.run();
