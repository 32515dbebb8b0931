import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { SettingsError } from '../../../src/errors.ts';
import { envName, type Table } from '../../../src/settings/define.ts';
import { orcaYaml } from '../../../src/settings/emit/orca/index.ts';
import { hasSince } from '../../../src/settings/emit/orca/release.ts';
import { allSettings } from '../../../src/settings/emit/owner.ts';
import { load } from '../../../src/settings/load.ts';
import { script } from '../../../src/settings/rules.ts';
import { fromEnv, fromVendors } from '../../../src/settings/sources.ts';
import { owners } from '../../../src/verbs/owners.ts';
import { expressionsOf, type Facts, mapTexts, springPass, transform } from '../../support/orca.ts';

type Parameter = { name: string; defaultValue: string; order: number; mapping?: string };
type Headers = Record<string, string[]>;
type Webhook = {
  type: string;
  url: string;
  method: string;
  payload: string;
  customHeaders: Headers;
  sensitiveHeaders?: Headers;
  cancelEndpoint: string;
  cancelPayload: string;
  parameters: Parameter[];
  [key: string]: unknown;
};
type Variable = { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string } } };
type Container = { name: string; image: string; env: Variable[]; terminationMessagePolicy: string };
type Job = {
  type: string;
  propertyFile: string;
  parameters: Parameter[];
  manifest: {
    metadata: Record<string, string>;
    spec: {
      backoffLimit: number;
      activeDeadlineSeconds: number;
      template: { spec: { restartPolicy: string; containers: Container[] } };
    };
  };
};
type Orca = {
  webhook: { preconfigured: Webhook[] };
  job: { preconfigured: { kubernetes: Job[] } };
};

const options = {
  publicUrl: 'https://deploy.example.com/base/',
  image: 'registry.example.com/slipway:1',
};
const read = (text: string): Orca => parse(text, { uniqueKeys: true, strict: true });
const environment = { GITHUB_TOKEN: 'gh-token', SLIPWAY_TOKEN: 'slip-token', PATH: '/bin' };
/** As Orca holds it after start-up. */
const started = (text: string): Orca =>
  mapTexts(read(text), (item) => springPass(item, environment)) as Orca;
const webhookOf = (orca: Orca, type: string): Webhook => {
  const found = orca.webhook.preconfigured.find((webhook) => webhook.type === type);
  if (!found) throw new Error(`no webhook ${type}`);
  return found;
};
const jobsOf = (orca: Orca): Job[] => orca.job.preconfigured.kubernetes;
const containerOf = (job: Job): Container => {
  const [container] = job.manifest.spec.template.spec.containers;
  if (!container) throw new Error(`no container in ${job.type}`);
  return container;
};

const facts = (
  parameterValues: Record<string, unknown>,
  name: unknown = 'Deploy "prod"\n',
): Facts => ({
  parameterValues,
  execution: { id: '01JEXECUTION', application: 'shop', name },
  stage: { id: '01JSTAGE', startTime: 1_795_000_000_000 },
});

const files: readonly (readonly [string, string])[] = [
  [
    'orca-local.yml.example',
    readFileSync(new URL('../../../orca-local.yml.example', import.meta.url), 'utf8'),
  ],
  ['of 1.38', orcaYaml({ ...options, spinnaker: '1.38' })],
  ['of 2026.0', orcaYaml({ ...options, spinnaker: '2026.0' })],
  ['of 2026.1', orcaYaml({ ...options, spinnaker: '2026.1' })],
];

const hostile: readonly (readonly [string, unknown])[] = [
  ['a quote', 'say "hi"'],
  ['a line break', 'one\ntwo\r\n\tthree'],
  ['a backslash', 'C:\\temp\\"'],
  ['non-Latin text', '部署 ü 🚀 \u2028'],
  ['braces', '}{ $ { } #{x}'],
  ['a number', 42],
  ['null', null],
  ['nothing', undefined],
  ['an empty text', ''],
];

