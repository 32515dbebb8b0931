import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Table } from '../../src/settings/define.ts';
import { demand, type Loaded, load } from '../../src/settings/load.ts';
import {
  bool,
  lasting,
  list,
  map,
  object,
  oneOf,
  prose,
  script,
  secretUrl,
  text,
  url,
  verbatim,
  whole,
} from '../../src/settings/rules.ts';
import {
  type Env,
  fromContext,
  fromEnv,
  fromFlags,
  fromVendors,
} from '../../src/settings/sources.ts';

const table = {
  target: { is: oneOf('command', 'webhook'), about: 'Service that deploys.', required: true },
  size: { is: whole(1, 9), about: 'Size.', default: 3 },
  timeout: { is: lasting, about: 'Longest time.', default: 1000 },
  name: { is: text, about: 'Name.' },
  regions: { is: list, about: 'Regions.' },
  dryRun: { is: bool, about: 'Write nothing.', default: false },
  page: { is: url, about: 'Page.' },
  sentence: { is: prose, about: 'Sentence.' },
  steps: { is: script, about: 'Steps.' },
  payload: { is: object, about: 'Payload.' },
  caCert: { is: prose, about: 'Certificates.', file: true },
  token: { is: text, about: 'Token.', secret: true, alias: ['api_token'], vendor: ['ACME_TOKEN'] },
  headers: { is: map, about: 'Headers.', secret: true },
  hook: { is: secretUrl, about: 'Hook.', secret: true },
  body: { is: verbatim, about: 'Body.', secret: true, file: true },
  key: { is: { ...prose, kind: 'text@' }, about: 'Key.', secret: true, file: true },
} as const satisfies Table;

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
const files: Readonly<Record<string, string>> = { 'ca.pem': 'PEM\n', 'empty.pem': ' \n' };
const reading = {
  emptyMeansMissing: false,
  readFile: (path: string): string => {
    const content = files[path];
    if (content === undefined) throw missing;
    return content;
  },
};
const read = (env: Env): Loaded => load(table, [fromEnv(env, 'PLUGIN_')], reading);
const said = ({ faults }: Loaded): string => faults.map((f) => `${f.name} ${f.message}`).join('\n');

const loading = suite('load');

loading('takes defaults where nothing is given, and says so', () => {
  const loaded = read({});
  assert.is(loaded.values.size, 3);
  assert.is(loaded.values.name, undefined);
  assert.is(loaded.origins.get('size'), 'default');
  assert.not(loaded.origins.has('name'));
  assert.equal(loaded.faults, []);
});

loading('prefers the first source, and names where each value came from', () => {
  const loaded = load(
    table,
    [
      fromFlags({ size: '5' }),
      fromEnv({ PLUGIN_SIZE: '6', PLUGIN_NAME: 'b' }, 'PLUGIN_'),
      fromEnv({ SLIPWAY_NAME: 'c', SLIPWAY_TIMEOUT: '5s' }, 'SLIPWAY_'),
      fromVendors({ ACME_TOKEN: 'v' }, (name) => (name === 'token' ? ['ACME_TOKEN'] : [])),
      fromContext('drone', { name: 'd', regions: 'eu' }),
    ],
    reading,
  );
  const { size, name, timeout, token, regions } = loaded.values;
  assert.equal([size, name, timeout, token, regions], [5, 'b', 5000, 'v', ['eu']]);
  assert.equal(
    ['size', 'name', 'timeout', 'token', 'regions'].map((key) => loaded.origins.get(key)),
    ['--size', 'PLUGIN_NAME', 'SLIPWAY_TIMEOUT', 'ACME_TOKEN', 'regions of the drone build'],
  );
});

