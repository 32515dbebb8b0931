import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import yargs from 'yargs';
import { yamlName } from '../../../src/settings/define.ts';
import { flagOptions } from '../../../src/settings/emit/flags.ts';
import { settingsMarkdown } from '../../../src/settings/emit/markdown.ts';
import { allSettings, type Owner } from '../../../src/settings/emit/owner.ts';
import { pluginSettings } from '../../../src/settings/emit/plugin-yaml.ts';
import { replaceRegion } from '../../../src/settings/emit/region.ts';
import { requestSchema, settingsSchema } from '../../../src/settings/emit/schema.ts';
import { settingsHelp, wrap } from '../../../src/settings/emit/terminal.ts';
import { load } from '../../../src/settings/load.ts';
import { bool, duration, list, oneOf, text } from '../../../src/settings/rules.ts';
import { fromFlags } from '../../../src/settings/sources.ts';
import { owners } from '../../../src/verbs/owners.ts';

const shop: Owner = {
  title: 'Shop',
  owner: 'shop',
  about: 'A shop.',
  table: {
    shopSize: { is: oneOf('small', 'large'), about: 'Size.', required: true, caller: true },
    shopWait: { is: duration, about: 'Wait.', default: 90_000, caller: true },
    shopOpen: { is: bool, about: 'Open.', default: false, alias: ['open'] },
    shopRegions: { is: list, about: 'Regions.', default: [] },
    shopName: { is: text, about: 'Name.', otherwise: 'context' },
    shopToken: { is: text, about: 'Token.', secret: true, vendor: ['SHOP_TOKEN'] },
  },
};

const markdown = suite('settingsMarkdown');
markdown('writes a heading, a sentence and a table', () => {
  assert.is(
    settingsMarkdown([shop]),
    `### Shop

A shop.

| Setting        | Type         | Default      | Caller | Meaning                         |
| -------------- | ------------ | ------------ | :----: | ------------------------------- |
| \`shop_size\`    | small\\|large | **required** |   ●    | Size.                           |
| \`shop_wait\`    | duration     | \`1m30s\`      |   ●    | Wait.                           |
| \`shop_open\`    | bool         | \`false\`      |        | Open. Also read: \`open\`.        |
| \`shop_regions\` | list         | empty        |        | Regions.                        |
| \`shop_name\`    | text         | context      |        | Name.                           |
| \`shop_token\`   | secret       |              |        | Token. Also read: \`SHOP_TOKEN\`. |`,
  );
});
markdown.run();

const help = suite('settingsHelp');
help('says of each setting its flag, type, default and meaning', () => {
  const shown = settingsHelp([shop]);
  assert.match(shown, '  shop_size  --shop-size\n      small | large; required\n      Size.');
  assert.match(shown, '  shop_wait  --shop-wait\n      duration; default: 1m30s\n');
  assert.match(shown, '  shop_token\n      secret; not set\n');
});
help('keeps within 80 columns', () => {
  for (const line of settingsHelp(owners).split('\n')) assert.ok(line.length <= 80, line);
});
help('breaks between words only', () => {
  assert.is(wrap('x '.repeat(50).trim(), '  ').split('\n').length, 2);
  assert.is(wrap('y'.repeat(100), ''), 'y'.repeat(100));
});
help.run();

const manifest = suite('pluginSettings');
manifest('is YAML with every setting of every owner', () => {
  const { settings } = parse(pluginSettings(owners));
  assert.equal(
    settings.map(({ name }: { name: string }) => name),
    allSettings(owners).map(([key]) => yamlName(key)),
  );
});
manifest('requires of a step nothing that only another target needs', () => {
  const { settings } = parse(pluginSettings(owners));
  const required = settings.filter(({ required: is }: { required: boolean }) => is);
  assert.equal(required, []);
  const token = settings.find(({ name }: { name: string }) => name === 'divio_token');
  assert.match(token.description, /\. Required by the target divio\.$/);
});
manifest('says default, secret and required', () => {
  const { settings } = parse(pluginSettings([shop]));
  assert.equal(settings.slice(0, 2), [
    { name: 'shop_size', type: 'small|large', required: true, secret: false, description: 'Size.' },
    {
      name: 'shop_wait',
      type: 'duration',
      required: false,
      secret: false,
      default: '1m30s',
      description: 'Wait.',
    },
  ]);
  assert.equal(settings[4].description, 'Name. Without it: context.');
  assert.is(settings[5].secret, true);
});
manifest.run();

