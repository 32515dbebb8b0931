import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exampleText } from '../deployments/stage.ts';
import { onStage, type Stage } from './stage.ts';

const secret = 'hunter2-hunter2-hunter2';
const variables = {
  SLIPWAY_PUBLIC_URL: 'https://deploy.example.com',
  SPINNAKER_TOKEN: `spinnaker-${secret}`,
  GITHUB_WEBHOOK_SECRET: secret,
  HELLO_DEPLOY_URL: `https://hello.example.com/${secret}`,
  HELLO_DEPLOY_TOKEN: secret,
  HELLO_KUBE_ENV: JSON.stringify({ KUBE: secret }),
  SHOP_API_DEPLOY_URL: `https://shop.example.com/${secret}`,
};

/** slipway.yml and its secrets in a folder of their own; paths in the file are relative to it. */
function lay(cwd: string, text = exampleText): string {
  mkdirSync(join(cwd, 'etc'), { recursive: true });
  writeFileSync(join(cwd, 'etc/slipway.yml'), text.replaceAll('/run/secrets/', './'));
  for (const name of ['operator', 'gitlab', 'github']) {
    writeFileSync(join(cwd, 'etc', name), `${name}-${secret}\n`);
  }
  return 'etc/slipway.yml';
}
/** What it says where whoever asked looks for it: faults on stderr, and nothing else anywhere. */
async function said(stage: Stage, env: Record<string, string>, ...argv: string[]) {
  const { out, err, exit } = await stage.slipway(env, ...argv);
  assert.is(exit === 0 ? err : out, '');
  return { out: exit === 0 ? out : err, exit };
}
const check = (stage: Stage, env: Record<string, string>, ...flags: string[]) =>
  said(stage, env, 'serve', '--check-config', ...flags);

const checking = suite('serve --check-config');

checking('says what a good file comes to, and no secret', () =>
  onStage(async (stage) => {
    const { out, exit } = await check(stage, variables, '--config', lay(stage.cwd));
    assert.is(exit, 0, out);
    assert.not.match(out, 'hunter2');
    assert.is(
      out,
      `etc/slipway.yml is usable: 3 deployments, 2 tokens, 2 webhooks

hello-production: octo/hello to production with webhook
  started by the API (spinnaker, operator); a deployment at GitHub
  commits of main, v*; checkout none; busy queue
  a request may set commit, ref, deployment_id, task, description, payload, log_url, dry_run

hello-staging: octo/hello to staging with command
  started by the API (spinnaker, operator); a push to main
  commits of any branch or tag; checkout none; busy latest
  a request may set commit, ref, deployment_id, task, description, payload, environment_url, log_url, timeout, dry_run

shop-api: group/shop to production/api with webhook
  started by a tag api-*
  commits of any branch or tag; checkout none; busy queue
  a request may set commit, ref, deployment_id, task, description, payload, environment_url, log_url, timeout, dry_run

token spinnaker may deploy, read: hello-*
token operator may admin: everything
webhook of github at github.com: octo/*
webhook of gitlab at gitlab.com: group/*
page: token; metrics: token
`,
    );
  }),
);

checking('finds the file by SLIPWAY_CONFIG, and where it is usually', () =>
  onStage(async (stage) => {
    const path = lay(stage.cwd);
    assert.is((await check(stage, { ...variables, SLIPWAY_CONFIG: path })).exit, 0);
    const none = await check(stage, variables);
    assert.is(none.exit, 2);
    assert.match(
      none.out,
      `slipway.yml cannot be read in the working folder ${stage.cwd} (ENOENT): name the file by --config or SLIPWAY_CONFIG`,
    );
    const gone = await check(stage, { ...variables, SLIPWAY_CONFIG: 'gone.yml' });
    assert.match(
      gone.out,
      '--config or SLIPWAY_CONFIG names a file that cannot be read: "gone.yml" (ENOENT)',
    );
  }),
);

checking('names what a tree cannot be fetched without, once', () =>
  onStage(async (stage) => {
    const common = '{ environment: p, target: command, settings: { command: x }';
    const text = `deployments:
  - ${common}, name: a, repository: octo/a, checkout: archive }
  - ${common}, name: b, repository: game, refs: [main], forge: diversion, checkout: diversion }
`;
    const { out, exit } = await check(stage, variables, '--config', lay(stage.cwd, text));
    assert.is(exit, 2);
    assert.match(out, /deployments\[0\]\S+github_token is required to fetch the tree from GitHub/);
    const [first, ...more] = out.split('\n').filter((line) => line.includes('diversion_token'));
    assert.match(first ?? '', /deployments\[1\]\.\S+ is required to fetch a tree from Diversion/);
    assert.equal(more, []);
  }),
);

