import { stoppedAs } from '../../ending.ts';
import { RemoteError } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import type { Asking, Deploying } from './deploying.ts';
import type { DivioValues } from './settings.ts';
import { nothingDone } from './verdicts.ts';

export type Wanted = {
  readonly name: string;
  readonly value: string;
  readonly isSensitive: boolean;
};

export const wantedVariables = (values: DivioValues): readonly Wanted[] =>
  (['divioEnv', 'divioSensitiveEnv'] as const).flatMap((key) =>
    Object.entries(values[key] ?? {}).map(([name, value]) => ({
      name,
      value,
      isSensitive: key === 'divioSensitiveEnv',
    })),
  );

/** Whether Divio certainly does not hold what the author wrote; whoever deploys sets it first. */
export async function lacksVariables({
  service,
  values,
  place,
  ending,
}: Deploying): Promise<boolean> {
  for (const { name, value, isSensitive } of wantedVariables(values)) {
    const known = await service
      .variables(place.environment, name, ending.signal)
      .catch((error: unknown) => {
        if (error instanceof RemoteError) return undefined;
        throw error;
      });
    if (!known) return false;
    const [only, ...more] = known;
    const isOther = !isSensitive && only?.value !== undefined && only.value !== value;
    if (!only || (isOther && more.length === 0)) return true;
  }
  return false;
}

/**
 * Sets what the author wrote, and tells whether anything had to be: a deployment that began before has the old
 * values. Divio does not give the values of sensitive ones back, so those are always set.
 */
export async function setVariables(d: Deploying, asking: Asking): Promise<boolean | Verdict> {
  const { job, service, values, deps, place } = d;
  const wanted = wantedVariables(values);
  let isBegun = false;
  for (const variable of wanted) {
    const { name, value, isSensitive } = variable;
    const [known, ...more] = await service.variables(place.environment, name, job.signal);
    if (more.length > 0) {
      const why = `Divio holds the variable ${name} ${more.length + 1} times, and which of them counts is not known`;
      throw new RemoteError(`${why}: remove all but one in the Control Panel`, { kind: 'refused' });
    }
    const isSame = !isSensitive && known?.value === value && !known.isSensitive;
    if (isSame) continue;
    if (!isBegun) await job.before({ step: 'variables', ...asking });
    if (job.signal.aborted) {
      const what = isBegun ? 'some variables are set already' : 'no variable was set';
      return nothingDone(stoppedAs(job.signal), `the run was ended, and ${what}`);
    }
    isBegun = true;
    await set(d, variable, known?.uuid === undefined ? undefined : known);
  }
  if (!isBegun) return false;
  await keep(d, { step: 'variables set', ...asking });
  deps.log.info(`Divio has the variables ${wanted.map(({ name }) => name).join(', ')}`);
  return true;
}

async function set(
  { service, place, ending }: Deploying,
  variable: Wanted,
  known: Parameters<Deploying['service']['setVariable']>[1],
): Promise<void> {
  const { environment } = place;
  try {
    await service.setVariable(environment, known, variable, ending.signal);
  } catch (error) {
    if (!(error instanceof RemoteError) || !error.unknown || known)
      throw explained(error, variable);
    // A creation whose answer was lost: it is there, or it is not.
    const [made] = await service.variables(environment, variable.name, ending.signal);
    await service
      .setVariable(environment, made, variable, ending.signal)
      .catch((again: unknown) => {
        throw explained(again, variable);
      });
  }
}

/** Which of them it was. That variables can be written this way is inferred from the rest of the API. */
function explained(error: unknown, { name, isSensitive }: Wanted): unknown {
  if (!(error instanceof RemoteError)) return error;
  const { kind, unknown, cause, status, message } = error;
  const isUntaken = status === 404 || status === 405;
  const cure = isUntaken
    ? '; this Divio does not take variables by its API: set them in the Control Panel'
    : '';
  const setting = isSensitive ? 'divio_sensitive_env' : 'divio_env';
  return new RemoteError(`${name} (${setting}) could not be set: ${message}${cure}`, {
    ...{ kind: isUntaken ? 'refused' : kind, unknown, cause },
    ...(status === undefined ? {} : { status }),
  });
}
