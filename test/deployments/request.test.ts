import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRequestReader, type Door } from '../../src/deployments/request.ts';
import { runSchema } from '../../src/deployments/schema.ts';
import { yamlName } from '../../src/settings/define.ts';
import { allSettings } from '../../src/settings/emit/owner.ts';
import { catalog, owners } from '../../src/verbs/owners.ts';
import { seeded } from '../support/random.ts';

const readRequest = createRequestReader(catalog);
const ask = (body: unknown, door: Door = 'api') =>
  readRequest(typeof body === 'string' ? body : JSON.stringify(body), door);
const requestOf = (body: unknown, door: Door = 'api') => {
  const read = ask(body, door);
  if ('refusal' in read) throw new Error(JSON.stringify(read.refusal));
  return read.request;
};
const refusalOf = (body: unknown, door: Door = 'api') => {
  const read = ask(body, door);
  if ('request' in read) throw new Error(JSON.stringify(read.request));
  return read.refusal;
};
const ajv = new Ajv({ strict: true, allowUnionTypes: true, coerceTypes: false });
const schemas = {
  api: ajv.compile(runSchema(catalog, 'api')),
  spinnaker: ajv.compile(runSchema(catalog, 'spinnaker')),
};

const sha = 'a'.repeat(40);
const reading = suite('createRequestReader');

/** Body, and what is read of it; the schema takes each. */
const good: readonly (readonly [string, Door, Record<string, unknown>, object])[] = [
  ['a name alone', 'api', { deployment: 'hello' }, { deployment: 'hello', settings: {} }],
  [
    'what Orca sends: a number, nulls and empty texts',
    'spinnaker',
    {
      deployment: '',
      owner: 'octo',
      repo: 'hello',
      environment: 'production',
      deployment_id: 42,
      ref: null,
      commit: '',
      description: null,
      spinnaker: { application: 'shop', pipeline: null, execution_id: '01J', stage_id: '01K' },
    },
    {
      repository: 'octo/hello',
      environment: 'production',
      settings: { deployment_id: '42' },
      spinnaker: { application: 'shop', execution_id: '01J', stage_id: '01K' },
    },
  ],
  [
    'texts for everything, as parameters of a stage are',
    'spinnaker',
    {
      deployment: 'hello',
      deployment_id: '42',
      dry_run: 'true',
      timeout: '900',
      payload: '{"a":1}',
    },
    {
      deployment: 'hello',
      settings: { deployment_id: '42', dry_run: 'true', timeout: '900', payload: '{"a":1}' },
    },
  ],
  [
    'values of their own types',
    'api',
    { repo: 'octo/hello', environment: 'e', dry_run: true, timeout: '15m', payload: { a: [1] } },
    {
      repository: 'octo/hello',
      environment: 'e',
      settings: { dry_run: 'true', timeout: '15m', payload: '{"a":[1]}' },
    },
  ],
  [
    'an older name',
    'api',
    { deployment: 'd', sha },
    { deployment: 'd', settings: { commit: sha } },
  ],
  [
    'a full name beside an owner',
    'api',
    { owner: 'octo', repo: 'octo/hello', environment: 'e' },
    { repository: 'octo/hello', environment: 'e', settings: {} },
  ],
  ['nothing', 'api', {}, { settings: {} }],
  [
    'a dollar sign, and braces',
    'api',
    { deployment: 'd', description: 'costs $5 {really} $ {x}' },
    { deployment: 'd', settings: { description: 'costs $5 {really} $ {x}' } },
  ],
];
for (const [title, door, body, expected] of good) {
  reading(`takes ${title}`, () => {
    assert.equal(requestOf(body, door), expected);
    assert.ok(schemas[door](body), JSON.stringify(schemas[door].errors));
  });
}

