import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { builds as woodpecker } from '../context/recorded/woodpecker.ts';
import { deployed, type Env, page, play, runPlugin, token } from '../examples/example.ts';
import { encodeDrone, encodeWoodpecker } from '../support/encoders.ts';
import { readEntry } from './expand.ts';
import { indexSchema } from './index-schema.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const names = Object.keys(everySetting).map(yamlName);
const secrets = { github_token: token };
/** The settings of the only step, as they are written. */
const settingsIn = (pipeline: string): string =>
  /^ +settings:.*\n((?: {6,}.*\n)+)/m.exec(pipeline)?.[1] ?? '';

const deploys = (settings: Env, recorded: Env) =>
  play(false, ({ github, folder }) =>
    runPlugin(folder, { ...recorded, ...settings, PLUGIN_GITHUB_API_URL: github.url }),
  );

const index = suite("entries: the index of Drone's plugins");
const content = parse(readEntry('drone/content.yaml'));

index('is what its schema demands', () => {
  const ajv = new Ajv({ allErrors: true });
  formats.default(ajv);
  const judge = ajv.compile(indexSchema);
  assert.ok(judge(content), JSON.stringify(judge.errors));
  assert.not.ok(judge({ ...content, icon: 'x' }));
  assert.not.ok(judge({ ...content, license: 'MIT' }));
});
index('knows every setting, its default and whether it is secret', () => {
  assert.equal(Object.keys(content.properties), names);
  for (const [key, { secret = false }] of Object.entries(everySetting)) {
    assert.is(content.properties[yamlName(key)].secret, secret, key);
  }
  assert.is(content.properties.timeout.defaultValue, '50m');
  assert.is(content.properties.environment.defaultValue, '');
});
index('shows a pipeline with its image, which deploys a promotion', async () => {
  const example = parse(content.example);
  for (const key of ['kind', 'name', 'steps']) assert.ok(key in example, key);
  assert.is(example.steps[0].image, 'slipway');
  const settings = encodeDrone(settingsIn(content.example), secrets);
  const good = await deploys(settings, {
    ...drone.promoteInUi.env,
    DRONE_REPO_LINK: 'https://github.com/octo/hello',
  });
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
});
index.run();

const docs = suite("entries: Woodpecker's docs.md");
const text = readEntry('woodpecker/docs.md');
/** As the index reads it: the first line of dashes after the start ends the header. */
const [, head = ''] = /^---([\s|\S]*?)---/.exec(text) ?? [];

docs('begins with the keys that the index knows', () => {
  const known = ['name', 'description', 'url', 'tags', 'author', 'icon'];
  const header = parse(head);
  const keys = [...known, 'containerImage', 'containerImageUrl'];
  assert.equal(
    Object.keys(header).filter((key) => !keys.includes(key)),
    [],
  );
  assert.equal([header.name, header.containerImage], ['Slipway', 'REGISTRY/slipway:VERSION']);
});
docs('has a row for every setting', () => {
  const rows = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
  assert.equal(rows, names);
});
docs('shows a pipeline that deploys', async () => {
  const [, example = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const [step] = parse(example).steps;
  assert.equal(Object.keys(step), ['name', 'image', 'settings']);
  const settings = encodeWoodpecker(settingsIn(example), secrets);
  const good = await deploys(settings, { ...woodpecker.byCli.env, CI_REPO_URL: page });
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
});
docs.run();