loading('passes over an empty or blank variable to the next source', () => {
  const sources = [
    fromEnv({ PLUGIN_NAME: '', PLUGIN_SIZE: ' ' }, 'PLUGIN_'),
    fromEnv({ SLIPWAY_NAME: 'b' }, 'SLIPWAY_'),
  ];
  const loaded = load(table, sources, reading);
  assert.is(loaded.values.name, 'b');
  assert.is(loaded.values.size, 3);
  assert.equal([...loaded.empty], [['size', 'PLUGIN_SIZE']]);
});

loading('takes a flag without a value for true, and for a fault where it needs one', () => {
  const loaded = load(table, [fromFlags({ 'dry-run': '', name: '' })], reading);
  assert.is(loaded.values.dryRun, true);
  assert.is(said(loaded), '--name must be one line of text, got ""');
});

loading('reports all faults at once, each under the name that its author used', () => {
  const loaded = load(
    table,
    [
      fromFlags({ size: '10' }),
      fromEnv({ PLUGIN_TARGET: 'heroku', plugin_page: 'x', 'PLUGIN_DRY-RUN': 'banana' }, 'PLUGIN_'),
    ],
    reading,
  );
  assert.equal(loaded.faults.map((fault) => fault.name).sort(), [
    '--size',
    'PLUGIN_DRY-RUN',
    'PLUGIN_TARGET',
    'plugin_page',
  ]);
  assert.match(said(loaded), 'PLUGIN_TARGET must be one of command, webhook, got "heroku"');
  assert.match(said(loaded), '--size must be a whole number from 1 to 9, got "10"');
  assert.equal([...loaded.faulty].sort(), ['dryRun', 'page', 'size', 'target']);
});

loading('warns once about an older name, and reads it', () => {
  const loaded = read({ PLUGIN_API_TOKEN: 'x' });
  assert.is(loaded.values.token, 'x');
  assert.equal(loaded.warnings, ['PLUGIN_API_TOKEN is an older name of token']);
});

loading('refuses two values for one setting, in any spelling, without showing them', () => {
  for (const env of [
    { PLUGIN_TOKEN: 'mine', PLUGIN_API_TOKEN: 'theirs' },
    { PLUGIN_API_TOKEN: 'mine', PLUGIN_TOKEN: 'theirs' },
    { PLUGIN_TOKEN: 'mine', plugin_token: 'theirs' },
    { 'PLUGIN_API-TOKEN': 'mine', PLUGIN_API_TOKEN: 'theirs' },
  ]) {
    const loaded = read(env);
    assert.is(loaded.faults.length, 1);
    assert.match(said(loaded), /^\S+ and \S+ are one setting with two values: keep one$/);
    for (const name of Object.keys(env)) assert.match(said(loaded), name);
    assert.not.match(said(loaded), /mine|theirs/);
    assert.is(loaded.values.token, undefined);
  }
});

loading('accepts two spellings with one value, and an empty one beside a value', () => {
  assert.is(read({ PLUGIN_TOKEN: 'x', plugin_token: 'x' }).values.token, 'x');
  assert.is(read({ PLUGIN_TOKEN: '', plugin_token: 'x' }).values.token, 'x');
  assert.is(read({ plugin_token: 'x', PLUGIN_TOKEN: '' }).values.token, 'x');
});

loading('shows a value of up to 80 characters whole, and nothing of a longer one', () => {
  assert.match(said(read({ PLUGIN_SIZE: 'x'.repeat(80) })), `got "${'x'.repeat(80)}"`);
  const message = said(read({ PLUGIN_SIZE: 'x'.repeat(81) }));
  assert.match(message, 'got 81 characters');
  assert.not.match(message, 'xxx');
});
loading.run();

