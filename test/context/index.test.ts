import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ciSystems, detectCi, impostorIn } from '../../src/context/index.ts';
import { type Recorded, readAndWatch } from './reading.ts';
import { builds as azure } from './recorded/azure.ts';
import { builds as bitbucket } from './recorded/bitbucket.ts';
import { builds as buildkite } from './recorded/buildkite.ts';
import { builds as circleci } from './recorded/circleci.ts';
import { builds as drone } from './recorded/drone.ts';
import { builds as giteaActions } from './recorded/gitea-actions.ts';
import { builds as githubActions } from './recorded/github-actions.ts';
import { builds as gitlab } from './recorded/gitlab.ts';
import { builds as harness } from './recorded/harness.ts';
import { builds as jenkins } from './recorded/jenkins.ts';
import { builds as none } from './recorded/none.ts';
import { builds as spinnaker } from './recorded/spinnaker.ts';
import { builds as travis } from './recorded/travis.ts';
import { builds as woodpecker } from './recorded/woodpecker.ts';

const recorded: Readonly<Record<string, Readonly<Record<string, Recorded>>>> = {
  azure,
  bitbucket,
  buildkite,
  circleci,
  drone,
  'gitea-actions': giteaActions,
  'github-actions': githubActions,
  gitlab,
  harness,
  jenkins,
  none,
  spinnaker,
  travis,
  woodpecker,
};
const parsers = [
  'actions-event',
  'build-status',
  'build-time',
  'forge-host',
  'git-names',
  'repo-url',
];
/** Made of what a server knows, not of variables. */
const others = ['server'];

const filesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));

const Registry = suite('context: registry');

Registry('holds what the folder holds', () => {
  const files = filesIn('../../src/context/');
  const systems = files.filter(
    (file) => !['context', 'index', ...parsers, ...others].includes(file),
  );
  assert.equal(ciSystems.map(({ id }) => id).sort(), systems.sort());
  assert.equal(filesIn('./recorded/').sort(), systems);
});

Registry('falls back to none, which comes last', () => {
  assert.is(ciSystems.at(-1)?.id, 'none');
  assert.is(detectCi({}).id, 'none');
});

for (const system of ciSystems) {
  const builds = Object.entries(recorded[system.id] ?? {});

  Registry(`tells ${system.id} in each of its builds`, () => {
    assert.ok(builds.length > 0);
    for (const [name, { env }] of builds) assert.is(detectCi(env).id, system.id, name);
  });

  Registry(`lists the variables of ${system.id}, each of which some build makes it read`, () => {
    const asked = new Set(builds.flatMap(([, build]) => [...readAndWatch(system, build).asked]));
    const own = [...asked].filter((name) => !name.startsWith('SPINNAKER_PARAM_'));
    assert.equal(own.sort(), [...system.variables].sort());
    assert.is(new Set(system.variables).size, system.variables.length);
  });

  Registry(`tells no secret of ${system.id}`, () => {
    for (const [name, build] of builds) {
      const { context } = readAndWatch(system, build);
      assert.not.match(JSON.stringify(context), 'hunter2', name);
    }
  });

  Registry(`says nothing half of ${system.id} when any one variable is missing`, () => {
    for (const [name, build] of builds) {
      for (const missing of Object.keys(build.env)) {
        const env = { ...build.env, [missing]: '' };
        const { context } = readAndWatch(system, { ...build, env });
        assert.not.match(JSON.stringify(context), 'undefined', `${name} without ${missing}`);
      }
    }
  });

  Registry(`reads ${system.id} from nothing at all`, () => {
    const { context } = readAndWatch(system, { env: {} });
    assert.is(context.system, system.id);
    assert.is(context.commit, undefined);
    assert.is(context.execution, undefined);
    assert.ok(context.host);
  });
}

const open = ['woodpecker', 'harness', 'drone'];
const marks = Object.fromEntries(
  ciSystems
    .filter(({ id }) => !open.includes(id) && id !== 'none')
    .flatMap(({ id }) => Object.entries(Object.values(recorded[id] ?? {})[0]?.env ?? {}))
    .filter(([name]) => name !== 'CI'),
);

for (const id of open) {
  Registry(`lets no variable of another system open ${id}'s environment`, () => {
    for (const [name, { env }] of Object.entries(recorded[id] ?? {})) {
      const system = detectCi({ ...marks, ...env });
      assert.is(system.id, id, name);
      assert.ok(readAndWatch(system, { env: { ...marks, ...env } }).context.openEnvironment);
    }
  });
}

const added: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['harness', { CI: 'woodpecker' }],
  ['harness', { CI_SYSTEM_NAME: 'woodpecker' }],
  ['harness', { DRONE_SYSTEM_VERSION: '2.25.0' }],
  ['harness', { DRONE_DEPLOY_ID: '7' }],
  ['drone', { HARNESS_BUILD_ID: '1' }],
  ['woodpecker', { HARNESS_BUILD_ID: '1' }],
];

Registry('believes nothing where somebody has added the mark of another open system', () => {
  for (const [id, variables] of added) {
    for (const [name, { env }] of Object.entries(recorded[id] ?? {})) {
      if (name !== 'disguised') assert.is(impostorIn(env), undefined, name);
      const fault = impostorIn({ ...env, ...variables });
      assert.is(fault?.name, 'HARNESS_BUILD_ID', `${name} with ${Object.keys(variables)}`);
    }
  }
});

Registry.run();
