import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Values } from '../../src/settings/define.ts';
import type { general } from '../../src/settings/general.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import { type Choice, chooseTarget } from '../../src/verbs/choose-target.ts';
import { everySetting } from '../../src/verbs/owners.ts';

function choose(env: Record<string, string>): Choice {
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const loaded = load(everySetting, [fromEnv(env, 'PLUGIN_')], reading);
  return chooseTarget(loaded, loaded.values as Values<typeof general>);
}

const choosing = suite('chooseTarget');
const url = 'https://deploy.example/hook';

for (const [name, env, id] of [
  ['the one that is named', { PLUGIN_TARGET: 'webhook', PLUGIN_COMMAND: 'true' }, 'webhook'],
  ['command, by its command', { PLUGIN_COMMAND: 'true' }, 'command'],
  ['webhook, by its URL', { PLUGIN_WEBHOOK_URL: url }, 'webhook'],
  ['by what is required first', { PLUGIN_WEBHOOK_URL: url, PLUGIN_WORKDIR: 'x' }, 'webhook'],
  ['by a value that is wrong', { PLUGIN_WEBHOOK_URL: 'deploy.example' }, 'webhook'],
  ['by any of its settings', { PLUGIN_WEBHOOK_TOKEN: 'hush' }, 'webhook'],
  ['by a required one that did not arrive', { PLUGIN_WEBHOOK_URL: '' }, 'webhook'],
] as const) {
  choosing(`takes ${name}`, () => {
    const { entry, fault } = choose(env);
    assert.is(fault, undefined);
    assert.is(entry?.id, id);
  });
}

choosing('guesses neither of two, and nothing of nothing', () => {
  const two = choose({ PLUGIN_COMMAND: 'true', PLUGIN_WEBHOOK_URL: url });
  assert.match(two.fault?.message ?? '', /several are written: name one of command, webhook/);
  assert.match(choose({}).fault?.message ?? '', /is required: set command, or name/);
});

choosing.run();