const flags = suite('flagOptions');
const parser = () =>
  yargs()
    .options(flagOptions([shop]))
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message) => {
      throw new Error(message);
    })
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'dot-notation': false,
    });
const flagsOf = (args: string[]): Record<string, string> => {
  const { _, $0, ...given } = parser().parseSync(args);
  return given as Record<string, string>;
};
flags('carry texts to load, without a default of their own', () => {
  assert.equal(flagsOf([]), {});
  const given = flagsOf(['--shop-size=small', '--shop-wait', '010', '--shop-open']);
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const { values, faults } = load(shop.table, [fromFlags(given)], reading);
  assert.equal(faults, []);
  assert.equal([values.shopSize, values.shopWait, values.shopOpen], ['small', 10_000, true]);
});
flags('count with their last value', () => {
  assert.is(flagsOf(['--shop-name=1', '--shop-name=2'])['shop-name'], '2');
});
flags('know older names', () => {
  assert.equal(flagsOf(['--open=yes']), { open: 'yes' });
});
flags('know no secret', () => {
  assert.throws(() => flagsOf(['--shop-token=x']), /Unknown argument: shop-token/);
});
flags('need their value', () => {
  assert.throws(() => flagsOf(['--shop-name']), /Not enough arguments/);
});
flags.run();

const schemas = suite('schemas');
const ajv = new Ajv({ strict: true, allowUnionTypes: true, coerceTypes: false });
schemas('let a request set what is marked for callers, and nothing else', () => {
  const valid = ajv.compile(requestSchema([shop]));
  assert.ok(valid({ shop_size: 'small', shop_wait: '5m' }));
  for (const body of [
    { shop_open: true },
    { shop_token: 'x' },
    { shop_size: 'medium' },
    { shop_wait: 5 },
    { shop_sise: 'small' },
  ]) {
    assert.not.ok(valid(body), JSON.stringify(body));
  }
});
schemas('let an operator set everything but secrets', () => {
  const { $schema, ...schema } = settingsSchema([shop]);
  const valid = ajv.compile(schema);
  assert.match(String($schema), '2020-12');
  assert.ok(valid({ shop_open: true, shop_regions: ['eu'] }));
  assert.not.ok(valid({ shop_token: 'x' }));
});
schemas('compile for the whole product', () => {
  assert.ok(ajv.compile(requestSchema(owners))({ environment: 'production', dry_run: true }));
  const { $schema, ...schema } = settingsSchema(owners);
  assert.ok(ajv.compile(schema)({ log_level: 'info' }), String($schema));
});
schemas.run();

const region = suite('replaceRegion');
const marks = '<!-- begin generated: a -->\nold\n<!-- end generated: a -->\n';
region('replaces what stands between the marks, and nothing else', () => {
  const once = replaceRegion(`x\n${marks}y\n`, 'markdown', 'a', 'new');
  assert.is(once, 'x\n<!-- begin generated: a -->\n\nnew\n\n<!-- end generated: a -->\ny\n');
  assert.is(replaceRegion(once, 'markdown', 'a', 'new'), once);
});
region('knows the marks of YAML', () => {
  const file = '# begin generated: a\n# end generated: a\n';
  assert.is(
    replaceRegion(file, 'yaml', 'a', 'b: 1'),
    '# begin generated: a\nb: 1\n# end generated: a\n',
  );
});
region('takes a text with $& as it is', () => {
  assert.match(replaceRegion(marks, 'markdown', 'a', "$& $'"), "\n$& $'\n");
});
for (const [title, file] of [
  ['no marks', 'x'],
  ['no end', '<!-- begin generated: a -->\n'],
  ['the wrong order', '<!-- end generated: a -->\n<!-- begin generated: a -->\n'],
  ['two of them', marks + marks],
] as const) {
  region(`refuses a file with ${title}`, () => {
    assert.throws(() => replaceRegion(file, 'markdown', 'a', 'new'), /needs one line/);
  });
}
region.run();
