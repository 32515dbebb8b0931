import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { createRequestReader } from '../../src/deployments/request.ts';
import { selectRun } from '../../src/deployments/select.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { configOf, exampleText, tokenIn } from '../deployments/stage.ts';
import { expressionsOf, type Facts, mapTexts, springPass, transform } from '../support/orca.ts';
import { onStage } from './stage.ts';

type Headers = Record<string, string[]>;
type Webhook = {
  readonly label: string;
  readonly type: string;
  readonly url: string;
  readonly payload: string;
  readonly customHeaders: Headers;
  readonly sensitiveHeaders?: Headers;
  readonly cancelEndpoint: string;
  readonly cancelPayload: string;
  readonly parameters: readonly { readonly name: string; readonly defaultValue: string }[];
  readonly [key: string]: unknown;
};
type Orca = { readonly webhook: { readonly preconfigured: readonly Webhook[] } };

const env = { SLIPWAY_PUBLIC_URL: 'https://deploy.example.com/base/' };
const config = configOf(exampleText);
const readRequest = createRequestReader(catalog);

async function printed(text = exampleText, ...flags: string[]): Promise<string> {
  let said = '';
  await onStage(async ({ slipway, cwd }) => {
    writeFileSync(join(cwd, 'slipway.yml'), text);
    const { out, err, exit } = await slipway(env, 'orca', '--config', 'slipway.yml', ...flags);
    if (exit !== 0) throw new Error(err);
    said = out;
  });
  return said;
}
const stagesIn = (text: string, environment: Record<string, string> = {}): readonly Webhook[] => {
  const started = mapTexts(parse(text, { uniqueKeys: true, strict: true }), (item) =>
    springPass(item, environment),
  );
  return (started as Orca).webhook.preconfigured;
};
const facts = (parameterValues: Record<string, unknown>): Facts => ({
  parameterValues,
  execution: { id: '01JEXECUTION', application: 'shop', name: 'Deploy "prod"' },
  stage: { id: '01JSTAGE', startTime: 1_795_000_000_000 },
});
const sent = (stage: Webhook, parameters: Record<string, unknown>): string =>
  String(transform(stage.payload, facts(parameters)));

const orca = suite('orca --config');

orca('prints one stage for each deployment that the API may start, and nothing else', async () => {
  const document = parse(await printed()) as Record<string, unknown>;
  assert.equal(Object.keys(document), ['webhook']);
  const stages = stagesIn(await printed());
  assert.equal(
    stages.map(({ type, label }) => [type, label]),
    [
      ['slipway-hello-production', 'Deploy hello-production'],
      ['slipway-hello-staging', 'Deploy hello-staging'],
    ],
  );
});

orca('asks for exactly what the file leaves open', async () => {
  for (const stage of stagesIn(await printed())) {
    const deployment = config.deployments.find(({ name }) => stage.type === `slipway-${name}`);
    assert.equal(
      stage.parameters.map(({ name }) => name),
      deployment?.open,
    );
  }
});

orca('has no colon in any expression, and Spring fills in the token alone', async () => {
  const text = await printed();
  const changed: string[] = [];
  mapTexts(parse(text), (item) => {
    for (const expression of expressionsOf(item)) assert.not.match(expression, ':');
    const after = springPass(item, { SLIPWAY_TOKEN: 'slip-token', PATH: '/bin' });
    if (after !== item) changed.push(after);
    return item;
  });
  assert.equal(changed, ['Bearer slip-token', 'Bearer slip-token']);
});

orca('sends what the server takes: nothing set, and everything set', async () => {
  const token = tokenIn(config, 'spinnaker');
  for (const stage of stagesIn(await printed())) {
    const unset = Object.fromEntries(
      stage.parameters.map(({ name, defaultValue }) => [name, defaultValue]),
    );
    const all = {
      commit: 'a'.repeat(40),
      ref: 'main',
      deployment_id: 42,
      task: 'rollback',
      description: 'say "hi"\n部署 \\ ü',
      payload: '{"a":1}',
      environment_url: 'https://hello.example.com',
      log_url: 'https://log.example.com',
      timeout: '15m',
      dry_run: 'true',
    };
    for (const given of [{ ...unset, ref: 'main' }, { ref: 'main' }, all]) {
      const read = readRequest(sent(stage, given), 'spinnaker');
      if ('refusal' in read) throw new Error(JSON.stringify(read.refusal));
      const { request } = read;
      assert.is(`slipway-${request.deployment}`, stage.type);
      assert.equal(request.spinnaker, {
        application: 'shop',
        pipeline: 'Deploy "prod"',
        execution_id: '01JEXECUTION',
        stage_id: '01JSTAGE',
      });
      const selected = selectRun(config, request, token, catalog);
      assert.ok('deployment' in selected, JSON.stringify(selected));
    }
  }
});

