import { defineCi } from './context.ts';

const names = [
  'SPINNAKER_EXECUTION_ID',
  'SPINNAKER_STAGE_ID',
  'SPINNAKER_STAGE_START_TIME',
] as const;

/** A Run Job passes what its manifest writes: `slipway orca` prints one that names the stage. */
export const spinnaker = defineCi({
  id: 'spinnaker',
  docs: 'https://spinnaker.io/docs/guides/operator/custom-job-stages/',
  variables: names,
  detect: (first, env) =>
    Boolean(first('SPINNAKER_EXECUTION_ID')) ||
    Object.keys(env).some((name) => name.startsWith('SPINNAKER_PARAM_') && env[name]),
  read: (first) => {
    const parts = names.map((name) => first(name));
    // An expression that Orca left as it was is the same text in every execution, so it identifies none.
    const isWhole = parts.every((part) => part && part !== 'placeholder' && !part.includes('${'));
    return { execution: isWhole ? parts.join('.') : undefined };
  },
});