const exact = suite('load: exact sources');
exact('take numbers as they were typed, where no YAML library stood between', () => {
  const typed = { name: '1.10', sentence: '1e+06' };
  const source = { id: 'file', get: (name: string) => given(name, typed) };
  const given = (name: string, all: Record<string, string>) =>
    all[name] === undefined ? undefined : { label: name, raw: all[name] };
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const plain = load(table, [source], reading);
  assert.match(plain.faults[0]?.message ?? '', /YAML makes of an unquoted number/);
  const loaded = load(table, [{ ...source, exact: true }], reading);
  assert.equal([loaded.faults, loaded.warnings], [[], []]);
  assert.equal([loaded.values.name, loaded.values.sentence], ['1.10', '1e+06']);
});
exact('do not blame YAML for a number that is refused', () => {
  const source = {
    id: 'file',
    exact: true,
    get: (name: string) => (name === 'page' ? { label: 'page', raw: '12' } : undefined),
  } as const;
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  const { exact: _, ...inexact } = source;
  assert.match(load(table, [inexact], reading).faults[0]?.message ?? '', /YAML/);
  assert.not.match(load(table, [source], reading).faults[0]?.message ?? '', /YAML/);
});
exact.run();

const resolving = suite('load: text that was not replaced');
const names = ['NAME', 'SIZE', 'TARGET', 'PAGE', 'REGIONS', 'TOKEN', 'HEADERS', 'HOOK', 'KEY'];
for (const name of names) {
  for (const [value, message] of [
    ['${DEPLOY_KEY}', /unresolved \$\{…\}: what it names does not exist/],
    ["https://x.example/${parameterValues['owner']}", /unresolved \$\{…\}/],
    ['$(githubToken)', /unresolved \$\(…\): Azure Pipelines knows no variable/],
    ['<+secrets.getValue("x")>', /unresolved <\+…> expression: Harness did not find/],
    ['{"a":{"from_secret":"x"}}', /from_secret: Drone resolves it only as the whole setting/],
    ['from_secret: x', /from_secret: Drone/],
    [' Placeholder\n', /still the word placeholder/],
  ] as const) {
    resolving(`PLUGIN_${name} refuses ${JSON.stringify(value)}`, () => {
      const loaded = read({ [`PLUGIN_${name}`]: value });
      assert.is(loaded.faults.length, 1);
      assert.is(loaded.faults[0]?.name, `PLUGIN_${name}`);
      assert.match(said(loaded), message);
    });
  }
}
for (const name of ['SENTENCE', 'STEPS', 'BODY']) {
  for (const value of ['echo ${HOME}', 'say <+x>', 'placeholder', 'from_secret: x']) {
    resolving(`PLUGIN_${name} leaves ${JSON.stringify(value)} to its author`, () => {
      const loaded = read({ [`PLUGIN_${name}`]: value });
      assert.is(said(loaded), '');
      assert.is(loaded.values[name.toLowerCase()], value);
    });
  }
}
resolving('a payload may hold ${…}, but not a reference that nobody resolved', () => {
  assert.equal(read({ PLUGIN_PAYLOAD: '{"a":"${b}"}' }).values.payload, { a: '${b}' });
  assert.match(said(read({ PLUGIN_PAYLOAD: '{"a":{"from_secret":"b"}}' })), 'from_secret');
});
resolving('what stands in a file is judged like what stands in the variable', () => {
  const file = { ...reading, readFile: () => '${KEY}' };
  const loaded = load(table, [fromEnv({ PLUGIN_KEY: '@k' }, 'PLUGIN_')], file);
  assert.match(said(loaded), 'PLUGIN_KEY holds an unresolved');
});
resolving.run();

const filing = suite('load: @path');
filing('reads the file', () => {
  assert.is(read({ PLUGIN_CA_CERT: '@ca.pem' }).values.caCert, 'PEM');
});
filing('names the file that it cannot read, and one that is empty', () => {
  assert.is(
    said(read({ PLUGIN_CA_CERT: '@no.pem' })),
    'PLUGIN_CA_CERT names a file that cannot be read: no.pem (ENOENT)',
  );
  assert.is(
    said(read({ PLUGIN_CA_CERT: '@empty.pem' })),
    'PLUGIN_CA_CERT names a file that is empty: empty.pem',
  );
});
filing('does not name it where the text may be the secret itself', () => {
  assert.is(
    said(read({ PLUGIN_KEY: '@hunter2' })),
    'PLUGIN_KEY names a file that cannot be read (ENOENT)',
  );
});
filing('leaves @ alone where the setting is no file', () => {
  assert.is(read({ PLUGIN_NAME: '@ca.pem' }).values.name, '@ca.pem');
});
filing.run();