/** What is wrong with one field of a body whose deployment is named. */
const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['a typo of a setting', { enviroment: 'x' }, /did you mean environment\?/],
  ['the target', { target: 'command' }, /target is not a setting that a request may have/],
  ['a command', { command: 'id' }, /command is not a setting/],
  ['a host', { github_api_url: 'https://evil.example.com' }, /not a setting/],
  ['a credential', { github_token: 'x' }, /not a setting/],
  ['a credential by an older name', { token: 'x' }, /not a setting/],
  ['a status context', { status_context: 'ci/required' }, /not a setting/],
  ['the state of a status', { state: 'success' }, /not a setting/],
  ['the stage on the plain API', { spinnaker: {} }, /spinnaker is not/],
  ['a short commit', { commit: 'abc' }, /commit must be a full commit id .* got "abc"/],
  ['a number that is no text any more', { ref: 1.1 }, /ref must be sent as text/],
  ['a number too large to be exact', { deployment_id: 2 ** 60 }, /sent as text/],
  ['a list for a text', { ref: ['main'] }, /got an array/],
  ['a payload that is a list', { payload: [1] }, /payload must be a map/],
  ['a bad duration', { timeout: 'soon' }, /timeout must be a duration/],
  ['a URL with a password', { log_url: 'https://a:b@c' }, /log_url must be an absolute/],
  ['two names of one setting', { sha, commit: 'b'.repeat(40) }, /one setting with two values/],
];
/** Body, status, error, and the first fault. */
const bad: readonly (readonly [string, Door, unknown, number, string, RegExp])[] = [
  ['no JSON', 'api', '{"a"', 400, 'not_json', /^The body is not JSON/],
  ['an empty body', 'api', '', 400, 'not_json', /not JSON/],
  ['a list', 'api', [], 400, 'not_an_object', /must be a JSON object/],
  ['null', 'api', 'null', 400, 'not_an_object', /must be a JSON object/],
  [
    'a typo',
    'api',
    { deploiment: 'd' },
    400,
    'invalid',
    /deploiment is not a setting .*did you mean deployment\?/,
  ],
  [
    'an unknown fact of the stage',
    'spinnaker',
    { spinnaker: { stageid: 'x' } },
    400,
    'invalid',
    /spinnaker.stageid is not known; did you mean stage_id\?/,
  ],
  ['a stage that is a text', 'spinnaker', { spinnaker: 'x' }, 400, 'invalid', /must be an object/],
  ['a name that is a number', 'api', { deployment: 5 }, 400, 'invalid', /deployment must be text/],
  [
    'a key of objects',
    'api',
    '{"deployment":"d","__proto__":{"x":1}}',
    400,
    'invalid',
    /__proto__ is not/,
  ],
  ['an inherited name', 'api', { constructor: 'x' }, 400, 'invalid', /constructor is not/],
  ...wrong.map(
    ([title, fields, message]) =>
      [title, 'api', { deployment: 'd', ...fields }, 400, 'invalid', message] as const,
  ),
];
for (const [title, door, body, status, error, message] of bad) {
  reading(`refuses ${title}`, () => {
    const refusal = refusalOf(body, door);
    assert.equal([refusal.status, refusal.error], [status, error]);
    assert.match(refusal.message, message);
    const isUrl =
      title.startsWith('a URL') || title.startsWith('two') || title.includes('too large');
    if (typeof body === 'object' && !isUrl)
      assert.not.ok(schemas[door](body), 'the schema takes it');
  });
}

reading('is done at once with a body of nothing but beginnings', () => {
  // Whoever looks for the end of each of them is at it for minutes.
  const beginnings = '${'.repeat(30_000);
  for (let round = 0; round < 100; round += 1) {
    for (const body of [
      beginnings,
      { ref: beginnings },
      { [beginnings]: 1 },
      { timeout: '<+'.repeat(30_000) },
    ]) {
      assert.is(refusalOf(body).status, 400);
    }
  }
});

