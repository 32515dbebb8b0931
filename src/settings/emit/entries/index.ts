import type { Owner } from '../owner.ts';
import type { Form } from '../region.ts';
import { azureParameters, azureStep } from './azure.ts';
import { pipeVariables } from './bitbucket.ts';
import { buildkiteNames, buildkiteProperties, buildkiteRun } from './buildkite.ts';
import { orbCommand } from './circleci.ts';
import { indexExample, indexProperties } from './drone.ts';
import { gitlabInputs, gitlabVariables } from './gitlab.ts';
import { inputsOf } from './inputs.ts';
import { jenkinsNames, jenkinsRun } from './jenkins.ts';
import { woodpeckerSettings } from './woodpecker.ts';

/** One file that a CI system reads, and what of it is derived. */
export type Entry = {
  /** Relative to the repository. */
  readonly file: string;
  readonly form: Form;
  readonly regions: Readonly<Record<string, string>>;
};

export type Sources = {
  readonly owners: readonly Owner[];
  /** Variables that the context of a CI system reads. */
  facts(system: string): readonly string[];
  /** A file of examples/ci. */
  example(name: string): string;
};

/** Every native entry, but for action.yml and plugin.yml, which stand at the root of the repository. */
export function entries({ owners, facts, example }: Sources): readonly Entry[] {
  const inputs = inputsOf(owners);
  const yaml = (file: string, regions: Entry['regions']): Entry => ({
    file: `entries/${file}`,
    form: 'yaml',
    regions,
  });
  return [
    yaml('azure/slipway.yml', {
      parameters: azureParameters(inputs),
      step: azureStep(inputs, facts('azure')),
    }),
    yaml('bitbucket/pipe.yml', { variables: pipeVariables(inputs) }),
    yaml('buildkite/plugin.yml', { properties: buildkiteProperties(inputs) }),
    yaml('buildkite/hooks/command', {
      settings: buildkiteNames(inputs),
      run: buildkiteRun(inputs, facts('buildkite')),
    }),
    yaml('circleci/orb.yml', { deploy: orbCommand(inputs, facts('circleci')) }),
    yaml('drone/content.yaml', {
      example: indexExample(example('drone.yml')),
      properties: indexProperties(owners),
    }),
    yaml('gitlab/templates/slipway.yml', {
      inputs: gitlabInputs(inputs),
      variables: gitlabVariables(inputs),
    }),
    {
      file: 'entries/jenkins/vars/slipway.groovy',
      form: 'groovy',
      regions: { names: jenkinsNames(inputs), script: jenkinsRun(inputs, facts('jenkins')) },
    },
    {
      file: 'entries/woodpecker/docs.md',
      form: 'markdown',
      regions: {
        settings: woodpeckerSettings(owners),
        example: `\`\`\`yaml\n${example('woodpecker.yml')}\`\`\``,
      },
    },
  ];
}