checking('names every fault at once, with file and line', () =>
  onStage(async (stage) => {
    const text = exampleText
      .replace('busy: latest', 'busy: lastest')
      .replace('environment_url: https', 'enviroment_url: https');
    const { out, exit } = await check(
      stage,
      { SLIPWAY_CONCURRENCY: 'many' },
      '--config',
      lay(stage.cwd, text),
    );
    assert.is(exit, 2);
    const line = (word: string): number =>
      text.split('\n').findIndex((each) => each.includes(word)) + 1;
    assert.is(
      out,
      `Settings are not usable:
  - SLIPWAY_CONCURRENCY must be a whole number from 1 to 1000, got "many"
  - SLIPWAY_PUBLIC_URL is required: Base of every link to the server, as Spinnaker, forges and people reach it.
  - etc/slipway.yml:${line('enviroment_url')}: deployments[0].settings.enviroment_url is not a setting; did you mean environment_url?
  - etc/slipway.yml:${line('lastest')}: deployments[1].busy must be one of queue, latest, refuse, got "lastest"
`,
    );
  }),
);

checking('names a token that would tell nobody, since its forge is not named', () =>
  onStage(async (stage) => {
    const of = (more: string) => `
deployments:
  - name: hello
    repository: octo/hello
    environment: production
    target: command
    ${more}
    secrets:
      gitlab_token: { env: TOKEN }
`;
    const env = { ...variables, TOKEN: secret };
    const judge = (more: string) => check(stage, env, '--config', lay(stage.cwd, of(more)));
    const { out, exit } = await judge('settings: { command: x }');
    assert.is(exit, 2);
    assert.match(
      out,
      'deployments[0].secrets.gitlab_token tells nobody: the forge of this deployment is github; write `forge: gitlab`',
    );
    assert.is(out.match(/tells nobody/g)?.length, 1);
    assert.not.match(out, secret);
    for (const more of [
      'forge: gitlab\n    settings: { command: x }',
      'forge: gitlab\n    settings: { command: x, report: none }',
      'settings: { command: x, report: gitlab, gitlab_url: "https://git.example" }',
      'settings: { command: x, gitlab_project: a/b, gitlab_url: "https://git.example" }',
    ]) {
      assert.is((await judge(more)).exit, 0, more);
    }
  }),
);

checking('names every secret that is missing, and what is wrong with those that are there', () =>
  onStage(async (stage) => {
    const env = {
      ...variables,
      SPINNAKER_TOKEN: '',
      HELLO_DEPLOY_URL: `hello.example.com/${secret}`,
      HELLO_KUBE_ENV: JSON.stringify({ 'A=B': secret }),
    };
    const text = exampleText.replace('{ env: SHOP_API_DEPLOY_URL }', '{ file: ./nowhere }');
    const { out, exit } = await check(stage, env, '--config', lay(stage.cwd, text));
    assert.is(exit, 2);
    assert.not.match(out, 'hunter2');
    for (const fault of [
      'tokens[0].value is the variable SPINNAKER_TOKEN, which is empty',
      'deployments[2].secrets.webhook_url is the file ./nowhere, which cannot be read (ENOENT)',
      'deployments[0].secrets.webhook_url must be an absolute http or https URL',
      'deployments[1].secrets.command_env',
    ]) {
      assert.match(out, `  - etc/slipway.yml: ${fault}`);
    }
  }),
);

checking(
  'opens what a run would: a key that is none, a header that cannot be, a shell that is not there',
  () =>
    onStage(async (stage) => {
      const text = exampleText
        .replace('webhook_token: { env: HELLO_DEPLOY_TOKEN }', 'webhook_headers: { env: HEADERS }')
        .replace(
          '      command: |',
          '      shell: /no/such/shell\n      report: [gitub-status]\n      command: |',
        )
        .replace(
          /github_token: (\{ file: \/run\/secrets\/github \})/,
          'github_app_private_key: $1',
        );
      const env = { ...variables, HEADERS: JSON.stringify({ Host: secret }) };
      const { out, exit } = await check(stage, env, '--config', lay(stage.cwd, text));
      assert.is(exit, 2);
      assert.not.match(out, 'hunter2');
      for (const fault of [
        'deployments[0].secrets.webhook_headers cannot set Host',
        'deployments[1].settings.shell must name a program',
        /deployments\[1\]\.settings\.report must name auto, none or some of .*github-status.*, got "gitub-status"; did you mean github-status\?/,
      ]) {
        assert.match(out, fault);
      }
    }),
);

