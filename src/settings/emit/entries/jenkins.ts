import { execDockerRun } from '../docker-run.ts';
import { indented } from '../yaml.ts';
import { type Input, open, variablesOf } from './inputs.ts';

/** The settings that the step takes; what is secret only credentials may bring. */
export const jenkinsNames = (inputs: readonly Input[]): string =>
  `def names() {
  return [
${open(inputs)
  .map(({ name }) => `    '${name}',`)
  .join('\n')}
  ]
}`;

/** In Groovy a backslash before the end of a line joins it with the next. */
export const jenkinsRun = (inputs: readonly Input[], facts: readonly string[]): string =>
  `def script() {
  return '''
${indented(execDockerRun([...facts, ...variablesOf(inputs)]), 4)}
  '''
}`;