reading('refuses what is nested deeper than anybody can write again', () => {
  for (const name of ['payload', 'ref', 'spinnaker', 'nope']) {
    const body = `{"${name}":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    assert.is(refusalOf(body).status, 400, name);
  }
});

reading('names every fault at once, but not more than an answer should hold', () => {
  const { faults } = refusalOf({ deploiment: 'd', timeout: 'soon', commit: 'x' });
  assert.equal(
    faults.map(({ name }) => name),
    ['deploiment', 'timeout', 'commit'],
  );
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, 'x']));
  const refusal = refusalOf(many);
  assert.is(refusal.faults.length, 11);
  assert.equal(refusal.faults.at(-1), { name: '…', message: 'and 490 more' });
  assert.ok(JSON.stringify(refusal).length < 2048);
});

for (const [where, body] of [
  ['a setting', { deployment: 'd', ref: "${parameterValues['ref']}" }],
  ['the name', { deployment: "${parameterValues['ref']}" }],
  ['prose', { deployment: 'd', description: "see ${parameterValues['ref']} there" }],
  ['a payload, deep', { deployment: 'd', payload: { a: [{ b: "x ${parameterValues['ref']}" }] } }],
  ['a key of a payload', { deployment: 'd', payload: { "${parameterValues['ref']}": 1 } }],
  ['the stage', { deployment: 'd', spinnaker: { pipeline: "${parameterValues['ref']}" } }],
] as const) {
  reading(`finds an expression that Spinnaker left in ${where}, and says what to do`, () => {
    const { status, error, faults } = refusalOf(body, 'spinnaker');
    assert.equal([status, error], [422, 'unresolved']);
    assert.match(
      faults[0]?.message ?? '',
      /parameter ref has no value: open the stage in Spinnaker and save it/,
    );
  });
}
reading('finds an expression that names no parameter', () => {
  const { status, faults } = refusalOf({ ref: '${execution.nope}' });
  assert.is(status, 422);
  assert.match(faults[0]?.message ?? '', /what it names does not exist/);
});
reading('knows a template that Orca sent as it is', () => {
  const { status, error, message } = refusalOf('{ "ref": ${#toJson(parameterValues[\'ref\'])} }');
  assert.equal([status, error], [422, 'unresolved']);
  assert.match(message, /one expression in it failed/);
});

reading('answers nothing that Orca would evaluate, 20,000 bodies long', () => {
  const random = seeded(7);
  const names = [
    ...allSettings(owners).flatMap(([key, { alias = [] }]) => [yamlName(key), ...alias]),
    'deployment',
    'spinnaker',
    '__proto__',
    '${x',
  ];
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  const values: (() => string)[] = [
    () => '"main"',
    () => '"${execution.id}"',
    () => '"${open"',
    () => 'null',
    () => '""',
    () => String(random.int(1e9)),
    () => '1e400',
    () => '-1.5',
    () => 'true',
    () => '{"a":{"b":"${c}"}}',
    () => '[1,null,"x"]',
    () => (random.int(50) ? '{}' : deep),
    () => JSON.stringify(random.bytes(random.int(40)).toString('latin1')),
    () => `"${'x'.repeat(random.int(200))}"`,
    () => '{"application":1,"stage_id":"s"}',
  ];
  let taken = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const fields = Array.from(
      { length: random.int(5) },
      () => `${JSON.stringify(random.pick(names))}:${random.pick(values)()}`,
    );
    let body = `{${fields.join(',')}}`;
    if (random.int(10) === 0) body = body.slice(0, random.int(body.length + 1));
    const read = readRequest(body, random.pick(['api', 'spinnaker'] as const));
    if ('request' in read) {
      taken += 1;
      assert.not.match(JSON.stringify(read.request), /\$\{[^}"]*\}/);
    } else {
      assert.not.match(JSON.stringify(read.refusal), '${', body.slice(0, 300));
      assert.ok([400, 422].includes(read.refusal.status));
    }
  }
  assert.ok(taken > 500 && taken < 19_500, `${taken}`);
});

reading.run();

const schema = suite('runSchema');
schema('offers every setting of callers, under every name, and nothing else', () => {
  const { properties } = runSchema(catalog, 'api') as { properties: Record<string, unknown> };
  const callers = allSettings(owners)
    .filter(([key, { caller }]) => caller && key !== 'state')
    .flatMap(([key, { alias = [] }]) => [yamlName(key), ...alias]);
  assert.equal(Object.keys(properties).sort(), ['deployment', ...callers].sort());
});
schema('takes null and an empty text for what is not set', () => {
  const { properties } = runSchema(catalog, 'spinnaker') as { properties: Record<string, unknown> };
  for (const name of Object.keys(properties)) {
    assert.ok(schemas.spinnaker({ [name]: null }), name);
    if (name !== 'spinnaker') assert.ok(schemas.spinnaker({ [name]: '' }), name);
  }
});
schema.run();