const keeping = suite('load: secrets');
for (const [name, value] of [
  ['TOKEN', 'hunter2\nhunter2'],
  ['TOKEN', 'hunter2${x}'],
  ['TOKEN', 'placeholder'],
  ['HEADERS', 'hunter2'],
  ['HEADERS', '{"a":{"hunter2":1}}'],
  ['HOOK', 'hunter2'],
  ['HOOK', '<+hunter2>'],
  ['KEY', '@hunter2'],
  ['PAGE', 'https://me:hunter2@example.com'],
  ['PAGE', 'ftp://example.com?token=hunter2'],
  ['PAYLOAD', '{"password":"hunter2"'],
] as const) {
  keeping(`PLUGIN_${name}=${JSON.stringify(value)} is a fault that does not show it`, () => {
    const loaded = read({ [`PLUGIN_${name}`]: value });
    assert.is(loaded.faults.length, 1);
    assert.not.match(said(loaded) + loaded.warnings.join(), 'hunter2');
  });
}
keeping('never warns with a secret that looks like a number', () => {
  assert.equal(read({ PLUGIN_TOKEN: '123456' }).warnings, []);
});
keeping(
  'an empty secret is a fault where empty means missing, under the name that was used',
  () => {
    const drone = { ...reading, emptyMeansMissing: true };
    const loaded = load(table, [fromEnv({ PLUGIN_API_TOKEN: '' }, 'PLUGIN_')], drone);
    assert.is(
      said(loaded),
      'PLUGIN_API_TOKEN is empty: the secret was not found, or is not exposed to this event',
    );
    assert.equal(read({ PLUGIN_TOKEN: '' }).faults, [], 'elsewhere it is not set');
    const other = [fromEnv({ PLUGIN_TOKEN: '' }, 'PLUGIN_'), fromFlags({ token: 'x' })];
    assert.equal(load(table, other, drone).faults, [], 'another source has it');
  },
);
keeping.run();

const demanding = suite('demand');
const need = {
  target: { ...table.target },
  token: { ...table.token, required: true },
  key: { ...table.key, required: true },
} as const satisfies Table;
const demanded = (env: Env): string => {
  const loaded = load(need, [fromEnv(env, 'PLUGIN_')], reading);
  return [...loaded.faults, ...demand(need, loaded)]
    .map((f) => `${f.name} ${f.message}`)
    .join('\n');
};
demanding('names each setting that is required and not there', () => {
  assert.is(
    demanded({}),
    'PLUGIN_TARGET is required: Service that deploys.\nPLUGIN_TOKEN is required: Token.\nPLUGIN_KEY is required: Key.',
  );
});
demanding('says of an empty secret that it was not found', () => {
  assert.match(
    demanded({ PLUGIN_TARGET: 'command', PLUGIN_KEY: 'k', PLUGIN_API_TOKEN: '' }),
    /^PLUGIN_API_TOKEN is empty: the secret was not found/,
  );
  assert.match(
    demanded({ PLUGIN_TARGET: '', PLUGIN_KEY: 'k', PLUGIN_TOKEN: 't' }),
    /^PLUGIN_TARGET is empty and required: Service/,
  );
});
demanding('does not name a setting twice that has a fault', () => {
  assert.is(
    demanded({ PLUGIN_TARGET: 'command', PLUGIN_API_TOKEN: '${X}', PLUGIN_KEY: 'k' }).split('\n')
      .length,
    1,
  );
});
demanding('is content when all is there', () => {
  assert.is(demanded({ PLUGIN_TARGET: 'command', PLUGIN_TOKEN: 't', PLUGIN_KEY: 'k' }), '');
});
demanding.run();