for (const [title, text] of files) {
  const orca = started(text);
  const whole = suite(`orca-local.yml ${title}`);

  whole('has no colon in any expression, and only expressions that evaluate', () => {
    let seen = 0;
    mapTexts(read(text), (item) => {
      for (const expression of expressionsOf(item)) {
        seen += 1;
        assert.not.match(expression, ':');
        const value = transform(`\${${expression}}`, facts({ x: 1 }));
        const known = expression in environment || expression.includes('parameterValues');
        assert.ok(known || value !== `\${${expression}}`, expression);
      }
      return item;
    });
    assert.ok(seen > 30, `${seen} expressions`);
  });

  whole('is left by Spring as it is, but for the tokens', () => {
    const changed: string[] = [];
    mapTexts(read(text), (item) => {
      if (springPass(item, environment) !== item) changed.push(springPass(item, environment));
      return item;
    });
    assert.equal(changed, ['Bearer gh-token', 'Bearer slip-token']);
  });

  for (const type of ['updateDeploymentStatus', 'deploymentRun']) {
    for (const [what, value] of hostile) {
      whole(`${type} sends valid JSON with ${what}`, () => {
        const { payload, parameters } = webhookOf(orca, type);
        const given = Object.fromEntries(parameters.map(({ name }) => [name, value]));
        const body = JSON.parse(String(transform(payload, facts(given, value ?? null))));
        for (const { name } of parameters) {
          if (name in body) assert.equal(body[name], value ?? null, name);
        }
        if (type === 'deploymentRun') {
          assert.equal(body.spinnaker, {
            application: 'shop',
            pipeline: value ?? null,
            execution_id: '01JEXECUTION',
            stage_id: '01JSTAGE',
          });
          for (const { name } of parameters) assert.ok(name in body, name);
        }
      });
    }
    whole(`${type} sends what no server takes for JSON, where a value holds an expression`, () => {
      const { payload } = webhookOf(orca, type);
      const sent = String(transform(payload, facts({ description: 'x ${y}' })));
      assert.is(sent, payload);
      assert.throws(() => JSON.parse(sent), SyntaxError);
    });
    whole(`${type} says JSON, and gives each parameter an order and a text`, () => {
      const { customHeaders, parameters, method } = webhookOf(orca, type);
      assert.is(method, 'POST');
      assert.equal(customHeaders['Content-Type'], ['application/json']);
      assert.equal(
        parameters.map(({ order }) => order),
        [...parameters.keys()],
      );
      for (const { name, defaultValue } of parameters) {
        assert.match(name, /^[a-z_]+$/);
        assert.type(defaultValue, 'string');
      }
    });
  }

  whole('updateDeploymentStatus goes to the deployment, and is not waited for', () => {
    const { url, waitForCompletion, payload } = webhookOf(orca, 'updateDeploymentStatus');
    const given = facts({ owner: 'octo', repo: 'hello', deployment_id: 42, state: 'success' });
    assert.is(
      transform(url, given),
      'https://api.github.com/repos/octo/hello/deployments/42/statuses',
    );
    assert.is(waitForCompletion, false);
    assert.equal(JSON.parse(String(transform(payload, given))), {
      state: 'success',
      description: null,
      log_url: 'https://spinnaker.example.com/#/applications/shop/executions/details/01JEXECUTION',
    });
  });

  whole('deploymentRun is polled and cancelled by one key', () => {
    const run = webhookOf(orca, 'deploymentRun');
    const base = new URL(run.url);
    assert.match(base.pathname, /\/spinnaker\/v1\/runs$/);
    const key = '01JEXECUTION.01JSTAGE.1795000000000';
    assert.is(transform(run.customHeaders['Idempotency-Key']?.[0] ?? '', facts({})), key);
    assert.match(
      String(transform(run.cancelEndpoint, facts({}))),
      `${base.origin}${base.pathname.replace(/runs$/, '')}executions/01JEXECUTION/stages/01JSTAGE/cancel`,
    );
    const cancel = JSON.parse(String(transform(run.cancelPayload, facts({}))));
    assert.equal(cancel, { key, reason: 'canceled by Spinnaker' });
    assert.equal(
      [
        run.waitForCompletion,
        run.statusUrlResolution,
        run.statusUrlJsonPath,
        run.statusJsonPath,
        run.progressJsonPath,
      ],
      [true, 'webhookResponse', '$.status_url', '$.status', '$.progress'],
    );
    assert.equal(
      [run.successStatuses, run.canceledStatuses, run.terminalStatuses],
      ['SUCCESS', 'CANCELED,CANCELLED', 'FAILURE,ERROR,TIMED_OUT'],
    );
  });

  for (const job of jobsOf(orca)) testJob(whole, job);
  whole('has a Job for a status and one for a deploy', () => {
    assert.equal(
      jobsOf(orca).map(({ type }) => type),
      ['deploymentStatusJob', 'deploymentJob'],
    );
  });
  whole.run();
}

