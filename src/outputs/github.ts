import { randomUUID } from 'node:crypto';
import type { RunOutputs } from './run-outputs.ts';

/**
 * GITHUB_OUTPUT. A value of several lines stands between two lines of a delimiter that nobody can guess and that the
 * value does not hold, so that no value can end early and set another output.
 */
export const renderGithubOutput = (
  outputs: RunOutputs,
  createDelimiter: () => string = () => `slipway_${randomUUID()}`,
): string => [...outputs].map(([name, value]) => renderOne(name, value, createDelimiter)).join('');

function renderOne(name: string, value: string, createDelimiter: () => string): string {
  if (!/[\r\n]/.test(value)) return `${name}=${value}\n`;
  let delimiter = createDelimiter();
  while (value.includes(delimiter)) delimiter = createDelimiter();
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
