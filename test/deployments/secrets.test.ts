import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serverContext } from '../../src/context/server.ts';
import { may, reaches, tokenOf } from '../../src/deployments/access.ts';
import { judgeSecrets, loadRun } from '../../src/deployments/judge.ts';
import { readSecrets, type World } from '../../src/deployments/secrets.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { configOf, deploymentIn, reading, tokenIn } from './stage.ts';

const text = `
tokens:
  - { name: spinnaker, value: { env: SPINNAKER }, may: [deploy, read], deployments: [hello-*] }
  - { name: root, value: { file: root }, may: [admin], deployments: [nothing] }
webhooks:
  - { forge: github, secret: { env: HOOK }, repositories: [octo/*] }
deployments:
  - name: hello-production
    repository: octo/hello
    environment: production
    component: api
    target: webhook
    settings: { webhook_method: PUT, timeout: 5m }
    secrets: { webhook_url: { env: URL }, webhook_token: { file: token } }
`;
const config = configOf(text);
const hello = deploymentIn(config, 'hello-production');

const values = {
  SPINNAKER: 'spinnaker-0123456789',
  HOOK: 'hook-secret',
  URL: 'https://hello.example.com/deploy',
};
const files: Record<string, string> = { root: 'root-0123456789abcdef\n', token: 'file-token\r\n' };
const world = (change: Partial<Record<string, string | undefined>> = {}): World => ({
  env: { ...values, ...change },
  readFile: (path) => {
    const found = path in change ? change[path] : files[path];
    if (found === undefined) throw Object.assign(new Error(path), { code: 'EACCES' });
    return found;
  },
});

const secrets = suite('readSecrets');

secrets('reads variables and files, without the line break at their end', () => {
  const { secrets: read, faults } = readSecrets(config, world());
  assert.equal(faults, []);
  assert.is(read.token(tokenIn(config, 'spinnaker')), values.SPINNAKER);
  assert.is(read.token(tokenIn(config, 'root')), 'root-0123456789abcdef');
  assert.is(config.webhooks[0] && read.webhook(config.webhooks[0]), 'hook-secret');
  assert.is(read.setting(hello, 'webhook_token'), 'file-token');
  assert.is(read.setting(hello, 'github_token'), undefined);
});

secrets('names every variable and file that is missing or empty', () => {
  const { faults } = readSecrets(
    config,
    world({ SPINNAKER: undefined, HOOK: ' ', root: '\n', token: undefined }),
  );
  assert.equal(
    faults.map(({ name, message }) => `${name} ${message}`),
    [
      'tokens[0].value is the variable SPINNAKER, which is not set',
      'tokens[1].value is the file root, which is empty',
      'webhooks[0].secret is the variable HOOK, which is empty',
      'deployments[0].secrets.webhook_token is the file token, which cannot be read (EACCES)',
    ],
  );
});

for (const [title, change, message] of [
  [
    'that no header can carry',
    { SPINNAKER: 'spinnaker 0123456789' },
    /holds what no header can carry/,
  ],
  [
    'with letters beyond ASCII',
    { SPINNAKER: 'spinnäker-0123456789' },
    /holds what no header can carry/,
  ],
  ['that can be guessed', { SPINNAKER: 'secret' }, /shorter than 16 characters/],
  [
    'that two callers share',
    { SPINNAKER: 'root-0123456789abcdef' },
    /has the value of tokens\[0\]\.value/,
  ],
] as const) {
  secrets(`refuses a token ${title}, without showing it`, () => {
    const { faults } = readSecrets(config, world(change));
    assert.is(faults.length, 1);
    assert.match(faults[0]?.message ?? '', message);
    assert.not.match(JSON.stringify(faults), change.SPINNAKER);
  });
}

secrets('reads again, and keeps what was read before', () => {
  const before = readSecrets(config, world()).secrets;
  const after = readSecrets(config, world({ token: 'new-token' })).secrets;
  assert.is(before.setting(hello, 'webhook_token'), 'file-token');
  assert.is(after.setting(hello, 'webhook_token'), 'new-token');
});

secrets('cannot be printed or stored', () => {
  const { secrets: read } = readSecrets(config, world());
  const shown =
    JSON.stringify(read) + inspect(read, { depth: 9, showHidden: true }) + JSON.stringify(config);
  for (const value of [...Object.values(values), 'file-token', 'root-0123456789']) {
    assert.not.match(shown, value);
  }
});
secrets.run();

