import { RemoteError, SettingsError } from '../../errors.ts';
import { type Finding, findingOf, findingsOf } from '../target.ts';
import type { Opened } from './deploying.ts';
import { findPipeline } from './places.ts';

/** Reads who we are, and what the settings name; starts nothing. */
export async function checkAll(opened: Opened, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    const user = await opened.service.user(signal);
    return [userFinding(opened, user), ...(await checkPipeline(opened, signal))];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return [findingOf(error)];
  }
}

function userFinding({ service, values }: Opened, user: string | undefined): Finding {
  const { spinnakerToken, spinnakerUsername, spinnakerClientCert } = values;
  const isSigned = [spinnakerToken, spinnakerUsername, spinnakerClientCert].some(
    (each) => each !== undefined,
  );
  const text = user ? `Gate at ${service.host} knows us as ${user}` : `Gate knows us as nobody`;
  if (user) return { ok: true, text };
  const meaning = isSigned ? ': it does not look at the credentials' : '';
  return { ok: 'not provable', text: `${text}${meaning}, or does not say whom it knows` };
}

async function checkPipeline(opened: Opened, signal: AbortSignal): Promise<Finding[]> {
  const { values } = opened;
  const { spinnakerApplication: application } = values;
  try {
    const given = Object.keys(values.spinnakerParameters ?? {});
    const pipeline = await findPipeline(opened, given, signal);
    if (!pipeline) {
      return [{ ok: 'not provable', text: `Gate does not show the pipelines of ${application}` }];
    }
    const required = pipeline.parameters.filter((each) => each.isRequired && !each.hasDefault);
    const names = required.map(({ name }) => name).join(', ');
    const what = names ? `; its required parameters (${names}) are there` : '';
    const text = `application ${application} has the pipeline ${pipeline.name}${what}`;
    const rights = `that we may execute ${pipeline.name} shows only when we do`;
    return [
      { ok: true, text },
      { ok: 'not provable', text: rights },
    ];
  } catch (error) {
    if (error instanceof SettingsError) return findingsOf(error);
    if (error instanceof RemoteError) return [findingOf(error)];
    throw error;
  }
}
