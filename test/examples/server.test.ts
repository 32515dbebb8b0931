/** The server of docs/serve.md and the manifests beside it, played with dist/slipway.mjs; in the image .ci/image-checks.ts does. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { openApi } from '../../src/server/openapi.ts';
import { envName } from '../../src/settings/define.ts';
import { serverSettings } from '../../src/settings/server.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { token } from '../serve/server.ts';
import { onStage, type Stage } from '../serve/stage.ts';
import { podOf, thing, thingsOf, variablesOf } from '../support/manifest.ts';
import { onStage as onVerbStage } from '../verbs/stage.ts';
import { runScript } from './example.ts';
import { serverBlock } from './server-block.ts';

const examples = suite('examples of the server');
const root = path.join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(path.join(root, 'examples', file), 'utf8');
const shown = textOf('compose/slipway.yml');
const ways = ['one.yml', 'replicas.yml'] as const;
const thingsFor = (way: string) =>
  thingsOf(textOf('kubernetes/common.yml'), textOf(`kubernetes/${way}`));

/** One line of the page's curl commands, where the server is on loopback. */
async function curl(stage: Stage, line: string, id: string): Promise<string> {
  const command = line.replaceAll('https://slipway.example.com', stage.url);
  const env = { ID: id, SLIPWAY_TOKEN: token };
  const { code, log } = await runScript(command, stage.folder, env);
  assert.is(code, 0, log);
  return log;
}

examples("the page's curl commands start, follow and cancel a run", () =>
  onStage(
    async (stage) => {
      const file = path.join(stage.folder, 'slipway.yml');
      const text = readFileSync(file, 'utf8').replace('name: by-webhook', 'name: hello-production');
      writeFileSync(file, text);
      await stage.start();
      const [begin = '', look = '', follow = '', cancel = '', ...more] =
        serverBlock('curl').split(/(?<!\\)\n/);
      assert.equal(more, []);
      const { id } = JSON.parse(await curl(stage, begin, ''));
      assert.is(JSON.parse(await curl(stage, begin, '')).id, id, 'the key gives the same run');
      assert.is(JSON.parse(await curl(stage, look, id)).id, id);
      const log = curl(stage, follow, id);
      while (stage.service.runs.length === 0) await new Promise(setImmediate);
      assert.is(JSON.parse(await curl(stage, cancel, id)).id, id);
      await stage.until(id, 'CANCELED');
      assert.match(await log, /ended as cancelled/);
    },
    { script: ['QUEUED', 'IN_PROGRESS'] },
  ),
);

/** What its files say of a server, judged as the server itself judges it. */
async function judge(text: string, env: Readonly<Record<string, string>>, secret: string) {
  await onVerbStage(async ({ cwd, slipway }) => {
    writeFileSync(path.join(cwd, 'slipway.yml'), text.replace('secrets/github', './github'));
    writeFileSync(path.join(cwd, 'github'), secret);
    const config = { ...env, SLIPWAY_CONFIG: path.join(cwd, 'slipway.yml') };
    const { out, err, exit } = await slipway(config, 'serve', '--check-config');
    assert.is(exit, 0, err);
    assert.not.match(out, /warning/);
    assert.match(out, 'is usable: 1 deployment, 1 token, 1 webhook');
  });
}

examples('the tree that the docs deploy from is a file that the server takes', async () => {
  const docs = readFileSync(path.join(root, 'docs/serve.md'), 'utf8');
  const blocks = [...docs.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, body = '']) => body);
  const block = blocks.find((one) => one.includes('checkout: archive')) ?? '';
  await onVerbStage(async ({ cwd, slipway }) => {
    const token = "{ name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ['*'] }";
    const file = path.join(cwd, 'slipway.yml');
    writeFileSync(file, `tokens: [${token}]\n${block.replace('/run/secrets/gitlab', './gitlab')}`);
    writeFileSync(path.join(cwd, 'gitlab'), 'glpat-hunter2-hunter2');
    const config = {
      CI_TOKEN: 'hunter2hunter2hunter2',
      SLIPWAY_CONFIG: file,
      SLIPWAY_PUBLIC_URL: 'https://slipway.example.com',
    };
    const { out, err, exit } = await slipway(config, 'serve', '--check-config');
    assert.is(exit, 0, err);
    assert.not.match(out, /warning/);
    assert.match(out, 'is usable: 1 deployment, 1 token');
  });
});

