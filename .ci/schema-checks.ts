import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { readEntry, usageIn } from '../test/entries/expand.ts';

/** Judges by the schemas that come with check-jsonschema, which is in the path: `node .ci/schema-checks.ts`. */
const examples = path.join(import.meta.dirname, '../examples/ci');
const example = (name: string): string => readFileSync(path.join(examples, name), 'utf8');
/** `drone.yml`, `divio-drone.yml` and so on. */
const examplesOf = (system: string): Texts =>
  Object.fromEntries(
    readdirSync(examples)
      .filter((name) => name === `${system}.yml` || name.endsWith(`-${system}.yml`))
      .map((name) => [`examples/ci/${name}`, example(name)]),
  );
const entriesOf = (...files: string[]): Texts =>
  Object.fromEntries(files.map((file) => [`entries/${file}`, readEntry(file)]));
const usagesOf = (...files: string[]): Texts =>
  Object.fromEntries(files.map((file) => [`the usage in entries/${file}`, usageIn(file)]));

/** By what they are called when one is wrong. */
type Texts = Readonly<Record<string, string>>;
const texts: Readonly<Record<string, Texts>> = {
  'azure-pipelines': {
    ...examplesOf('azure'),
    ...entriesOf('azure/slipway.yml'),
    ...usagesOf('azure/slipway.yml'),
  },
  'bitbucket-pipelines': { ...examplesOf('bitbucket'), ...usagesOf('bitbucket/README.md') },
  buildkite: { ...examplesOf('buildkite'), ...usagesOf('buildkite/README.md') },
  'circle-ci': {
    ...examplesOf('circleci'),
    ...entriesOf('circleci/orb.yml'),
    'the usage in entries/circleci/orb.yml': stringify(
      parse(readEntry('circleci/orb.yml')).examples.deploy.usage,
    ),
  },
  'drone-ci': {
    ...examplesOf('drone'),
    'the example in entries/drone/content.yaml': parse(readEntry('drone/content.yaml')).example,
  },
  'github-actions': entriesOf('../action.yml'),
  'github-workflows': { ...examplesOf('github-actions'), ...usagesOf('../action.yml') },
  'gitlab-ci': {
    ...examplesOf('gitlab'),
    'examples/ci/gitlab-image.yml': example('gitlab-image.yml'),
    ...usagesOf('gitlab/README.md'),
  },
  travis: examplesOf('travis'),
  'woodpecker-ci': {
    ...examplesOf('woodpecker'),
    'the example in entries/woodpecker/docs.md':
      /^```yaml\n([\s\S]*?)^```$/m.exec(readEntry('woodpecker/docs.md'))?.[1] ?? '',
  },
};

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-schemas-'));
let [passed, failed] = [0, 0];
for (const [schema, named] of Object.entries(texts)) {
  for (const [title, text] of Object.entries(named)) {
    const file = path.join(folder, schema, `${passed + failed}.yml`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll('OWNER', 'acme').replaceAll('VERSION', '1.0.0'));
    // Azure's schema has patterns that are none in Unicode.
    const words = ['--regex-variant', 'nonunicode', '--builtin-schema', `vendor.${schema}`, file];
    const { status, stdout, stderr } = spawnSync('check-jsonschema', words, { encoding: 'utf8' });
    if (status === 0) passed += 1;
    else failed += 1;
    console.log(`  ${status === 0 ? '✓' : '✘'} ${title} is by the schema ${schema}`);
    if (status !== 0) console.log(`${stdout}${stderr}`);
  }
}
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
