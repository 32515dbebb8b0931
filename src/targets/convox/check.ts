import { RemoteError, SettingsError } from '../../errors.ts';
import { type Order, shortCommit } from '../../order.ts';
import type { Finding, TargetDeps } from '../target.ts';
import { noApp, noRelease } from './absence.ts';
import { isForbidden, isMissing, mayBeDoneWithout } from './dialect.ts';
import { faultOfSource } from './manifest.ts';
import type { Place } from './place.ts';
import type { Rack } from './rack.ts';
import type { ConvoxValues, NameOf } from './settings.ts';

type Checked = {
  readonly rack: Rack;
  readonly place: Place;
  readonly values: ConvoxValues;
  readonly deps: Pick<TargetDeps, 'cwd' | 'fetchesTree'>;
  readonly nameOf: NameOf;
};

/** One read with the credential, one for all that the settings name there, and what of them the tree shows. */
export async function checkAll(c: Checked, signal: AbortSignal): Promise<readonly Finding[]> {
  return [...(await checkRack(c, signal)), ...(await checkSource(c))];
}

async function checkRack(c: Checked, signal: AbortSignal): Promise<readonly Finding[]> {
  const { rack, place, values, nameOf } = c;
  const { setting, host } = place;
  const app = values.convoxApp;
  try {
    await rack.connect(signal);
    const { status, release } = await rack.app(signal);
    const now = `the app ${app} of ${rack.name()}, which is ${status}`;
    const may = `whether ${setting} may build and promote there can only be seen by doing it`;
    return [
      { ok: true, text: `${setting} may read ${now}${release ? `, with release ${release}` : ''}` },
      { ok: 'not provable', text: may },
      ...(await checkRelease(c, signal)),
    ];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.faults.map(({ name, message }) => badSetting(`${name} ${message}`));
    }
    if (!(error instanceof RemoteError)) throw error;
    if (isMissing(error)) {
      return values.convoxCreateApp
        ? [{ ok: true, text: `${rack.name()} has no app ${app}; it would be created` }]
        : [badSetting(`${nameOf('convoxApp')} ${noApp(rack, values)}`)];
    }
    if (isForbidden(error)) return [{ ok: false, text: error.message }];
    const what = error.answer ? 'does not answer as a rack does' : 'is unreachable';
    const text = `${setting} could not be tried, for ${host} ${what}: ${error.message}`;
    return [{ ok: 'not reached', text }];
  }
}

const badSetting = (text: string): Finding => ({ ok: false, text, ofSetting: true });

async function checkRelease(
  { rack, values, nameOf }: Checked,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { convoxRelease: release } = values;
  if (release === undefined) return [];
  try {
    await rack.release(release, signal);
    return [{ ok: true, text: `${rack.name()} has the release ${release}` }];
  } catch (error) {
    if (isMissing(error)) return [badSetting(`${nameOf('convoxRelease')} ${noRelease(values)}`)];
    if (!mayBeDoneWithout(error)) throw error;
    const text = `whether there is a release ${release} may not be read: ${error.message}`;
    return [{ ok: 'not provable', text, ofSetting: true }];
  }
}

async function checkSource({ values, deps, nameOf }: Checked): Promise<readonly Finding[]> {
  if (values.convoxRelease !== undefined) return [];
  if (deps.fetchesTree) {
    const text = `whether the tree has ${values.convoxManifest} shows when it is fetched`;
    return [{ ok: 'not provable', text, ofSetting: true }];
  }
  const fault = await faultOfSource(deps.cwd, values);
  return fault ? [badSetting(`${nameOf(fault[0])} ${fault[1]}`)] : [];
}

/** What a deploy would do, one line each. */
export function planOf(place: Place, values: ConvoxValues, order: Order): readonly string[] {
  const where = values.convoxRack && place.rack ? `${place.rack} at ${place.host}` : place.host;
  const names = Object.keys(values.convoxEnv ?? {});
  const arguments_ = Object.keys(values.convoxBuildArgs ?? {}).length;
  const commit = order.tree ?? order.commit;
  const sha = commit && shortCommit(commit);
  const what = values.convoxRelease ?? 'what was built';
  const steps = [
    values.convoxCreateApp && `create the app ${values.convoxApp} on ${where}, if there is none`,
    names.length > 0 &&
      `set ${names.join(', ')} of ${values.convoxApp}${values.convoxEnvReplace ? ', and drop all other variables' : ''}`,
    !values.convoxRelease &&
      `send ${values.convoxDir} and build ${values.convoxApp} on ${where} by ${values.convoxManifest}${sha ? ` (${sha})` : ''}${arguments_ > 0 ? `, with ${arguments_} arguments` : ''}`,
    values.convoxBeforePromote && `run "${values.convoxBeforePromote}" on the new release`,
    values.convoxPromote &&
      `promote ${what} of ${values.convoxApp} on ${where} and watch the rollout to its end`,
    values.convoxPromote && 'to stop it, cancel the rollout; a build cannot be cancelled',
    !values.convoxPromote && 'leave it at that: built, not promoted',
  ];
  return steps.filter((step) => typeof step === 'string');
}
