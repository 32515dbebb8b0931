import type { Recorded } from '../reading.ts';

const stage = {
  SPINNAKER_EXECUTION_ID: '01JD7Z0V7V4Q9RC0D7WQ6M2B4E',
  SPINNAKER_STAGE_ID: '01JD7Z0V7W1T9Y3JH5F1S8K2NA',
  SPINNAKER_STAGE_START_TIME: '1795258800000',
};

export const builds = {
  runJob: { env: { ...stage, PLUGIN_TARGET: 'command', PLUGIN_DESCRIPTION: '' } },
  parametersOnly: { env: { SPINNAKER_PARAM_ENVIRONMENT: 'production', SPINNAKER_PARAM_REF: '' } },
  withoutStart: { env: { ...stage, SPINNAKER_STAGE_START_TIME: '' } },
  unresolved: { env: { ...stage, SPINNAKER_STAGE_START_TIME: '${#currentStage().startTime}' } },
  placeholder: { env: { ...stage, SPINNAKER_STAGE_ID: 'placeholder' } },
} satisfies Record<string, Recorded>;
