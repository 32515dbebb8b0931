import { execDockerRun } from '../docker-run.ts';
import { indented, quoted } from '../yaml.ts';
import { type Input, open, variablesOf } from './inputs.ts';

/** The command `deploy` of the orb. Secrets are no parameters: a context brings them as variables. */
export const orbCommand = (inputs: readonly Input[], facts: readonly string[]): string =>
  indented(
    `deploy:
  description: Runs Slipway in the working directory, which needs Docker that mounts it.
  parameters:
    image:
      description: Where the image is.
      type: string
      default: slipway
${open(inputs).map(parameter).join('\n')}
  steps:
    - run:
        name: Deploy
        environment:
          SLIPWAY_IMAGE: << parameters.image >>
${open(inputs)
  .map(({ name, variable }) => `          ${variable}: << parameters.${name} >>`)
  .join('\n')}
        command: |
${indented(execDockerRun([...facts, ...variablesOf(inputs)]), 10)}`,
    2,
  );

const parameter = ({ name, about }: Input): string => `    ${name}:
      description: ${quoted(about)}
      type: string
      default: ""`;
