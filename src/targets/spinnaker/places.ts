import { RemoteError, SettingsError } from '../../errors.ts';
import { nearestOf } from '../../settings/nearest.ts';
import type { Opened } from './deploying.ts';
import { missingIn } from './parameters.ts';
import type { Pipeline } from './wire.ts';

/**
 * The pipeline; what the author named and Spinnaker does not have, or would not start, is a fault of the settings.
 * undefined: Gate does not show any pipeline, so that only starting it shows whether it is there.
 */
export async function findPipeline(
  opened: Opened,
  given: Iterable<string>,
  signal: AbortSignal,
): Promise<Pipeline | undefined> {
  const { service, values, nameOf } = opened;
  const pipeline =
    (await service.pipeline(values.spinnakerPipeline, signal)) ??
    (await findInList(opened, signal));
  if (!pipeline) return undefined;
  if (pipeline.isDisabled) {
    const message = `names a pipeline that is disabled in Spinnaker: ${pipeline.name}`;
    throw new SettingsError([{ name: nameOf('spinnakerPipeline'), message }]);
  }
  const missing = missingIn(pipeline, given, values.spinnakerParameters ?? {});
  if (missing) {
    throw new SettingsError([{ name: nameOf('spinnakerParameters'), message: missing }]);
  }
  return pipeline;
}

async function findInList(opened: Opened, signal: AbortSignal): Promise<Pipeline | undefined> {
  const { service, values, nameOf } = opened;
  const { spinnakerPipeline: wanted, spinnakerApplication: application } = values;
  const all = await service.pipelines(signal).catch((error: unknown) => {
    if (error instanceof RemoteError && error.kind === 'refused') return undefined;
    throw error;
  });
  const found = all?.find(({ id, name }) => id === wanted || name === wanted);
  if (found) return found;
  if (!all?.length && !(await service.hasApplication(signal))) {
    const message = `names no application that Gate at ${service.host} shows: ${application}`;
    throw new SettingsError([{ name: nameOf('spinnakerApplication'), message }]);
  }
  if (!all) return undefined;
  const names = all.map(({ name }) => name);
  const message = `names no pipeline of ${application}: "${wanted}"; ${instead(wanted, names)}`;
  throw new SettingsError([{ name: nameOf('spinnakerPipeline'), message }]);
}

const mostListed = 10;

function instead(wanted: string, names: readonly string[]): string {
  const lower = new Map(names.map((name) => [name.toLowerCase(), name]));
  const near = lower.get(nearestOf(wanted.toLowerCase(), lower.keys()) ?? '');
  if (near) return `did you mean "${near}"?`;
  if (names.length === 0) return 'it has none';
  const more = names.length > mostListed ? ` and ${names.length - mostListed} more` : '';
  return `there are: ${names.slice(0, mostListed).join(', ')}${more}`;
}
