import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunRequest } from '../../src/deployments/request.ts';
import { selectRun } from '../../src/deployments/select.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { configOf, tokenIn } from './stage.ts';

const config = configOf(`
tokens:
  - { name: hello, value: { env: A }, may: [deploy], deployments: [hello-*] }
  - { name: reader, value: { env: C }, may: [read, status], deployments: ['*'] }
  - { name: root, value: { env: B }, may: [admin], deployments: [x] }
deployments:
  - { name: hello-production, repository: octo/hello, environment: production, target: command, settings: { command: x, timeout: 5m } }
  - { name: hello-staging, repository: octo/hello, environment: staging, target: command, settings: { command: x, ref: main } }
  - { name: hello-hooked, repository: octo/hello, environment: hooked, on: { push: [main] }, target: command, settings: { command: x } }
  - { name: hello-game, forge: diversion, repository: game, environment: production, target: command, settings: { command: x } }
  - { name: shop-api, repository: octo/shop, environment: production, component: api, target: webhook, secrets: { webhook_url: { env: U } } }
  - { name: shop-web, repository: octo/shop, environment: production, component: web, target: webhook, secrets: { webhook_url: { env: U } } }
`);
const ask = (token: string, request: Partial<RunRequest>) =>
  selectRun(config, { settings: {}, ...request }, tokenIn(config, token), catalog);
const sha = 'a'.repeat(40);
const commit = { commit: sha };

const selecting = suite('selectRun');

for (const [title, token, request, name] of [
  ['a name', 'hello', { deployment: 'hello-production', settings: commit }, 'hello-production'],
  [
    'repository and environment, in any case',
    'hello',
    { repository: 'Octo/Hello', environment: 'Production', settings: commit },
    'hello-production',
  ],
  [
    'a name and the repository that it has',
    'hello',
    {
      deployment: 'hello-production',
      repository: 'octo/hello',
      environment: 'production',
      settings: commit,
    },
    'hello-production',
  ],
  [
    'a deployment id in place of a commit',
    'hello',
    { deployment: 'hello-production', settings: { deployment_id: '42' } },
    'hello-production',
  ],
  [
    'a ref in place of a commit',
    'hello',
    { deployment: 'hello-production', settings: { ref: 'main' } },
    'hello-production',
  ],
  ['a ref that the file has', 'hello', { deployment: 'hello-staging' }, 'hello-staging'],
  ['nothing at all for a service that takes none', 'root', { deployment: 'shop-api' }, 'shop-api'],
] as const) {
  selecting(`takes ${title}`, () => {
    const found = ask(token, request);
    assert.ok('deployment' in found, JSON.stringify(found));
    assert.is('deployment' in found && found.deployment.name, name);
  });
}

for (const [title, token, request, status, error, message] of [
  [
    'a token that only reads',
    'reader',
    { deployment: 'hello-production', settings: commit },
    403,
    'forbidden',
    /The token reader may not deploy/,
  ],
  ['nothing', 'root', {}, 422, 'not_selected', /Name a deployment, or both repo and environment/],
  [
    'a repository alone',
    'root',
    { repository: 'octo/hello' },
    422,
    'not_selected',
    /both repo and environment/,
  ],
  [
    'an unknown name',
    'root',
    { deployment: 'hello-prodution' },
    422,
    'no_deployment',
    /Did you mean hello-production\?/,
  ],
  [
    'a name in another case',
    'root',
    { deployment: 'Hello-Production' },
    422,
    'no_deployment',
    /No deployment is named/,
  ],
  [
    'a name beyond the token',
    'hello',
    { deployment: 'shop-api' },
    403,
    'forbidden',
    /The token hello may not use "shop-api"/,
  ],
  [
    'a name beyond the token that there is not',
    'hello',
    { deployment: 'shop-nope' },
    403,
    'forbidden',
    /may not use "shop-nope"/,
  ],
  [
    'a place beyond the token',
    'hello',
    { repository: 'octo/shop', environment: 'production' },
    422,
    'no_deployment',
    /No deployment that the token hello may use/,
  ],
  [
    'a place that there is not',
    'root',
    { repository: 'octo/hello', environment: 'qa' },
    422,
    'no_deployment',
    /environment "qa"/,
  ],
  [
    'several',
    'root',
    { repository: 'octo/shop', environment: 'production' },
    422,
    'several_deployments',
    /shop-api, shop-web/,
  ],
  [
    'one that only the forge starts',
    'hello',
    { deployment: 'hello-hooked', settings: commit },
    422,
    'not_by_api',
    /hello-hooked is not started by requests/,
  ],
  [
    'another environment',
    'hello',
    { deployment: 'hello-production', environment: 'staging', settings: commit },
    422,
    'other_place',
    /environment is "staging", but hello-production has production/,
  ],
  [
    'another repository',
    'hello',
    { deployment: 'hello-production', repository: 'octo/evil', settings: commit },
    422,
    'other_place',
    /repo is "octo\/evil"/,
  ],
  [
    'what the file has fixed',
    'hello',
    { deployment: 'hello-production', settings: { ...commit, timeout: '1h' } },
    422,
    'not_open',
    /timeout is fixed for hello-production in slipway.yml/,
  ],
  [
    'no commit',
    'hello',
    { deployment: 'hello-production' },
    422,
    'no_commit',
    /needs commit, ref or deployment_id/,
  ],
  [
    'a commit of Git for what is of Diversion',
    'hello',
    { deployment: 'hello-game', settings: commit },
    422,
    'other_commit',
    /commit must be dv\.commit\.…: hello-game is of diversion/,
  ],
  [
    'a commit of Diversion for what is of Git',
    'hello',
    { deployment: 'hello-production', settings: { commit: 'dv.commit.1' } },
    422,
    'other_commit',
    /commit must be 40 or 64 hex digits: hello-production is of github/,
  ],
  [
    'a deployment id that means none',
    'hello',
    { deployment: 'hello-production', settings: { deployment_id: '0' } },
    422,
    'no_commit',
    /needs commit/,
  ],
] as const) {
  selecting(`refuses ${title}`, () => {
    const found = ask(token, request);
    if (!('refusal' in found)) throw new Error('selected');
    const { refusal } = found;
    assert.equal([refusal.status, refusal.error], [status, error]);
    assert.match(refusal.message, message);
  });
}

selecting('hands on what the request says, and who asks', () => {
  const settings = { ...commit, description: 'x' };
  const spinnaker = { execution_id: '01J', stage_id: '01K' };
  const found = ask('hello', { deployment: 'hello-production', settings, spinnaker });
  if ('refusal' in found) throw new Error(found.refusal.message);
  assert.equal([found.settings, found.spinnaker], [settings, spinnaker]);
});

selecting('quotes nothing that Orca would evaluate', () => {
  const found = ask('root', { deployment: '${evil' });
  assert.not.match(JSON.stringify(found), '${');
});

selecting.run();
