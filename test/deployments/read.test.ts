import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkouts } from '../../src/deployments/file.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { seeded } from '../support/random.ts';
import {
  configOf,
  deploymentIn,
  deploymentsText,
  exampleText,
  faultsOf,
  read,
  settingsText,
} from './stage.ts';

const reading = suite('readConfig');

reading('reads the example', () => {
  const config = configOf(exampleText);
  assert.equal(
    config.deployments.map(({ name }) => name),
    ['hello-production', 'hello-staging', 'shop-api'],
  );
  const { path, open, ...hello } = deploymentIn(config, 'hello-production');
  assert.is(path, 'deployments[0]');
  assert.equal(hello, {
    settings: { environment_url: 'https://hello.example.com', timeout: '30m' },
    secrets: {
      webhook_url: { env: 'HELLO_DEPLOY_URL' },
      webhook_token: { env: 'HELLO_DEPLOY_TOKEN' },
      github_token: { file: '/run/secrets/github' },
    },
    name: 'hello-production',
    forge: 'github',
    forgeUrl: 'https://github.com',
    repository: 'octo/hello',
    environment: 'production',
    component: undefined,
    refs: ['main', 'v*'],
    on: { api: true, deployment: true, push: [], tag: [] },
    checkout: 'none',
    busy: 'queue',
    target: 'webhook',
    needsCommit: true,
  });
  assert.ok(open.includes('commit') && open.includes('dry_run'));
  assert.equal([config.page, config.metrics], [{ access: 'token' }, { access: 'token' }]);
});

reading(
  'leaves to requests what the file does not say, and nothing that selects or is not for the server',
  () => {
    const open = (settings: string[]): readonly string[] =>
      deploymentIn(configOf(settingsText(['command: x', ...settings])), 'hello').open;
    assert.equal(open([]), [
      'commit',
      'ref',
      'deployment_id',
      'task',
      'description',
      'payload',
      'environment_url',
      'log_url',
      'timeout',
      'dry_run',
    ]);
    assert.not.ok(open(['timeout: 5m']).includes('timeout'));
    assert.not.ok(open([`sha: ${'a'.repeat(40)}`]).includes('commit'));
  },
);

const ids = catalog.targets.map(({ id }) => id).join(', ');
const hello = (line: string): string => `deployments:\n  - name: hello\n    ${line}`;
const rest = ['repository: octo/hello', 'environment: production', 'target: webhook'];

