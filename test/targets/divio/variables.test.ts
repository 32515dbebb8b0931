import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import { onDivio, verdictIs } from '../../support/divio/stage.ts';
import { rejectionOf } from '../../support/rejection.ts';

const variables = suite('divio: variables');
const plain = 'p1ain-value-of-a-variable';
const sensitive = 's3ns1t1ve-value-of-a-variable';
const settings = { env: `COLOUR=red,SIZE=${plain}`, sensitive_env: `API_KEY=${sensitive}` };

onDivio(
  variables,
  'are set before the deploy, each as it is meant',
  {},
  async ({ world, start }) => {
    const { verdict, recorded } = start(settings);
    verdictIs(await verdict, 'success', /succeeded/);
    assert.equal(world.deployments[0]?.variables, {
      COLOUR: 'red',
      SIZE: plain,
      API_KEY: sensitive,
    });
    assert.equal(
      world.variables.map(({ name, isSensitive }) => [name, isSensitive]),
      [
        ['COLOUR', false],
        ['SIZE', false],
        ['API_KEY', true],
      ],
    );
    assert.equal(
      recorded.saved.map(({ when, state }) => `${when} ${state.step}`),
      [
        'before variables',
        'after variables set',
        'before starting',
        'after started',
        'after ended',
      ],
    );
  },
);

onDivio(
  variables,
  'that are there are changed; those that are right are left',
  {},
  async (scene) => {
    const { world, live, fake, start } = scene;
    world.setVariable(live, 'COLOUR', 'red', false);
    world.setVariable(live, 'SIZE', 'small', false);
    world.setVariable(live, 'API_KEY', sensitive, true);
    world.setVariable(world.environments[0]?.uuid ?? '', 'COLOUR', 'blue', false);
    verdictIs(await start(settings).verdict, 'success', /succeeded/);
    assert.equal(
      fake.exchanges.filter((each) => each.endsWith('variable')),
      ['change variable', 'change variable'],
    );
    assert.equal(world.deployments[0]?.variables, {
      COLOUR: 'red',
      SIZE: plain,
      API_KEY: sensitive,
    });
    assert.is(world.variables.length, 4);
  },
);

onDivio(variables, 'that are right change nothing, and leave no checkpoint', {}, async (scene) => {
  scene.world.setVariable(scene.live, 'COLOUR', 'red', false);
  const { verdict, recorded } = scene.start({ env: 'COLOUR=red' });
  verdictIs(await verdict, 'success', /succeeded/);
  assert.is(recorded.saved[0]?.state.step, 'starting');
});

for (const fault of ['cut', 'cut after', 'half after', 'hang after', '500', '500 after'] as const) {
  onDivio(variables, `are there once through ${fault}`, {}, async ({ fake, world, start }) => {
    fake.fail('add variable', fault);
    verdictIs(await start(settings).verdict, 'success', /succeeded/);
    assert.is(world.variables.length, 3);
    assert.is(world.deployments[0]?.variables.COLOUR, 'red');
  });
}

onDivio(variables, 'that may not be set are named', {}, async ({ fake, start }) => {
  fake.fail('add variable', '403');
  const error = await rejectionOf<RemoteError>(
    start({ sensitive_env: `API_KEY=${sensitive}` }).verdict,
  );
  assert.is(error.kind, 'permission');
  assert.match(error.message, /^API_KEY \(divio_sensitive_env\) could not be set: /);
  assert.match(error.message, /403: Divio's words are withheld, .*; the user of divio_token may/);
  assert.not.match(error.message, /detail/);
});

for (const [fault, said] of [
  ['404', /^nothing was deployed: .* does not take variables by its API: set them in the Control/],
  [
    '400',
    /^nothing was deployed: COLOUR \(divio_env\) could not be set: POST .*answered 400: Divio's words/,
  ],
] as const) {
  onDivio(variables, `that Divio refuses by ${fault} keep it from deploying`, {}, async (scene) => {
    scene.fake.fail('add variable', fault);
    verdictIs(await scene.start(settings).verdict, 'failure', said);
    assert.is(scene.world.deployments.length, 0);
  });
}

onDivio(
  variables,
  'that are there twice keep it from deploying',
  {},
  async ({ world, live, start }) => {
    for (const value of ['red', 'blue']) world.setVariable(live, 'COLOUR', value, false);
    verdictIs(await start(settings).verdict, 'failure', /holds the variable COLOUR 2 times/);
  },
);

onDivio(
  variables,
  'do not come back from an answer that quotes them',
  // Divio holds one that it does not show: adding it again is refused, with its value.
  { view: (exchange, json) => (exchange === 'variables' ? {} : json) },
  async ({ world, live, start }) => {
    for (const [name, value] of Object.entries({
      COLOUR: 'red',
      SIZE: plain,
      API_KEY: sensitive,
    })) {
      world.setVariable(live, name, value, name === 'API_KEY');
    }
    const process = start(settings);
    const verdict = await process.verdict;
    verdictIs(
      verdict,
      'failure',
      /COLOUR \(divio_env\) could not be set: .* 400: Divio's words are withheld, for they may quote the value$/,
    );
    const said = JSON.stringify([verdict, process.lines, process.recorded.saved]);
    for (const secret of [plain, sensitive]) assert.not.match(said, secret);
  },
);

onDivio(
  variables,
  'of the deployment are not shown: only DOMAIN is read',
  {},
  async ({ start }) => {
    const process = start({ ...settings, log: 'always' });
    const verdict = await process.verdict;
    const { saved, served, progress, results } = process.recorded;
    const said = JSON.stringify([verdict, process.lines, saved, served, progress, [...results]]);
    for (const secret of [plain, sensitive, 'a-password-of-divio']) assert.not.match(said, secret);
    assert.equal(served, ['https://hello.us.aldryn.io/']);
  },
);

for (const [domain, served] of [
  ['evil.example.com/path?token=x', []],
  ['javascript:alert(1)', []],
  [7, []],
  ['HELLO.example.com', ['https://hello.example.com/']],
] as const) {
  onDivio(
    variables,
    `take ${domain} as DOMAIN for what it is`,
    {
      view: (exchange, json) =>
        exchange === 'site' ? { ...json, environment_variables: { DOMAIN: domain } } : json,
    },
    async ({ start }) => {
      const { verdict, recorded } = start();
      await verdict;
      assert.equal(recorded.served, served);
    },
  );
}

onDivio(
  variables,
  'without a DOMAIN give way to the primary domain',
  {
    view: (exchange, json) => {
      if (exchange === 'site') return { ...json, environment_variables: null };
      return exchange === 'environments' ? { ...json, primary_domain: 'dom1' } : json;
    },
  },
  async ({ start }) => {
    const { verdict, recorded } = start();
    await verdict;
    assert.equal(recorded.served, ['https://www.example.com/']);
  },
);

variables.run();
