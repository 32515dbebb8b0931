import { execDockerRun } from '../docker-run.ts';
import { indented } from '../yaml.ts';
import { type Input, variablesOf } from './inputs.ts';

/** `parameters:` of the template. Secrets are among them, since Azure gives a script no secret but by `env`. */
export const azureParameters = (inputs: readonly Input[]): string =>
  inputs
    .map(
      ({ name, about, secret }) => `  # ${about}${secret ? ' Written as a macro, $(name).' : ''}
  - name: ${name}
    type: string
    default: ""`,
    )
    .join('\n');

export const azureStep = (inputs: readonly Input[], facts: readonly string[]): string =>
  `  - script: |
${indented(execDockerRun([...facts, ...variablesOf(inputs)]), 6)}
    displayName: Deploy
    env:
      SLIPWAY_IMAGE: \${{ parameters.image }}
${inputs.map(({ name, variable }) => `      ${variable}: \${{ parameters.${name} }}`).join('\n')}`;