/** Title, file, and its faults; all of them, for nobody wants to find the second one in the next build. */
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['an empty file', '', ['1:  is empty: it needs `deployments`']],
  ['a comment alone', '# x', ['1:  is empty: it needs `deployments`']],
  ['a list', '- a', ['1:  must be a map with tokens, webhooks, page, metrics, deployments']],
  [
    'no deployments',
    'page: { access: public }',
    ['1: deployments is required: What may be deployed, where and how.'],
  ],
  [
    'an empty list',
    'deployments: []',
    ['1: deployments must be at least one, such as [a, b] or one a line after a dash'],
  ],
  [
    'an empty value',
    'deployments:',
    ['1: deployments is empty: give it a value, or remove the line'],
  ],
  [
    'a typo at the top',
    `deploiments: []\n${deploymentsText('settings: { command: x }')}`,
    ['1: deploiments is not known here; did you mean deployments?'],
  ],
  [
    'a deployment with nothing',
    hello('busy: latest'),
    [
      '2: deployments[0].repository is required: Repository, `owner/name`; at Diversion its id or its name.',
      '2: deployments[0].environment is required: Environment to deploy to.',
      '2: deployments[0].target is required: Service that deploys.',
    ],
  ],
  [
    'a name, a repository and words that cannot be',
    deploymentsText('busy: quue, checkout: workspace, settings: { command: x }').replace(
      'name: d0, repository: octo/d0',
      'name: "a b", repository: ../d0',
    ),
    [
      '2: deployments[0].name must be a name of letters, digits, `.`, `_` and `-`, at most 63, got "a b"',
      '2: deployments[0].repository must be owner/name, got "../d0"',
      `2: deployments[0].checkout must be one of ${checkouts.join(', ')}, got "workspace"`,
      '2: deployments[0].busy must be one of queue, latest, refuse, got "quue"',
    ],
  ],
  [
    'a target that there is not',
    hello(rest.join('\n    ').replace('webhook', 'webook')),
    [`2: deployments[0].target must be one of ${ids}, got "webook"; did you mean webhook?`],
  ],
  [
    'a secret that is missing',
    hello(rest.join('\n    ')),
    [
      '2: deployments[0].secrets.webhook_url is required: Where the deploy is asked for, with an `Idempotency-Key` that stays the same however often one attempt has to ask; a deliberate retry has another. Write webhook_url: { env: NAME } or webhook_url: { file: /path }.',
    ],
  ],
  [
    'settings with a typo, a bad value, another target and of a step',
    settingsText([
      'command: x',
      'timeot: 5m',
      'timeout: soon',
      'webhook_method: PUT',
      'when_busy: wait',
      'supersede: false',
      'environment: staging',
      'output_file: x.env',
      'description:',
    ]),
    [
      '8: deployments[0].settings.timeot is not a setting; did you mean timeout?',
      '9: deployments[0].settings.timeout must be a duration above zero such as 90, 90s, 15m or 1h30m, at most 199h, got "soon"',
      '10: deployments[0].settings.webhook_method is of the target webhook; the target here is command',
      '11: deployments[0].settings.when_busy is for runs without a server, which goes by its store: write `busy` beside `settings`',
      '12: deployments[0].settings.supersede is for runs without a server, which goes by its store: write `busy` beside `settings`',
      '13: deployments[0].settings.environment is no setting here: write `environment` beside `settings`',
      '14: deployments[0].settings.output_file is for steps of a CI pipeline: the API gives the outputs of each run',
      '15: deployments[0].settings.description is empty: give it a value, or remove the line',
    ],
  ],
  [
    'values of the wrong shape',
    settingsText(['command: { a: b }', 'timeout: [5m]', 'payload: [1]', 'report: { a: b }']),
    [
      '7: deployments[0].settings.command must not be empty, got a map',
      '8: deployments[0].settings.timeout must be a duration above zero such as 90, 90s, 15m or 1h30m, at most 199h, got a list',
      '9: deployments[0].settings.payload must be a map: a JSON object of at most 100 levels, or K=V,K2=V2, got a list',
      '10: deployments[0].settings.report must be a list: a,b or one item a line (`\\,` keeps a comma), or a JSON array of texts, got a map',
    ],
  ],
  [
    'a setting twice, under an older name too',
    settingsText(['command: x', `commit: ${'a'.repeat(40)}`, `sha: ${'b'.repeat(40)}`]),
    [
      '8: deployments[0].settings.commit and deployments[0].settings.sha are one setting with two values: keep one',
    ],
  ],
  [
    'settings that are a list, and secrets that are none',
    deploymentsText('settings: [command], secrets: { timeout: { env: X } }'),
    [
      '2: deployments[0].settings must be a map of settings, one a line: `name: value`',
      '2: deployments[0].secrets.timeout is no secret: write it under `settings`',
      '2: deployments[0].settings.command is required: Script that deploys; write it as a block scalar.',
    ],
  ],
  [
    'an `on` that starts nothing, and one for another forge',
    deploymentsText(
      'settings: { command: x }, on: { api: false }',
      'settings: { command: x }, forge: gitlab, on: { deployment: true }',
      'settings: { command: x }, on: { pull: [a], push: [] }',
    ),
    [
      '2: deployments[0].on lets nothing start it: write api: true, or leave `on` out',
      '3: deployments[1].on.deployment is an event of GitHub: for gitlab write push: [main] or tag: [v*]',
      '4: deployments[2].on.pull is not known here; there is api, deployment, push, tag',
      '4: deployments[2].on.push must be at least one, such as [a, b] or one a line after a dash',
    ],
  ],
  [
    "what only Diversion's deployments have, and what they have not",
    deploymentsText(
      'settings: { command: x, diversion_repo: a, diversion_path: b, diversion_ref: c }, forge: diversion, checkout: archive, on: { tag: [v*], deployment: true }',
      'settings: { command: x }, checkout: diversion',
    ).replace('octo/d1', 'hello'),
    [
      '2: deployments[0].repository must be its id (dv.repo.…) or its name, got "octo/d0"',
      '2: deployments[0].checkout cannot be archive where the forge is diversion: write checkout: diversion',
      '2: deployments[0].settings.diversion_repo is no setting here: write `repository` beside `settings`',
      '2: deployments[0].settings.diversion_path is for steps of a CI pipeline: each run of the server has a folder of its own',
      '2: deployments[0].settings.diversion_ref is for steps of a CI pipeline: an event or a request names what is deployed (ref, commit)',
      '2: deployments[0].on.tag is no event of diversion: write push: [main]',
      '2: deployments[0].on.deployment is an event of GitHub: for diversion write push: [main]',
      '3: deployments[1].repository must be owner/name, got "hello"',
      '3: deployments[1].checkout cannot be diversion where the forge is github: write forge: diversion',
    ],
  ],
  [
    'what Bitbucket Data Center cannot do here',
    deploymentsText(
      'settings: { command: x }, forge: bitbucket-dc, checkout: archive, on: { push: [main] }, forge_url: "https://git.example.com"',
      'settings: { command: x }, forge: bitbucket-dc',
    ),
    [
      '2: deployments[0].checkout cannot be archive: bitbucket-dc is not asked for any',
      '2: deployments[0].on can be the API alone: no webhook of bitbucket-dc is understood',
      '3: deployments[1].forge_url is required for bitbucket-dc, such as https://git.example.com',
    ],
  ],
  [
    'a forge without a site, and one with a password in its address',
    deploymentsText(
      'settings: { command: x }, forge: gitea',
      'settings: { command: x }, forge: gitea, forge_url: "https://me:hunter2@git.example.com"',
    ),
    [
      '2: deployments[0].forge_url is required for gitea, such as https://git.example.com',
      '3: deployments[1].forge_url must be an absolute http or https URL without a user or password in it, got "https://…@git.example.com"',
    ],
  ],
  [
    'one name twice, in whatever case',
    deploymentsText('settings: { command: x }', 'settings: { command: x }').replace('d1', 'D0'),
    [`3: deployments[1].name is deployments[0]'s too: "d0"`],
  ],
  [
    'tokens that may too little, and two of one name',
    [
      'tokens:',
      '  - { name: a, value: { env: A }, may: [deploi], deployments: ["*"] }',
      '  - { name: A, value: { env: A }, may: [], deployments: ["*"] }',
      deploymentsText('settings: { command: x }'),
    ].join('\n'),
    [
      '2: tokens[0].may[0] must be one of deploy, status, read, admin, got "deploi"',
      '3: tokens[1].may must be at least one, such as [a, b] or one a line after a dash',
      `3: tokens[1].name is tokens[0]'s too: "a"`,
    ],
  ],
  [
    'webhooks that prove nothing, or too much',
    [
      'webhooks:',
      '  - { forge: github, repositories: [a/b] }',
      '  - { forge: gitlab, secret: { env: X }, repositories: [a/b] }',
      '  - { forge: gitlab, token: { env: X }, signing_token: { env: Y }, repositories: [a/b] }',
      '  - { forge: githb, secret: { env: X }, repositories: [a/b] }',
      deploymentsText('settings: { command: x }'),
    ].join('\n'),
    [
      '2: webhooks[0] needs secret to prove that a delivery is of github, and nothing beside',
      '3: webhooks[1] needs token or signing_token to prove that a delivery is of gitlab, and nothing beside',
      '4: webhooks[2] needs token or signing_token to prove that a delivery is of gitlab, and nothing beside',
      '5: webhooks[3].forge must be one of github, gitlab, bitbucket, gitea, diversion, got "githb"',
    ],
  ],
  [
    'broken YAML',
    'deployments: [',
    ['1:  is not indented as the lines around it, or a bracket or quote before it is not closed'],
  ],
];
for (const [title, text, expected] of cases) {
  reading(`refuses ${title}`, () => assert.equal(faultsOf(text), expected));
}

