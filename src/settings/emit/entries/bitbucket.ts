import { quoted } from '../yaml.ts';
import type { Input } from './inputs.ts';

/** `variables:` of pipe.yml. None has a default: one that names a variable which is not there might reach us as text. */
export const pipeVariables = (inputs: readonly Input[]): string =>
  inputs
    .map(
      ({ variable, about }) => `  - name: ${variable}
    description: ${quoted(about)}
    required: false`,
    )
    .join('\n');
