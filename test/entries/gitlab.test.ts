import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { builds } from '../context/recorded/gitlab.ts';
import {
  deployed,
  type Ended,
  type Env,
  play,
  runScript,
  type Scene,
  token,
} from '../examples/example.ts';
import { fakeGitlabStatuses } from '../support/gitlab/gitlab-statuses.ts';
import { expand, marks, type Parameter, readEntry, usageIn, valuesOf } from './expand.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const component = suite('entries: GitLab component');
const file = 'gitlab/templates/slipway.yml';
const [header, body] = parseAllDocuments(readEntry(file)).map((each) => each.toJS());
const declared: Record<string, Parameter> = header.spec.inputs;
const usage = parse(usageIn(file)).include[0].inputs;

type Variable = string | { readonly value: string; readonly expand: boolean };
type Job = {
  readonly stage: string;
  readonly image: object;
  readonly rules: unknown;
  readonly variables: Readonly<Record<string, Variable>>;
  readonly script: readonly string[];
};
const jobsOf = (written: object) =>
  expand(body, marks.gitlab, valuesOf(declared, { ...written })) as Readonly<Record<string, Job>>;

/** As the runner sets a job's variables: those of the project go before the job's, and references are filled in. */
function environmentOf({ variables }: Job, predefined: Env, project: Env): Env {
  const known = { ...predefined, ...project };
  const filled = (text: string): string =>
    text.replace(/\$(\$|\w+|\{\w+\})/g, (_, name: string) =>
      name === '$' ? '$' : (known[name.replace(/[{}]/g, '')] ?? ''),
    );
  const own = Object.entries(variables).map(([name, given]) => [
    name,
    typeof given === 'string' ? filled(given) : given.value,
  ]);
  return { ...predefined, ...Object.fromEntries(own), ...project };
}

async function deployOn(written: object, predefined: Env, fails = false) {
  const {
    CI_PROJECT_PATH: repo = '',
    CI_COMMIT_SHA: sha = '',
    CI_COMMIT_REF_NAME = '',
  } = predefined;
  const forge = await fakeGitlabStatuses({
    ...{ repo, token, now: Date.now, pipeline: 77 },
    setup: { commits: [{ sha }], branches: { main: sha, [CI_COMMIT_REF_NAME]: sha } },
  });
  const job = jobsOf(written).deploy as Job;
  const run = ({ folder }: Scene): Promise<Ended> => {
    const project = { PLUGIN_GITLAB_TOKEN: token, PLUGIN_GITLAB_URL: forge.url };
    const env = environmentOf(job, { ...predefined, CI_PROJECT_DIR: folder }, project);
    return runScript(job.script.join('\n'), folder, env);
  };
  try {
    const ended = await play(fails, run);
    assert.equal(forge.complaints, []);
    const states = forge.taken.map(({ state }) => state);
    return { ...ended, states, deployments: forge.deployments };
  } finally {
    await forge.close();
  }
}

component('has every setting as an input, but for secrets', () => {
  const wanted = Object.entries(everySetting).filter(([, { secret }]) => !secret);
  assert.equal(Object.keys(declared), [
    ...['job', 'stage', 'image', 'rules'],
    ...wanted.map(([key]) => yamlName(key)),
  ]);
});

component('is one job in the image, on the default branch', () => {
  const jobs = jobsOf({});
  assert.equal(Object.keys(jobs), ['deploy']);
  const { image, stage, rules } = jobs.deploy as Job;
  assert.equal(image, { name: 'slipway', entrypoint: [''] });
  assert.equal([stage, rules], ['deploy', [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }]]);
  const other = jobsOf({ job: 'ship', rules: [{ when: 'manual' }] });
  assert.equal(other.ship?.rules, [{ when: 'manual' }]);
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
});

component('leaves the dollars of a script alone, and fills in those of an address', async () => {
  const command = './deploy.sh\necho "to $DEPLOY_ENVIRONMENT"';
  const environment_url = 'https://$CI_COMMIT_REF_NAME.example.com';
  const good = await deployOn({ ...usage, command, environment_url }, builds.push.env);
  assert.is(good.code, 0, good.log);
  assert.match(good.log, /^to production$/m);
  assert.match(good.log, 'https://main.example.com');
});

component('refuses an input that there is none of, a secret, and a truth without quotes', () => {
  for (const wrong of [{ comand: 'x' }, { gitlab_token: 'x' }, { dry_run: true }]) {
    assert.throws(() => jobsOf(wrong), new RegExp(Object.keys(wrong)[0] ?? ''));
  }
});

component.run();
