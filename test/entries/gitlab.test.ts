import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { builds } from '../context/recorded/gitlab.ts';
import { deployed, type Env, play, token } from '../examples/example.ts';
import { fakeGitlabStatuses } from '../support/gitlab/gitlab-statuses.ts';
import { readEntry, usageIn } from './expand.ts';
import { runPipeline } from './gitlab.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const component = suite('entries: GitLab component');
const [header] = parseAllDocuments(readEntry('gitlab/templates/slipway.yml')).map((each) =>
  each.toJS(),
);
const {
  include: [{ component: address, inputs: usage }],
} = parse(usageIn('gitlab/README.md'));

async function deployOn(inputs: object, predefined: Env, fails = false) {
  const {
    CI_PROJECT_PATH: repo = '',
    CI_COMMIT_SHA: sha = '',
    CI_COMMIT_REF_NAME = '',
  } = predefined;
  const forge = await fakeGitlabStatuses({
    ...{ repo, token, now: Date.now, pipeline: 77 },
    setup: { commits: [{ sha }], branches: { main: sha, [CI_COMMIT_REF_NAME]: sha } },
  });
  const config = { include: [{ component: address, inputs }] };
  const project = { PLUGIN_GITLAB_TOKEN: token, PLUGIN_GITLAB_URL: forge.url };
  try {
    const ended = await play(fails, ({ folder }) =>
      runPipeline({ folder, config, predefined, project }),
    );
    assert.equal(forge.complaints, []);
    const states = forge.taken.map(({ state }) => state);
    return { ...ended, states, deployments: forge.deployments };
  } finally {
    await forge.close();
  }
}

component('has every setting as an input, but for secrets', () => {
  const wanted = Object.entries(everySetting).filter(([, { secret }]) => !secret);
  assert.equal(Object.keys(header.spec.inputs), [
    ...['job', 'stage', 'image', 'rules'],
    ...wanted.map(([key]) => yamlName(key)),
  ]);
});

component('deploys as its usage says, and keeps the deployment on GitLab', async () => {
  const good = await deployOn(usage, builds.push.env);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.equal(
    good.deployments.map(({ status }) => status),
    ['success'],
  );
  assert.is(good.states.at(-1), 'success');
  const bad = await deployOn(usage, builds.push.env, true);
  assert.is(bad.code, 1, bad.log);
  assert.equal(
    bad.deployments.map(({ status }) => status),
    ['failed'],
  );
});

component('deploys no merge request', async () => {
  const quiet = await deployOn(usage, builds.detached.env);
  assert.equal([quiet.code, quiet.deployed, quiet.states], [0, '', []], quiet.log);
  assert.match(quiet.log, 'merge_request_event, which does not deploy');
  const none = await deployOn(usage, { ...builds.detached.env, CI_COMMIT_BRANCH: '' });
  assert.is(none.code, 0, none.log);
  assert.not.match(none.log, '$ slipway');
});

component('is a job by the name, in the stage and by the rules that it is given', async () => {
  const rules = [{ if: '$CI_COMMIT_BRANCH', when: 'manual' }];
  const waiting = await deployOn({ ...usage, job: 'ship', stage: 'test', rules }, builds.push.env);
  assert.equal([waiting.code, waiting.deployed], [0, ''], waiting.log);
  assert.not.match(waiting.log, '$ slipway');
  const going = await deployOn(
    { ...usage, job: 'ship', rules: [{ when: 'always' }] },
    builds.push.env,
  );
  assert.equal([going.code, going.deployed], [0, deployed], going.log);
  assert.match(going.log, /^ship +\$ slipway$/m);
});

component('leaves the dollars of a script alone, and fills in those of an address', async () => {
  const command = './deploy.sh\necho "to $DEPLOY_ENVIRONMENT, $((1 + 1))"';
  const environment_url = 'https://$CI_COMMIT_REF_NAME.example.com';
  const good = await deployOn({ ...usage, command, environment_url }, builds.push.env);
  assert.is(good.code, 0, good.log);
  assert.match(good.log, 'to production, 2');
  assert.match(good.log, 'https://main.example.com');
});

component('refuses a truth without quotes', async () => {
  const bad = await deployOn({ ...usage, dry_run: true }, builds.push.env);
  assert.equal([bad.code, bad.deployed], [1, ''], bad.log);
  assert.match(bad.log, '`dry_run` input: provided value is not a string');
});

component.run();
