import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { general } from '../../src/settings/general.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import { unknownNames, unwrittenNames } from '../../src/settings/written.ts';

const table = {
  ...general,
  githubToken: { ...general.runKey, alias: ['token'] },
};
const plugin = (env: Record<string, string>) => fromEnv(env, 'PLUGIN_');

const unknown = suite('unknownNames');
for (const [name, hint, isSlip] of [
  ['PLUGIN_TIMOUT', '; did you mean PLUGIN_TIMEOUT?', true],
  ['PLUGIN_ENVIROMENT', '; did you mean PLUGIN_ENVIRONMENT?', true],
  ['plugin_dry-rum', '; did you mean plugin_DRY_RUN?', true],
  ['PLUGIN_DRY_RUNN', '; did you mean PLUGIN_DRY_RUN?', true],
  ['PLUGIN_HTTP_T', '; did you mean PLUGIN_HTTP_TIMEOUT?', false],
  ['PLUGIN_KUBECONFIG', '', false],
] as const) {
  unknown(`finds ${name}, without its value`, () => {
    const found = unknownNames(table, [plugin({ [name]: 'secret' })], new Set());
    assert.equal(found, [{ name, message: `is not a setting${hint}`, isSlip }]);
  });
}
unknown('says nothing of settings, older names, and names that CI sets', () => {
  const source = plugin({ 'PLUGIN_LOG-LEVEL': 'x', PLUGIN_TOKEN: 'x', PLUGIN_PIPELINE: 'x' });
  assert.equal(unknownNames(table, [source], new Set(['pipeline'])), []);
});
unknown('looks at every source that is ours', () => {
  const sources = [plugin({ PLUGIN_X_Y_Z: '1' }), fromEnv({ SLIPWAY_X_Y_Z: '1' }, 'SLIPWAY_')];
  assert.is(unknownNames(table, sources, new Set()).length, 2);
});
unknown.run();

const only = suite('unwrittenNames');
only('refuses what is not named, whoever it belongs to, without its value', () => {
  const source = plugin({
    PLUGIN_ONLY: 'target',
    PLUGIN_TARGET: 'a',
    PLUGIN_COMMAND: 'evil',
    PLUGIN_X: 'evil',
  });
  const faults = unwrittenNames(['target'], source, new Set());
  assert.equal(
    faults.map(({ name }) => name),
    ['PLUGIN_COMMAND', 'PLUGIN_X'],
  );
  assert.match(faults[0]?.message ?? '', 'not among the names in `only`: add it there');
  assert.not.match(JSON.stringify(faults), 'evil');
});
only('takes any spelling of a name, and what CI sets itself', () => {
  const source = plugin({
    PLUGIN_LOG_LEVEL: 'x',
    'PLUGIN_DRY-RUN': 'x',
    PLUGIN_ARTIFACT_FILE: 'x',
  });
  assert.equal(unwrittenNames(['log-level', 'DRY_RUN'], source, new Set(['artifact_file'])), []);
});
only('takes an empty variable for none', () => {
  const source = plugin({ PLUGIN_COMMAND: 'x', PLUGIN_TARGET: '' });
  assert.equal(unwrittenNames(['command'], source, new Set()), []);
});
only.run();
