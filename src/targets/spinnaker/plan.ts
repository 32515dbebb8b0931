import type { SpinnakerValues } from './settings.ts';

/** What a deploy would do, one line each. */
export function planOf(values: SpinnakerValues, host: string): readonly string[] {
  const { spinnakerApplication: application, spinnakerPipeline: pipeline } = values;
  const names = Object.keys(values.spinnakerParameters ?? {});
  const word = names.length === 1 ? 'parameter' : 'parameters';
  const given = names.length > 0 ? ` with the ${word} ${names.join(', ')}` : '';
  return [
    `find pipeline ${pipeline} of application ${application} at ${host}, and what it requires`,
    `POST an execution of it${given}, under a correlation id by which a retry joins it`,
    values.spinnakerWait
      ? 'follow the execution to its end; cancel it if the run is cancelled'
      : 'leave the execution to Spinnaker, not followed (spinnaker_wait: false)',
  ];
}
