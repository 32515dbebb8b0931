import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startedBy } from '../../src/deployments/events.ts';
import type { HookEvent } from '../../src/hooks/hook.ts';
import { configOf } from './stage.ts';

const config = configOf(`
webhooks:
  - { forge: github, secret: { env: A }, repositories: [octo/*] }
  - { forge: github, forge_url: https://git.example.com, secret: { env: B }, repositories: [octo/*] }
  - { forge: gitlab, token: { env: C }, repositories: [octo/hello] }
deployments:
  - { name: production, repository: octo/hello, environment: production, on: { deployment: true, tag: [v*] }, target: command, settings: { command: x } }
  - { name: staging, repository: octo/hello, environment: staging, on: { api: true, push: [main, release-*] }, target: command, settings: { command: x } }
  - { name: canary, repository: octo/hello, environment: canary, on: { push: [main] }, target: command, settings: { command: x } }
  - { name: by-hand, repository: octo/hello, environment: production, component: b, target: command, settings: { command: x } }
  - { name: ghes, forge_url: https://git.example.com, repository: octo/hello, environment: production, on: { deployment: true }, target: command, settings: { command: x } }
  - { name: gitlab, forge: gitlab, repository: octo/hello, environment: production, on: { push: [main] }, target: command, settings: { command: x } }
  - { name: other, repository: evil/hello, environment: production, on: { push: [main] }, target: command, settings: { command: x } }
`);
const [github, ghes, gitlab] = config.webhooks;
if (!github || !ghes || !gitlab) throw new Error('no webhooks');

const event = (change: Partial<HookEvent>): HookEvent => ({
  forge: 'github',
  kind: 'push',
  repository: 'octo/hello',
  ref: 'main',
  sha: 'a'.repeat(40),
  deploymentId: undefined,
  environment: undefined,
  actor: undefined,
  identity: 'x',
  ...change,
});
const made = (environment: string) => event({ kind: 'deployment', deploymentId: '1', environment });
const namesBy = (by: typeof github, change: HookEvent): readonly string[] =>
  startedBy(config, [by], change).deployments.map(({ name }) => name);

const events = suite('startedBy');
for (const [title, by, change, names] of [
  ['a push to a branch that rules name', github, event({}), ['staging', 'canary']],
  ['a push to one of several branches', github, event({ ref: 'release-1' }), ['staging']],
  [
    'a push in another case of the repository',
    github,
    event({ repository: 'Octo/Hello' }),
    ['staging', 'canary'],
  ],
  ['a push to any other branch', github, event({ ref: 'feature' }), []],
  ['a tag', github, event({ kind: 'tag', ref: 'v1' }), ['production']],
  ['a branch that is named like a tag', github, event({ ref: 'v1' }), []],
  ['a deployment', github, made('production'), ['production']],
  ['a deployment to an environment in another case', github, made('Production'), ['production']],
  ['a deployment to where the API alone deploys', github, made('staging'), []],
  ['a deployment at the other GitHub', ghes, made('production'), ['ghes']],
  ['a push at GitLab', gitlab, event({ forge: 'gitlab' }), ['gitlab']],
  ['a push that the secret of another forge proves', gitlab, event({}), []],
  [
    'a push of a repository that the secret is not for',
    github,
    event({ repository: 'evil/hello' }),
    [],
  ],
] as const) {
  events(`starts by ${title}: ${names.join(', ') || 'nothing'}`, () => {
    assert.equal(namesBy(by, change), names);
  });
}
events('says why nothing starts', () => {
  assert.is(startedBy(config, [github], event({ ref: 'x' })).why, 'no rule starts by this push');
  assert.is(
    startedBy(config, [github], event({ repository: 'a/b' })).why,
    'no deployment has this repository',
  );
  assert.is(startedBy(config, [], event({})).why, 'no deployment has this repository');
});
events.run();