orca('is told when a value holds an expression: the template arrives as it is', async () => {
  const [stage] = stagesIn(await printed());
  if (!stage) throw new Error('no stage');
  const read = readRequest(sent(stage, { description: 'x ${y}' }), 'spinnaker');
  assert.is('refusal' in read && read.refusal.error, 'unresolved');
});

orca('is followed and cancelled by one key, and knows every word of the end', async () => {
  const key = '01JEXECUTION.01JSTAGE.1795000000000';
  for (const stage of stagesIn(await printed())) {
    assert.is(stage.url, 'https://deploy.example.com/base/spinnaker/v1/runs');
    assert.is(transform(stage.customHeaders['Idempotency-Key']?.[0] ?? '', facts({})), key);
    assert.equal(stage.customHeaders['Content-Type'], ['application/json']);
    assert.is(
      transform(stage.cancelEndpoint, facts({})),
      'https://deploy.example.com/base/spinnaker/v1/executions/01JEXECUTION/stages/01JSTAGE/cancel',
    );
    const cancel = JSON.parse(String(transform(stage.cancelPayload, facts({}))));
    assert.is(cancel.key, key);
    const { waitForCompletion, statusUrlResolution, statusUrlJsonPath, statusJsonPath } = stage;
    assert.equal(
      [
        waitForCompletion,
        statusUrlResolution,
        statusUrlJsonPath,
        statusJsonPath,
        stage.progressJsonPath,
      ],
      [true, 'webhookResponse', '$.status_url', '$.status', '$.progress'],
    );
    assert.equal(
      [stage.successStatuses, stage.canceledStatuses, stage.terminalStatuses, stage.cancelMethod],
      ['SUCCESS', 'CANCELED,CANCELLED', 'FAILURE,ERROR,TIMED_OUT', 'POST'],
    );
  }
});

orca(
  'keeps the token out of the execution where Spinnaker can, and waits where it can',
  async () => {
    for (const [release, sensitive, waits] of [
      ['1.38', false, undefined],
      ['2026.0', false, 2],
      ['2026.1', true, 2],
    ] as const) {
      for (const stage of stagesIn(await printed(exampleText, '--spinnaker', release))) {
        assert.is(stage.customHeaders.Authorization === undefined, sensitive);
        assert.equal(
          stage.sensitiveHeaders?.Authorization,
          sensitive ? ['Bearer ${SLIPWAY_TOKEN}'] : undefined,
        );
        assert.is(stage.waitBeforeMonitor, waits);
      }
    }
  },
);

orca('says how to use it, and whose token is meant', async () => {
  const one = await printed();
  assert.match(
    one,
    '# 2. Set SLIPWAY_TOKEN in the environment of Orca to the value of the token spinnaker in slipway.yml',
  );
  assert.match(one, '"alias": "preconfiguredWebhook"');
  assert.match(
    one,
    '# hello-production: octo/hello to production with webhook, by the token spinnaker.',
  );
  const two = exampleText.replace(
    'webhooks:',
    '  - { name: team-b, value: { env: B }, may: [deploy, read], deployments: [hello-staging] }\nwebhooks:',
  );
  const split = two.replace('deployments: [hello-*]', 'deployments: [hello-production]');
  const text = await printed(split);
  assert.equal(
    stagesIn(text).map(({ customHeaders }) => customHeaders.Authorization),
    [['Bearer ${SLIPWAY_TOKEN_SPINNAKER}'], ['Bearer ${SLIPWAY_TOKEN_TEAM_B}']],
  );
  assert.match(
    text,
    'Set SLIPWAY_TOKEN_TEAM_B in the environment of Orca to the value of the token team-b',
  );
  const first = exampleText.replace(
    'tokens:',
    'tokens:\n  - { name: starter, value: { env: S }, may: [deploy], deployments: [hello-*] }',
  );
  assert.match(await printed(first), 'with webhook, by the token spinnaker.');
  const none = exampleText
    .replace('may: [deploy, read]', 'may: [read]')
    .replace('may: [admin]', 'may: [read]');
  assert.match(await printed(none), 'no token in the file may both deploy and read it');
});

orca('needs no secret to be there, but a file without faults and the address of the server', () =>
  onStage(async ({ slipway, cwd }) => {
    writeFileSync(join(cwd, 'slipway.yml'), exampleText.replace('busy: latest', 'busy: lastest'));
    const flags = ['orca', '--config', 'slipway.yml'];
    const faulty = await slipway({}, ...flags);
    assert.is(faulty.exit, 2);
    assert.match(
      faulty.err,
      /SLIPWAY_PUBLIC_URL is required[\s\S]*slipway\.yml:\d+: deployments\[1\]\.busy/,
    );
    const only = exampleText.replaceAll('api: true', 'api: false');
    writeFileSync(join(cwd, 'slipway.yml'), only);
    const none = await slipway({}, ...flags, '--public-url', 'https://d.example.com');
    assert.match(none.err, 'has no deployment that the API may start');
    const generic = await slipway({}, 'orca');
    assert.is(generic.exit, 0);
    assert.match(generic.out, 'type: deploymentRun');
  }),
);

orca.run();