reading('says how a secret is written, and never what it is', () => {
  const secret = 'hunter2-hunter2';
  const text = [
    'tokens:',
    `  - { name: a, value: ${secret}, may: [read], deployments: [a] }`,
    'webhooks:',
    `  - { forge: github, secret: ${secret}, repositories: [a/b] }`,
    `  - { forge: github, secret: { env: "${secret}" }, repositories: [a/b] }`,
    `  - { forge: github, secret: { value: ${secret} }, repositories: [a/b] }`,
    deploymentsText(
      `settings: { command: x, github_token: ${secret}, command_env: { A: ${secret} } }, secrets: { github_app_private_key: ${secret}, github_token: [${secret}], grace: { env: X } }`,
    ),
  ].join('\n');
  const faults = faultsOf(text);
  assert.not.match(JSON.stringify(faults), secret);
  const how = '{ env: NAME } for a variable of the server, or { file: /path } for a file';
  assert.equal(
    faults,
    [
      `2: tokens[0].value stands in the file as it is: replace the secret, and write ${how}`,
      `4: webhooks[0].secret stands in the file as it is: replace the secret, and write ${how}`,
      '5: webhooks[1].secret.env must be the name of a variable, such as HELLO_TOKEN',
      `6: webhooks[2].secret must be ${how}`,
      '8: deployments[0].settings.github_token is a secret and stands in the file as it is: replace the secret, and write github_token: { env: NAME } or github_token: { file: /path } under `secrets`',
      '8: deployments[0].settings.command_env is a secret and stands in the file as it is: replace the secret, and write command_env: { env: NAME } or command_env: { file: /path } under `secrets`',
      `8: deployments[0].secrets.github_app_private_key stands in the file as it is: replace the secret, and write ${how}`,
      `8: deployments[0].secrets.github_token must be ${how}`,
      '8: deployments[0].secrets.grace is no secret: write it under `settings`',
    ].map((fault) => fault.replace(/^([568]):/, '$1:')),
  );
});