/** Orca's own algorithm: defaults first, then what the stage gives, each written where `mapping` points. */
function fill(job: Job, given: Readonly<Record<string, unknown>>): Variable[] {
  const { env } = structuredClone(containerOf(job));
  for (const { name, mapping = '', defaultValue } of job.parameters) {
    const [, index = ''] =
      /^manifest\.spec\.template\.spec\.containers\[0\]\.env\[(\d+)\]\.value$/.exec(mapping) ?? [];
    const variable = env[Number(index || Number.NaN)];
    if (!variable) throw new Error(`no property at ${mapping}`);
    variable.value = String(given[name] ?? defaultValue);
  }
  return env.map((variable) =>
    variable.value === undefined
      ? variable
      : { ...variable, value: transform(variable.value, facts({})) as string },
  );
}

// The target `command` has its own part of the table; only its one setting that the example uses is needed here.
const command: Table = { command: { is: script, about: 'Script.' } };
function testJob(whole: ReturnType<typeof suite>, job: Job): void {
  const { manifest } = job;
  const container = containerOf(job);

  whole(`${job.type}: each parameter fills the variable of its name, once`, () => {
    const targets = job.parameters.map(({ name, mapping = '' }) => {
      const [, index = ''] = /\.env\[(\d+)\]\.value$/.exec(mapping) ?? [];
      assert.is(container.env[Number(index)]?.name, `PLUGIN_${name.toUpperCase()}`);
      return index;
    });
    assert.is(new Set(targets).size, job.parameters.length);
  });

  whole(`${job.type}: every variable is a setting, a vendor's, or Spinnaker's own`, () => {
    const settings = [...allSettings(owners), ...Object.entries(command)];
    const known = new Set([
      ...settings.flatMap(([key, { vendor = [] }]) => [envName(key), ...vendor]),
      'SPINNAKER_EXECUTION_ID',
      'SPINNAKER_STAGE_ID',
      'SPINNAKER_STAGE_START_TIME',
    ]);
    const names = container.env.map(({ name }) => name);
    for (const name of names) assert.ok(known.has(name), `${name} is not a setting`);
    assert.is(new Set(names).size, names.length);
  });

  whole(`${job.type}: what Kubernetes gets is text, and load reads it without a fault`, () => {
    for (const [what, value] of hostile) {
      const given = {
        owner: 'octo',
        repo: 'hello',
        deployment_id: 42,
        environment: 'production',
        commit: 'A'.repeat(40),
        environment_url: 'https://shop.example.com',
        description: value,
      };
      const variables = fill(job, given);
      for (const { name, value: text } of variables) {
        if (name !== 'GITHUB_TOKEN') assert.type(text, 'string', name);
      }
      const env = Object.fromEntries(variables.map(({ name, value: text }) => [name, text]));
      assert.is(env.SPINNAKER_STAGE_START_TIME, '1795000000000');
      const table: Table = { ...Object.fromEntries(allSettings(owners)), ...command };
      const vendor = (name: string) => (name === 'github_token' ? ['GITHUB_TOKEN'] : []);
      const sources = [fromEnv(env, 'PLUGIN_'), fromVendors({ GITHUB_TOKEN: 'gh-token' }, vendor)];
      const reading = { emptyMeansMissing: false, readFile: () => '' };
      const { values, faults, warnings } = load(table, sources, reading);
      assert.equal([faults, warnings], [[], []], what);
      assert.equal([values.deploymentId, values.githubToken], ['42', 'gh-token']);
      const expected = value === null || value === undefined ? undefined : String(value).trim();
      assert.is(values.description, expected || undefined);
    }
  });

  whole(`${job.type}: an unset parameter is a setting that is not set`, () => {
    const env = Object.fromEntries(fill(job, {}).map(({ name, value }) => [name, value]));
    const table = Object.fromEntries(allSettings(owners));
    const reading = { emptyMeansMissing: false, readFile: () => '' };
    const { values, faults } = load(table, [fromEnv(env, 'PLUGIN_')], reading);
    assert.equal(faults, []);
    assert.is(values.deploymentId, undefined);
  });

  whole(`${job.type}: runs once, ends by itself, and leaves its reason`, () => {
    const { spec, metadata } = manifest;
    assert.equal([spec.backoffLimit, spec.template.spec.restartPolicy], [0, 'Never']);
    assert.is(metadata.name, undefined);
    assert.is(metadata.generateName, `${container.name}-`);
    assert.is(job.propertyFile, container.name);
    assert.is(container.terminationMessagePolicy, 'FallbackToLogsOnError');
    const timeout = job.type === 'deploymentJob' ? 50 * 60 : 60;
    assert.ok(spec.activeDeadlineSeconds > timeout + 5 * 60);
  });
}

