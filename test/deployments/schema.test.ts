import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { fileSchema } from '../../src/deployments/schema.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { deploymentsText, exampleText, faultsOf, settingsText } from './stage.ts';

const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
  allErrors: true,
});
const valid = ajv.compile(fileSchema(catalog));
const schema = suite('fileSchema');

schema('takes the example, as the reader does', () => {
  assert.equal(faultsOf(exampleText), []);
  assert.ok(valid(parse(exampleText)), JSON.stringify(valid.errors));
});

const command = 'settings: { command: x }';
for (const text of [
  deploymentsText(command),
  deploymentsText(
    `${command}, on: { api: true, tag: [v*] }, refs: [main], busy: refuse, component: a`,
  ),
  deploymentsText(`${command}, forge: gitea, forge_url: https://git.example.com`),
  settingsText(['command: |', '  one', '  two', 'timeout: 90', 'dry_run: true', 'report: [none]']),
  settingsText(['command: [one, two]', 'timeout: 1h30m', 'payload: { a: { b: 1 } }']),
]) {
  schema(`takes ${text.slice(0, 160).replaceAll('\n', ' ')}`, () => {
    assert.equal(faultsOf(text), []);
    assert.ok(valid(parse(text)), JSON.stringify(valid.errors));
  });
}

const token = (more: string): string =>
  `tokens: [{ name: a, ${more} }]\n${deploymentsText(command)}`;
for (const [title, text] of [
  ['a typo at the top', `deploiments: []\n${deploymentsText(command)}`],
  ['a typo in a deployment', deploymentsText(`${command}, bussy: queue`)],
  ['a typo of a setting', deploymentsText('settings: { command: x, timeot: 5m }')],
  ['a bad value', deploymentsText('settings: { command: x, timeout: soon }')],
  ['a setting of another target', deploymentsText('settings: { command: x, webhook_method: PUT }')],
  ['a setting that only steps have', deploymentsText('settings: { command: x, when_busy: wait }')],
  ['a field among the settings', deploymentsText('settings: { command: x, environment: y }')],
  ['a secret among the settings', deploymentsText('settings: { command: x, github_token: y }')],
  ['a secret in plain text', deploymentsText(`${command}, secrets: { github_token: y }`)],
  ['a setting among the secrets', deploymentsText(`${command}, secrets: { timeout: { env: X } }`)],
  ['a target that there is not', deploymentsText(command).replace('command,', 'comand,')],
  ['a command that is missing', deploymentsText('settings: { timeout: 5m }')],
  ['settings that are missing', deploymentsText('busy: queue')],
  ['a secret that is missing', deploymentsText('busy: queue').replace('command,', 'webhook,')],
  ['a workspace that no CI made', deploymentsText(`${command}, checkout: workspace`)],
  ['no deployments', 'page: { access: token }'],
  ['a word too many', 'page: { access: everybody }\n'.concat(deploymentsText(command))],
  ['a token without a value', token('may: [read], deployments: [a]')],
  ['a token with two', token('value: { env: A, file: b }, may: [read], deployments: [a]')],
  ['a token in plain text', token('value: abc, may: [read], deployments: [a]')],
  ['a right that there is not', token('value: { env: A }, may: [write], deployments: [a]')],
] as const) {
  schema(`refuses ${title}, as the reader does`, () => {
    assert.ok(faultsOf(text).length > 0, 'the reader takes it');
    assert.not.ok(valid(parse(text)), 'the schema takes it');
  });
}

schema('says of every field what it is for', () => {
  const { properties, $defs } = fileSchema(catalog) as {
    properties: Record<string, { description?: string }>;
    $defs: Record<
      string,
      { properties: Record<string, { properties: Record<string, { description?: string }> }> }
    >;
  };
  for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  assert.equal(
    Object.keys($defs),
    catalog.targets.map(({ id }) => id),
  );
  for (const { properties: parts } of Object.values($defs)) {
    for (const { properties: settings } of Object.values(parts)) {
      for (const [name, { description }] of Object.entries(settings))
        assert.match(description ?? '', /\.$/, name);
    }
  }
});
schema.run();
