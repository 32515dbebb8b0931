import { RemoteError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Finding } from '../target.ts';
import { isForbidden, isMissing } from './dialect.ts';
import type { Place } from './place.ts';
import type { Rack } from './rack.ts';
import type { ConvoxValues } from './settings.ts';

/** One read with the credential, and one for the app that the settings name. */
export async function checkRack(
  rack: Rack,
  { setting, host }: Place,
  values: ConvoxValues,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const app = values.convoxApp;
  try {
    await rack.connect(signal);
    const { status, release } = await rack.app(signal);
    const now = `the app ${app} of ${rack.name()} is ${status}`;
    const may = `whether ${setting} may build and promote there can only be seen by doing it`;
    return [
      { ok: true, text: `${setting} reads ${now}${release ? `, with release ${release}` : ''}` },
      { ok: 'not provable', text: may },
    ];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (isMissing(error)) return [withoutApp(rack, values)];
    if (isForbidden(error)) return [{ ok: false, text: error.message }];
    // A name that the console does not know.
    if (error.status === 200 && error.kind === 'refused') {
      return [{ ok: false, text: error.message, ofSetting: true }];
    }
    return [
      { ok: 'not provable', text: `${setting} could not be tried at ${host}: ${error.message}` },
    ];
  }
}

function withoutApp(rack: Rack, { convoxApp, convoxCreateApp }: ConvoxValues): Finding {
  const text = `${rack.name()} has no app ${convoxApp}`;
  return convoxCreateApp
    ? { ok: true, text: `${text}; it would be created` }
    : { ok: false, ofSetting: true, text: `${text}; check convox_app, or set convox_create_app` };
}

/** What a deploy would do, one line each. */
export function planOf(place: Place, values: ConvoxValues, order: Order): readonly string[] {
  const where = values.convoxRack && place.rack ? `${place.rack} at ${place.host}` : place.host;
  const names = Object.keys(values.convoxEnv ?? {}).length;
  const arguments_ = Object.keys(values.convoxBuildArgs ?? {}).length;
  const sha = (order.tree ?? order.commit)?.slice(0, 8);
  const what = values.convoxRelease ?? 'what was built';
  const steps = [
    values.convoxCreateApp && `create the app ${values.convoxApp} on ${where}, if there is none`,
    names > 0 &&
      `set ${names} variables of ${values.convoxApp}${values.convoxEnvReplace ? ', and drop all others' : ''}`,
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
