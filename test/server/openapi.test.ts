import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openApi } from '../../src/server/openapi.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { claim, order, publicUrl, sha, stageBody, staged } from './stage.ts';

const openapi = suite('/openapi.json');

const document = openApi(catalog, '1.2.3', publicUrl);

function validator(name: string) {
  const ajv = new Ajv2020({ strict: false });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ ...document, $id: 'openapi' });
  return ajv.compile({ $ref: `openapi#/components/schemas/${name}` });
}
function assertFits(name: string, body: unknown): void {
  const validate = validator(name);
  assert.ok(validate(body), JSON.stringify(validate.errors));
}

openapi(
  'is served as it was made',
  staged(async ({ call }) => {
    const { json, headers } = await call(undefined, 'GET', '/openapi.json');
    assert.is(headers['content-type'], 'application/json');
    assert.equal(json, JSON.parse(JSON.stringify(document)));
    assert.is(json.openapi, '3.1.0');
    const { text } = await call(undefined, 'GET', '/docs');
    for (const path of Object.keys(document.paths)) assert.match(text, path);
    assert.match(text, 'Commit to deploy and to report on.');
  }),
);

openapi(
  'names routes that there are',
  staged(async ({ app }) => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replace(/\{(\w+)\}/g, ':$1');
        const known = app.hasRoute({ url, method: method.toUpperCase() as 'GET' });
        assert.ok(known, `${method} ${path}`);
      }
    }
  }),
);

openapi(
  'describes what is answered',
  staged(async (stage) => {
    const accepted = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order, key: 'k' });
    assertFits('Run', accepted.json);
    assertFits(
      'SpinnakerRun',
      (await stage.call('spinnaker', 'POST', '/spinnaker/v1/runs', { body: stageBody, key: 's' }))
        .json,
    );
    await (await claim(stage)).end('REFUSED', { text: 'no', outputs: { a: 'b' } });
    assertFits('Runs', (await stage.call('reader', 'GET', '/v1/runs')).json);
    assertFits(
      'SpinnakerRun',
      (await stage.call('reader', 'GET', `/spinnaker/v1/runs/${accepted.json.id}`)).json,
    );
    for (const body of ['{', { ...order, comit: sha }, { commit: sha }]) {
      assertFits('Failure', (await stage.call('spinnaker', 'POST', '/v1/runs', { body })).json);
    }
    assert.not.ok(validator('SpinnakerRun')({ ...accepted.json, status: 'REFUSED' }));
  }),
);

openapi('says what every part of a query and of a cancellation is for', () => {
  const { paths } = JSON.parse(JSON.stringify(document));
  const queries = Object.values(paths).flatMap((item) =>
    Object.values(item as Record<string, { parameters?: { in: string; description?: string }[] }>)
      .flatMap(({ parameters = [] }) => parameters)
      .filter((each) => each.in === 'query'),
  );
  assert.ok(queries.length > 5);
  for (const each of queries) assert.ok(each.description, JSON.stringify(each));
  const { schema } = paths['/v1/runs/{id}/cancel'].post.requestBody.content['application/json'];
  assert.ok(schema.properties.reason.description);
});

openapi('describes what is asked', () => {
  assertFits('RunRequest', { ...order, deployment_id: 42, ref: null, description: '' });
  assertFits('SpinnakerRunRequest', stageBody);
  assertFits('StatusRequest', {
    repo: 'hello',
    owner: 'octo',
    deployment_id: 42,
    state: 'success',
  });
  assert.not.ok(validator('RunRequest')({ ...order, comit: sha }));
  assert.not.ok(validator('StatusRequest')({ repo: 'hello', deployment_id: 0, state: 'success' }));
});

openapi.run();