reading('reads settings as a step would, but numbers as they were typed', () => {
  const text = settingsText([
    'command: [a, b]',
    'timeout: 90',
    'description: 1.10',
    'payload: { a: 1, b: [x] }',
    'report: [none]',
    'skip_verify: yes',
  ]);
  const { faults, warnings } = read(text);
  assert.equal(faults, []);
  assert.not.match(JSON.stringify(warnings), /number|settings/);
  assert.equal(deploymentIn(configOf(text), 'hello').settings, {
    command: '["a","b"]',
    timeout: '90',
    description: '1.10',
    payload: '{"a":1,"b":["x"]}',
    report: '["none"]',
    skip_verify: 'yes',
  });
});

reading('warns of what nobody can start, of two in one place, and of an older name', () => {
  const warnings = (text: string): readonly string[] =>
    read(text).warnings.map(({ path, message }) => `${path} ${message}`);
  const d = (...more: string[]) =>
    deploymentsText(...more.map((m) => `settings: { command: x }${m}`));
  assert.equal(warnings(d('')), ['deployments[0] is for the API, but no token may deploy d0']);
  const token = (may: string) =>
    `tokens: [{ name: t, value: { env: T }, may: [${may}], deployments: ["d*"] }]\n`;
  assert.equal(warnings(token('deploy') + d('')), []);
  assert.is(warnings(token('read') + d('')).length, 1);
  assert.equal(warnings(d(', on: { push: [main] }')), [
    'deployments[0].on waits for deliveries of octo/d0, which no entry of webhooks covers',
  ]);
  const hook = 'webhooks: [{ forge: github, secret: { env: S }, repositories: [Octo/*] }]\n';
  assert.equal(warnings(hook + d(', on: { push: [main] }')), []);
  const ghes = ', forge_url: https://git.example.com';
  assert.is(warnings(hook + d(`, on: { push: [main] }${ghes}`)).length, 1);
  const gitea = ', on: { push: [main] }, forge: gitea, forge_url: https://git.example.com';
  const gitlab = (forge: string, proof: string) =>
    `webhooks: [{ forge: ${forge}, forge_url: https://git.example.com/, ${proof}: { env: S }, repositories: [octo/*] }]\n`;
  assert.is(warnings(gitlab('gitlab', 'token') + d(gitea)).length, 1);
  assert.is(warnings(gitlab('gitea', 'secret') + d(gitea)).length, 0);
  const two = d('', '').replace('octo/d1', 'Octo/D0');
  assert.match(
    warnings(token('deploy') + two).join(),
    'deployments[1] has the repository and environment of d0',
  );
  assert.match(
    warnings(token('deploy') + d(`, component: a`, '').replace('octo/d1', 'octo/d0')).join(),
    /^$/,
  );
  assert.match(
    warnings(
      token('deploy') +
        settingsText(['command: x', `sha: ${'a'.repeat(40)}`]).replace('name: hello', 'name: d0'),
    ).join(),
    'deployments[0].settings.sha is an older name of commit',
  );
});

reading('asks for a commit where the target takes one, or somebody is told', () => {
  const needs = (target: string, more: string): boolean =>
    configOf(
      `deployments:\n  - { name: d, repository: a/b, environment: e, target: ${target}, ${more} }`,
    ).deployments[0]?.needsCommit === true;
  const hook = (secrets: string, settings = ''): string =>
    `secrets: { webhook_url: { env: U }${secrets} }, settings: { ${settings} webhook_method: PUT }`;
  assert.ok(needs('command', 'settings: { command: x, report: none }'));
  assert.not.ok(needs('webhook', hook('')));
  assert.ok(needs('webhook', hook(', github_token: { env: G }')));
  assert.ok(needs('webhook', hook(', token: { env: G }')));
  assert.not.ok(needs('webhook', hook(', github_token: { env: G }', 'report: none,')));
  assert.ok(needs('webhook', hook('', 'report: github-status,')));
});

reading('names what is wrong with 1,000 damaged files, and never fails itself', () => {
  const random = seeded(20_261_128);
  const words = [
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!x ',
    '\t',
    '\n',
    '~',
    '|',
    '%',
    '\0',
    'é',
    '${x}',
  ];
  let refused = 0;
  for (let round = 0; round < 1000; round += 1) {
    let text = exampleText;
    for (let change = 0; change <= random.int(4); change += 1) {
      const at = random.int(text.length);
      const until = at + random.int(12);
      text = text.slice(0, at) + (random.int(2) ? random.pick(words) : '') + text.slice(until);
    }
    const { faults, config } = read(text);
    refused += faults.length > 0 ? 1 : 0;
    for (const { line, message } of faults) assert.ok(line >= 0 && message.length > 5);
    assert.ok(faults.length > 0 || config.deployments.every(({ name, target }) => name && target));
  }
  assert.ok(refused > 300, `${refused}`);
});

reading.run();