checking('opens reporters: an App needs its key, and a key that is one', () =>
  onStage(async (stage) => {
    const text = exampleText.replace(
      '      timeout: 30m',
      '      timeout: 30m\n      github_app_id: "12"',
    );
    const alone = text.replace(/\n {6}github_token: .*/, '');
    const { out } = await check(stage, variables, '--config', lay(stage.cwd, alone));
    assert.match(
      out,
      'deployments[0].secrets.github_app_private_key is required beside github_app_id',
    );
    const wrong = text.replace(
      'github_token: { file: /run/secrets/github }',
      'github_app_private_key: { env: HELLO_DEPLOY_TOKEN }',
    );
    const second = await check(stage, variables, '--config', lay(stage.cwd, wrong));
    assert.is(second.exit, 2);
    assert.match(second.out, /deployments\[0\]\.secrets\.github_app_private_key/);
    assert.not.match(second.out, 'hunter2');
  }),
);

checking('warns of what can hardly be meant, and goes on', () =>
  onStage(async (stage) => {
    const text = exampleText
      .replace('deployments: [hello-*]', 'deployments: [nothing-*]')
      .replace('may: [admin]', 'may: [read]');
    const env = { ...variables, SLIPWAY_CONCURENCY: '9' };
    const { out, exit } = await check(stage, env, '--config', lay(stage.cwd, text));
    assert.is(exit, 0, out);
    assert.match(
      out,
      /^warning: SLIPWAY_CONCURENCY is not a setting; did you mean SLIPWAY_CONCURRENCY\?$/m,
    );
    assert.match(
      out,
      /^warning: etc\/slipway\.yml:\d+: deployments\[0\] is for the API, but no token may deploy hello-production$/m,
    );
  }),
);

for (const [argv, message] of [
  [['serve'], /slipway\.yml cannot be read in the working folder/],
  [
    ['serve', '--check-config', 'slipway.yml'],
    /slipway\.yml is not known here; did you mean --config slipway\.yml\?/,
  ],
  [['deploy', '--config', 'x'], /--config is a flag of serve and orca/],
  [['serve', '--check-config', '--spinnaker', '2026.1'], /--spinnaker is a flag of orca/],
  [
    ['serve', '--check-config', '--environment', 'x'],
    /--environment is no flag of serve, which reads no settings of runs/,
  ],
  [
    ['serve', '--check-config', '--database-url', 'x'],
    /--database-url is a secret and has no flag/,
  ],
  [['serve', '--check-confg'], /--check-confg is not a flag; did you mean --check-config\?/],
  [['deploy', '--listen', '1'], /--listen is a flag of serve/],
] as const) {
  checking(`refuses ${argv.join(' ')}`, () =>
    onStage(async (stage) => {
      const { out, exit } = await said(stage, {}, ...argv);
      assert.is(exit, 2, out);
      assert.match(out, message);
    }),
  );
}

checking('takes no variable that holds a secret for a setting', () =>
  onStage(async (stage) => {
    const text = exampleText.replace('env: SPINNAKER_TOKEN', 'env: SLIPWAY_TOKEN_SPINNAKER');
    const env = { ...variables, SLIPWAY_TOKEN_SPINNAKER: `spinnaker-${secret}` };
    const { out, exit } = await check(stage, env, '--config', lay(stage.cwd, text));
    assert.is(exit, 0, out);
    assert.not.match(out, 'warning');
  }),
);

checking('takes the settings of the server as flags', () =>
  onStage(async (stage) => {
    const { SLIPWAY_PUBLIC_URL: _, ...env } = variables;
    const flags = [
      '--public-url',
      'https://d.example.com',
      '--listen=:8080x',
      '--config',
      lay(stage.cwd),
    ];
    const { out, exit } = await check(stage, env, ...flags);
    assert.is(exit, 2);
    assert.match(out, '--listen must be an address and a port such as 0.0.0.0:8080, got ":8080x"');
    assert.not.match(out, 'PUBLIC_URL');
  }),
);

checking.run();