const releases = suite('orcaYaml: releases');
releases('keeps the token out of the execution from 2026.1 on, and waits from 2026.0 on', () => {
  for (const [spinnaker, sensitive, waits] of [
    [undefined, false, false],
    ['1.38', false, false],
    ['2025.4.1', false, false],
    ['2026.0', false, true],
    ['2026.1', true, true],
    ['2027.0', true, true],
  ] as const) {
    const orca = read(orcaYaml({ ...options, ...(spinnaker ? { spinnaker } : {}) }));
    for (const { customHeaders, sensitiveHeaders } of orca.webhook.preconfigured) {
      assert.is(customHeaders.Authorization === undefined, sensitive);
      assert.is(sensitiveHeaders?.Authorization !== undefined, sensitive);
    }
    assert.is(webhookOf(orca, 'deploymentRun').waitBeforeMonitor, waits ? 2 : undefined);
  }
});
releases('says what a release looks like', () => {
  for (const release of ['latest', '2026', '', '2026.x']) {
    assert.throws(
      () => hasSince(release, '2026.1'),
      (error: unknown) => {
        assert.instance(error, SettingsError);
        assert.match(
          String(error),
          `--spinnaker must be a release such as 1.38 or 2026.1, got "${release}"`,
        );
        return true;
      },
    );
  }
});
releases('uses the addresses it is given, without a slash too many', () => {
  const orca = read(orcaYaml({ ...options, deckUrl: 'https://deck.example.com/' }));
  assert.is(
    webhookOf(orca, 'deploymentRun').url,
    'https://deploy.example.com/base/spinnaker/v1/runs',
  );
  assert.match(
    webhookOf(orca, 'updateDeploymentStatus').payload,
    '"https://deck.example.com/#/app',
  );
  for (const job of jobsOf(orca)) assert.is(containerOf(job).image, options.image);
});
releases.run();

const emulating = suite('the emulation of Orca');
emulating('replaces what Spring replaces', () => {
  assert.is(springPass("${parameterValues['x'] ?: 'main'}", {}), " 'main'");
  assert.is(springPass('${ {a: 1} }', {}), ' 1} ');
  assert.is(springPass("${parameterValues['x']}", {}), "${parameterValues['x']}");
  assert.is(springPass('Bearer ${TOKEN}', { TOKEN: 't' }), 'Bearer t');
  const ternary = "${#stage('a')['status'] == 'SUCCEEDED' ? 'success' : 'failure'}";
  assert.is(springPass(ternary, {}), " 'failure'");
});
emulating('keeps a type, joins texts, leaves a null and what does not parse', () => {
  const given = facts({ a: 1 });
  assert.is(transform("${parameterValues['a']}", given), 1);
  assert.is(transform("x${parameterValues['a']}", given), 'x1');
  assert.is(transform("x${parameterValues['b']}", given), "x${parameterValues['b']}");
  assert.is(transform("x${parameterValues['a']}${}", given), "x${parameterValues['a']}${}");
  assert.is(transform("${#toJson(parameterValues['b'])}", given), 'null');
});
emulating.run();