const loading = suite('loadRun');

loading('takes the file first, then the request, then what the forge said', () => {
  const { secrets: read } = readSecrets(config, world());
  const request = {
    timeout: '90',
    ref: 'v1',
    description: 'x',
    target: 'command',
    repo: 'evil/x',
    webhook_url: 'https://evil.example.com',
    component: 'x',
  };
  const context = serverContext({
    ...{ runId: 'r', createdAt: 1, publicUrl: 'https://d.example.com', source: 'push' },
    ...{ forge: 'github', forgeUrl: 'https://github.com', repository: 'octo/hello' },
    ...{ commit: 'a'.repeat(40), ref: 'main' },
  });
  const { values: got, origins, faults } = loadRun(hello, read, request, catalog, reading, context);
  assert.equal(faults, []);
  assert.equal(
    [got.repo, got.environment, got.component, got.target, got.checkout],
    ['octo/hello', 'production', 'api', 'webhook', 'none'],
  );
  assert.equal([got.webhookUrl, got.webhookToken], [values.URL, 'file-token']);
  assert.equal([got.timeout, got.ref, got.commit], [300_000, 'v1', 'a'.repeat(40)]);
  assert.equal(
    ['repo', 'timeout', 'webhookUrl', 'ref', 'commit', 'httpTimeout'].map((key) =>
      origins.get(key),
    ),
    [
      'deployments[0].repository',
      'deployments[0].settings.timeout',
      'deployments[0].secrets.webhook_url',
      'ref',
      'commit of the server build',
      'default',
    ],
  );
});

loading(
  'finds what is wrong with a value of a secret, by its place in the file, and opens the rest',
  () => {
    const judge = (change: Record<string, string | undefined>, opened: string[] = []) => {
      const { secrets: read } = readSecrets(config, world(change));
      return judgeSecrets(config, read, catalog, reading, (deployment) => {
        opened.push(deployment.name);
        return [
          { name: 'PLUGIN_WEBHOOK_HEADERS', message: 'cannot set host' },
          { name: 'github_app_id', message: 'is required' },
          { name: 'deployments[0].secrets.webhook_url', message: 'is odd' },
        ];
      });
    };
    const [bad] = judge({ URL: 'hello.example.com/hunter2' });
    assert.equal(bad, {
      name: 'deployments[0].secrets.webhook_url',
      message: 'must be an absolute http or https URL',
    });
    assert.equal(
      judge({}).map(({ name }) => name),
      [
        'deployments[0].secrets.webhook_headers',
        'deployments[0].settings.github_app_id',
        'deployments[0].secrets.webhook_url',
      ],
    );
    const opened: string[] = [];
    assert.equal(judge({ URL: undefined }, opened), []);
    assert.equal(opened, []);
  },
);
loading.run();

const access = suite('tokens');
access('are found by their value alone', () => {
  const { secrets: read } = readSecrets(config, world());
  assert.is(tokenOf(config, read, values.SPINNAKER)?.name, 'spinnaker');
  assert.is(tokenOf(config, read, 'root-0123456789abcdef')?.name, 'root');
  for (const wrong of [
    '',
    ' ',
    'spinnaker',
    `${values.SPINNAKER} `,
    values.SPINNAKER.toUpperCase(),
  ]) {
    assert.is(tokenOf(config, read, wrong), undefined);
  }
  const { secrets: none } = readSecrets(config, world({ SPINNAKER: '', root: undefined }));
  assert.is(tokenOf(config, none, ''), undefined);
});
access('may what they say, where they say; an admin everything everywhere', () => {
  const spinnaker = tokenIn(config, 'spinnaker');
  const root = tokenIn(config, 'root');
  assert.equal(
    (['deploy', 'read', 'status', 'admin'] as const).map((right) => may(spinnaker, right)),
    [true, true, false, false],
  );
  assert.ok(may(root, 'deploy') && may(root, 'status'));
  assert.equal([reaches(spinnaker, 'hello-x'), reaches(spinnaker, 'shop')], [true, false]);
  assert.ok(reaches(root, 'shop'));
});
access.run();
