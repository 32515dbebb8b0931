import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defineCi, type Known } from '../../src/context/context.ts';
import { contextWith, head } from './reading.ts';

const Defining = suite('context: defineCi');

const reading = (known: Known) =>
  defineCi({
    id: 'acme',
    docs: 'https://ci.example.com/docs',
    variables: [],
    detect: () => true,
    read: () => known,
  }).read({ env: {}, readFile: () => undefined, gitHead: () => undefined });

Defining('leaves what is not known undefined, and deploys', () => {
  assert.equal(reading({}), contextWith('acme', {}));
});

Defining('drops what is not what it claims to be', () => {
  assert.equal(
    reading({
      repo: 'hello',
      repoUrl: 'git@github.com:octo/hello.git',
      forgeApiUrl: 'api.example.com',
      commit: head.slice(0, 8),
      ref: head,
      deploymentId: '0',
      buildUrl: 'javascript:alert(1)',
      stepUrl: '/builds/1',
      workspace: '~/project',
    }),
    contextWith('acme', {}),
  );
});

Defining('takes user and password out of links', () => {
  const { repoUrl, forgeApiUrl, buildUrl, stepUrl } = reading({
    repoUrl: 'https://mona:hunter2@git.example.com/octo/hello',
    forgeApiUrl: 'https://hunter2@git.example.com/api/v3',
    buildUrl: 'https://hunter2@ci.example.com/1',
    stepUrl: 'https://hunter2@ci.example.com/1/2',
  });
  assert.equal(
    [repoUrl, forgeApiUrl, buildUrl, stepUrl],
    [
      'https://git.example.com/octo/hello',
      'https://git.example.com/api/v3',
      'https://ci.example.com/1',
      'https://ci.example.com/1/2',
    ],
  );
});

Defining('takes the host from the build’s link where no variable names it', () => {
  assert.is(reading({ buildUrl: 'https://ci.example.com:8443/1' }).host, 'ci.example.com:8443');
});

Defining('keeps pull requests from deploying unless the system says otherwise', () => {
  assert.is(reading({ isPullRequest: true }).deploys, false);
  assert.is(reading({ isPullRequest: true, deploys: true }).deploys, true);
});

Defining('keeps a Windows workspace', () => {
  assert.is(reading({ workspace: 'D:\\a\\1\\s' }).workspace, 'D:\\a\\1\\s');
});

Defining('gives the first variable that is not empty', () => {
  const system = defineCi({
    id: 'acme',
    docs: '',
    variables: ['ACME_A', 'ACME_B', 'ACME_C'],
    detect: () => true,
    read: (first) => ({ actor: first('ACME_A', 'ACME_B', 'ACME_C'), task: first('ACME_A') }),
  });
  const env = { ACME_A: '', ACME_B: 'mona', ACME_C: 'hubot' };
  const { actor, task } = system.read({
    env,
    readFile: () => undefined,
    gitHead: () => undefined,
  });
  assert.equal([actor, task], ['mona', undefined]);
});

Defining.run();
