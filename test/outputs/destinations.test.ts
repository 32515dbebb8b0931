import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DestinationSettings, destinationsOf } from '../../src/outputs/destinations.ts';

const settings: DestinationSettings = {
  system: 'none',
  cwd: '/drone/src',
  summary: true,
  dryRun: false,
};
const everything = {
  DRONE_OUTPUT: '/s/step-output.env',
  HARNESS_OUTPUT_FILE: '/s/step-output.env',
  DRONE_ENV: '/s/step-export.env',
  DRONE_CARD_PATH: '/dev/stdout',
  GITHUB_OUTPUT: '/g/output',
  GITHUB_STEP_SUMMARY: '/g/summary',
};
const cardSchema = 'https://octo.github.io/hello/card.json';
const names = (env: Record<string, string>, changes: Partial<DestinationSettings>) =>
  destinationsOf(env, { ...settings, ...changes }).map((to) => ('name' in to ? to.name : to.kind));

const destinations = suite('destinationsOf');

destinations('is nothing where nobody asks for outputs', () => {
  assert.equal(destinationsOf({}, settings), []);
  assert.equal(names({ DRONE_OUTPUT: '', GITHUB_OUTPUT: '' }, {}), []);
});

destinations('takes a file once when two variables name it', () => {
  assert.equal(names(everything, { system: 'harness' }), ['DRONE_OUTPUT', 'DRONE_ENV']);
  assert.equal(
    names({ ...everything, HARNESS_OUTPUT_FILE: '/s/other.env' }, { system: 'harness' }),
    ['DRONE_OUTPUT', 'HARNESS_OUTPUT_FILE', 'DRONE_ENV'],
  );
});

destinations('has a card only where a template is set and the runner names a path', () => {
  assert.equal(names({ DRONE_CARD_PATH: '/dev/stdout' }, { system: 'drone' }), []);
  assert.equal(names({}, { system: 'drone', cardSchema }), []);
  assert.equal(names({ DRONE_CARD_PATH: '/dev/stdout' }, { system: 'woodpecker', cardSchema }), []);
  assert.equal(
    destinationsOf(
      { DRONE_CARD_PATH: '/dev/stdout' },
      { ...settings, system: 'drone', cardSchema },
    ),
    [{ kind: 'card', name: 'DRONE_CARD_PATH', path: '/dev/stdout', schema: cardSchema }],
  );
});

destinations('reads variables of the system that sets them only', () => {
  assert.equal(names(everything, { system: 'github-actions' }), [
    'GITHUB_OUTPUT',
    'GITHUB_STEP_SUMMARY',
  ]);
  assert.equal(names(everything, { system: 'gitea-actions', summary: false }), ['GITHUB_OUTPUT']);
  assert.equal(names(everything, { system: 'woodpecker' }), []);
});

destinations('lets no promotion on Drone name any file', () => {
  const env = { DRONE_OUTPUT: '/drone/src/deploy.sh', DRONE_ENV: '/root/.profile' };
  assert.equal(names(env, { system: 'drone' }), []);
  assert.equal(names(everything, { system: 'drone' }), ['DRONE_OUTPUT', 'DRONE_ENV']);
});

destinations('takes output_file as JSON by its name, and in the form of GitLab there', () => {
  assert.equal(destinationsOf({}, { ...settings, outputFile: 'out/deploy.JSON' }), [
    { kind: 'json', name: 'output_file', path: '/drone/src/out/deploy.JSON' },
  ]);
  assert.equal(destinationsOf({}, { ...settings, outputFile: 'deploy.env' }), [
    { kind: 'dotenv', name: 'output_file', path: '/drone/src/deploy.env' },
  ]);
  assert.equal(destinationsOf({}, { ...settings, system: 'gitlab', outputFile: 'deploy.env' }), [
    { kind: 'gitlab-report', name: 'output_file', path: '/drone/src/deploy.env' },
  ]);
});

destinations('writes no file in a dry run, and still the line that Spinnaker waits for', () => {
  assert.equal(names({}, { system: 'spinnaker' }), ['termination log', 'spinnaker']);
  const dry = { dryRun: true, outputFile: 'x.env', cardSchema };
  assert.equal(names({}, { system: 'spinnaker', ...dry }), ['spinnaker']);
  assert.equal(names(everything, dry), []);
});

destinations.run();
