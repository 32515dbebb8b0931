import { quoted } from '../yaml.ts';
import { type Input, open } from './inputs.ts';

/** `inputs:` of the component. Secrets are masked variables of the project: an input would stand in the pipeline. */
export const gitlabInputs = (inputs: readonly Input[]): string =>
  open(inputs)
    .map(
      ({ name, about }) => `    ${name}:
      description: ${quoted(about)}
      default: ""`,
    )
    .join('\n');

export const gitlabVariables = (inputs: readonly Input[]): string =>
  open(inputs).map(variable).join('\n');

const variable = ({ name, variable, script }: Input): string => {
  const value = `$[[ inputs.${name} ]]`;
  return script
    ? `    ${variable}:\n      value: ${value}\n      expand: false`
    : `    ${variable}: ${value}`;
};