type Composed = {
  services: {
    slipway: { environment: Record<string, string>; healthcheck: { test: string[] } };
  };
};
const composed: Composed = parse(textOf('compose/compose.yml'));

examples("Compose's variables are all that the file of the example asks for", async () => {
  const { environment } = composed.services.slipway;
  const filled = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace(/\$\{(\w+):\?.*?\}/g, (_, key) =>
      key === 'SLIPWAY_PUBLIC_URL' || key.endsWith('_URL')
        ? 'https://slipway.example.com'
        : 'hunter2hunter2hunter2',
    ),
  ]);
  await judge(shown, Object.fromEntries(filled), 'ghp_hunter2');
});

examples("Compose's check of health asks a route that there is", () => {
  const [, url = ''] =
    /'(http:[^']+)'/.exec(composed.services.slipway.healthcheck.test.join()) ?? [];
  const { paths } = openApi(catalog, '', '');
  assert.is(new URL(url).port, serverSettings.listen.default.split(':')[1]);
  assert.ok(new URL(url).pathname in paths, url);
});

const own = new Set([
  ...Object.keys(serverSettings).map((key) => envName(key, 'SLIPWAY_')),
  'SLIPWAY_CONFIG',
  'DATABASE_URL',
]);

for (const way of ways) {
  examples(`kubernetes/${way}: what its pod is given is all that the server asks for`, async () => {
    const things = thingsFor(way);
    const { data = {} } = thing(things, 'ConfigMap');
    const text = data['slipway.yml'] ?? '';
    const env = variablesOf(things);
    const { stringData = {} } = thing(things, 'Secret');
    await judge(text, env, stringData['github-token'] ?? '');
    for (const name of Object.keys(env)) {
      assert.ok(own.has(name) || text.includes(`env: ${name} }`), `nobody reads ${name}`);
    }
    assert.is('DATABASE_URL' in env, way === 'replicas.yml');
  });

  examples(`kubernetes/${way}: names, ports, paths and times fit each other`, () => {
    const things = thingsFor(way);
    const deployment = thing(things, 'Deployment').spec;
    const pod = podOf(things);
    const [container] = pod.containers;
    const labels = deployment?.template?.metadata.labels;
    assert.equal(deployment?.selector?.matchLabels, labels);
    const service = thing(things, 'Service');
    assert.equal({ ...service.spec?.selector }, labels);
    const [port] = container.ports;
    assert.is(String(port?.containerPort), serverSettings.listen.default.split(':')[1]);
    assert.is(service.spec?.ports?.[0]?.targetPort, port?.name);
    const [rule] = thing(things, 'Ingress').spec?.rules ?? [];
    const [{ backend } = { backend: undefined }] = rule?.http.paths ?? [];
    assert.equal(backend?.service, {
      name: service.metadata.name,
      port: { name: service.spec?.ports?.[0]?.name },
    });
    assert.is(`https://${rule?.host}`, variablesOf(things).SLIPWAY_PUBLIC_URL);
    const { paths } = openApi(catalog, '', '');
    for (const { httpGet } of [container.readinessProbe, container.livenessProbe]) {
      assert.ok(httpGet.path in paths && httpGet.port === port?.name, httpGet.path);
    }
    const waits = Number(container.lifecycle.preStop.exec.command[1]);
    const needed = waits + serverSettings.drain.default / 1000 + 10;
    assert.ok(pod.terminationGracePeriodSeconds >= needed, `${needed} s`);
    assert.ok(
      container.volumeMounts.some(({ mountPath }) => mountPath === serverSettings.dataDir.default),
    );
    // Two servers on one volume: the second would end at its lock.
    const isOne = way === 'one.yml';
    assert.equal(
      [deployment?.replicas, deployment?.strategy?.type],
      isOne ? [1, 'Recreate'] : [2, undefined],
    );
  });
}

examples('Kubernetes and Compose show the same server', () => {
  const { data = {} } = thing(thingsFor('one.yml'), 'ConfigMap');
  const plain = (text: string) => ({ ...parse(text), tokens: parse(text).tokens.length });
  assert.equal(plain(data['slipway.yml'] ?? ''), plain(shown));
});

examples.run();
