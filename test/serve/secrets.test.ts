/** Nothing that is secret is in what a server keeps, says or shows, whoever repeats it; and SIGHUP brings new ones. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hunt } from '../faults/hunt.ts';
import { hexOf } from '../hooks/deliveries.ts';
import { fakeGithub } from '../support/github/fake-github.ts';
import { deployToken, token } from './server.ts';
import { commit, onStage, type Stage } from './stage.ts';

const secrets = suite('secrets of a server');

const old = {
  operator: '0p3rator-token-that-is-old',
  hook: 'h00k-secret-that-is-old',
  strange: 'str4nge "value" ä/+ that-is-old',
};
const young = {
  operator: '0p3rator-t0ken-of-today',
  hook: 'h00k-s3cret-of-today',
  strange: 'str4nge <v4lue> of-today',
};
const text = (github: string): string => `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read, status], deployments: ["*"] }
  - { name: operator, value: { file: operator }, may: [admin], deployments: ["*"] }
webhooks:
  - { forge: github, secret: { file: hook }, repositories: [octo/*] }
deployments:
  - name: by-webhook
    repository: octo/hello
    environment: production
    on: { api: true, push: [main] }
    target: webhook
    settings: { github_api_url: "${github}", webhook_interval: "1", settle: "0" }
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      github_token: { env: HUB }
  - name: by-command
    repository: octo/hello
    environment: staging
    target: command
    settings:
      report: none
      command: |
        echo "the secret is $STRANGE"
        printf 'description=%s\\nenvironment_url=https://a.example/%s\\nother=%s\\n' "$STRANGE" "$STRANGE" "$STRANGE" >> "$SLIPWAY_OUTPUT"
        echo "$STRANGE" | base64
        exit 1
    secrets: { command_env: { file: strange } }
`;

const put = ({ folder }: Stage, values: typeof old): void => {
  const { strange, ...others } = values;
  for (const [name, value] of Object.entries(others)) writeFileSync(path.join(folder, name), value);
  writeFileSync(path.join(folder, 'strange'), JSON.stringify({ STRANGE: strange }));
};

/** Everything that somebody may read: the folder of the store, its copy, the log, and what the server answers. */
async function placesOf(stage: Stage, operator: string): Promise<Record<string, string>> {
  const { folder, url } = stage;
  const copy = path.join(folder, `copy-${Date.now()}.db`);
  assert.is(stage.beside('backup', copy).exit, 0);
  const files = readdirSync(path.join(folder, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const see = async (at: string, headers: Record<string, string>): Promise<string> => {
    const answer = await fetch(url + at, { headers });
    return JSON.stringify([...answer.headers]) + (await answer.text());
  };
  const bearer = { authorization: `Bearer ${operator}` };
  const entered = await fetch(`${url}/login`, {
    ...{ method: 'POST', redirect: 'manual' },
    body: new URLSearchParams({ token: operator }),
  });
  assert.is(entered.status, 303);
  const cookie = { cookie: String(entered.headers.get('set-cookie')).split(';')[0] ?? '' };
  const runs = JSON.parse((await see('/v1/runs', bearer)).replace(/^.*\]\]/, '')).runs as {
    id: string;
  }[];
  const api = ['', '/log', '/events'].flatMap((end) =>
    runs.map(({ id }) => `/v1/runs/${id}${end}`),
  );
  const pages = ['/', '/docs', '/openapi.json', ...runs.map(({ id }) => `/runs/${id}`)];
  const seen = [
    ...[...api, '/metrics', '/v1/runs'].map((at) => [at, bearer] as const),
    ...pages.map((at) => [at, cookie] as const),
  ];
  return {
    log: stage.log(),
    cookie: cookie.cookie,
    ...Object.fromEntries([...files, copy].map((file) => [file, readFileSync(file, 'latin1')])),
    ...Object.fromEntries(
      await Promise.all(seen.map(async ([at, by]) => [at, await see(at, by)] as const)),
    ),
  };
}

async function deployAll(stage: Stage, hook: string): Promise<void> {
  const deployment = async (name: string, end: string): Promise<void> => {
    const { body } = await stage.ask('POST', '/v1/runs', { deployment: name, commit });
    await stage.until(String(body.id), end);
  };
  await deployment('by-webhook', 'SUCCESS');
  await deployment('by-command', 'FAILURE');
  const repository = { full_name: 'octo/hello' };
  const push = { ref: 'refs/heads/main', after: commit, head_commit: { id: commit }, repository };
  const deliver = (secret: string) =>
    stage.ask('POST', '/hooks/github', push, {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${hexOf(secret, JSON.stringify(push))}`,
    });
  assert.is((await deliver('another secret')).status, 401);
  assert.is((await deliver(hook)).status, 202);
}

secrets('are nowhere to be found, old ones and new ones', async () => {
  const github = await fakeGithub();
  github.repo('octo/hello', { commits: [{ sha: commit }], branches: { main: commit } });
  const blab = [deployToken, Buffer.from(`x:${deployToken}`).toString('base64')].join(' ');
  const manners = {
    extra: {
      ...{ progress: `with ${blab}`, description: blab, outputs: { release: blab } },
      environment_url: `https://hello.example/${deployToken}`,
    },
  };
  await onStage(
    async (stage) => {
      put(stage, old);
      await stage.start();
      await deployAll(stage, old.hook);
      const before = await placesOf(stage, old.operator);
      writeFileSync(path.join(stage.folder, 'operator'), 'short');
      stage.signal('SIGHUP');
      while (!stage.log().includes('the secrets stay as they were')) await pause(20);
      assert.match(stage.log(), /tokens\[1\]\.value is .*shorter than 16 characters/);
      assert.ok(await seesMetrics(stage, old.operator));
      put(stage, young);
      stage.signal('SIGHUP');
      while (!stage.log().includes('the secrets were read again')) await pause(20);
      assert.not(await seesMetrics(stage, old.operator));
      assert.ok(await seesMetrics(stage, young.operator));
      await deployAll(stage, young.hook);
      const after = await placesOf(stage, young.operator);
      const values = { ...old, newOperator: young.operator, newHook: young.hook };
      const prey = { ...values, newStrange: young.strange, token, deployToken, hub: github.token };
      for (const places of [before, after]) assert.equal(hunt(prey, places), []);
      const told = github.requests.map(({ body, path: at }) => ({ body, at }));
      assert.equal(hunt(prey, { GitHub: JSON.stringify(told) }), []);
    },
    manners,
    { text: text(github.url), env: { HUB: github.token } },
  );
  await github.close();
});

const seesMetrics = async ({ url }: Stage, value: string): Promise<boolean> =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${value}` } })).ok;

secrets.run();
