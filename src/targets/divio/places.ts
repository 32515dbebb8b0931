import { RemoteError, SettingsError } from '../../errors.ts';
import type { Place, Service } from './service.ts';
import type { DivioValues } from './settings.ts';
import type { Environment } from './wire.ts';

type Named = {
  readonly values: DivioValues;
  nameOf(key: keyof DivioValues): string;
};

/** Application and environment; what the author named and Divio does not have is a fault of the settings. */
export async function findPlace(
  service: Service,
  { values, nameOf }: Named,
  orderEnvironment: string | undefined,
  signal: AbortSignal,
): Promise<Place> {
  const slug = values.divioEnvironment ?? orderEnvironment;
  if (slug === undefined) {
    const message = 'is required, for the order names no environment: test and live are usual';
    throw new SettingsError([{ name: nameOf('divioEnvironment'), message }]);
  }
  const application = await service.application(values.divioApplication, signal);
  if (!application) {
    const message = `names no application that the user of divio_token may see: ${values.divioApplication}`;
    throw new SettingsError([{ name: nameOf('divioApplication'), message }]);
  }
  const environment = await service.environment(application, slug, signal);
  if (isEnvironment(environment)) return { application, environment };
  const others = environment.length > 0 ? environment.join(', ') : 'none';
  const message = `names no environment of the application: "${slug}"; there are: ${others}`;
  if (values.divioEnvironment !== undefined) {
    throw new SettingsError([{ name: nameOf('divioEnvironment'), message }]);
  }
  const cure = "divio_environment says Divio's own name of it";
  throw new SettingsError([{ name: 'environment', message: `${message}; ${cure}` }]);
}

/** The same environment as it is now. */
export async function readable(
  service: Service,
  { application, environment }: Place,
  signal: AbortSignal,
): Promise<Environment> {
  const slug = environment.slug ?? '';
  const now = await service.environment(application, slug, signal);
  if (isEnvironment(now)) return now;
  throw new RemoteError(`the environment ${slug} is not there any more`, { kind: 'refused' });
}

const isEnvironment = (found: Environment | readonly string[]): found is Environment =>
  !Array.isArray(found);

/** The application's page for people: `api.ZONE` answers programs, `control.ZONE` people. */
export function controlPanel(
  { divioApiUrl, divioZone }: DivioValues,
  place: Place | undefined,
): string {
  const { hostname } = new URL(divioApiUrl ?? `https://api.${divioZone}`);
  const zone = hostname.startsWith('api.') ? hostname.slice('api.'.length) : divioZone;
  const home = `https://control.${zone}/`;
  if (!place?.application.organisation) return home;
  const { organisation, uuid } = place.application;
  return `${home}o/${encodeURIComponent(organisation)}/app/${encodeURIComponent(uuid)}/`;
}
