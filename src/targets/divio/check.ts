import { RemoteError, SettingsError } from '../../errors.ts';
import { type Finding, findingOf, findingsOf } from '../target.ts';
import { findPlace } from './places.ts';
import type { Service } from './service.ts';
import type { DivioValues } from './settings.ts';

type Checked = {
  readonly values: DivioValues;
  readonly service: Service;
  nameOf(key: keyof DivioValues): string;
};

/** Reads what the settings name, with the credential that they hold. */
export async function checkAll(
  { service, values, nameOf }: Checked,
  environment: string | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = await checkToken(service, signal);
  // What the token did not get is asked no more.
  if (findings[0]?.ok !== true) return [...findings, ...ofWebhook(values)];
  return [
    ...findings,
    ...(await checkPlace({ service, values, nameOf }, environment, signal)),
    ...ofWebhook(values),
  ];
}

async function checkToken(service: Service, signal: AbortSignal): Promise<Finding[]> {
  try {
    await service.me(signal);
    return [
      { ok: true, text: `divio_token is known to ${service.host}` },
      { ok: 'not provable', text: 'that its user may deploy shows only when it does' },
    ];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return [findingOf(error)];
  }
}

async function checkPlace(
  { service, ...named }: Checked,
  environment: string | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    const place = await findPlace(service, named, environment, signal);
    const { slug, branch } = place.environment;
    const what = place.application.slug ?? place.application.uuid;
    const deploys = branch ? `, which deploys ${branch}` : '';
    return [{ ok: true, text: `application ${what} has the environment ${slug}${deploys}` }];
  } catch (error) {
    if (error instanceof SettingsError) return findingsOf(error);
    if (error instanceof RemoteError) return [findingOf(error)];
    throw error;
  }
}

const ofWebhook = ({ divioWebhookUrl: url }: DivioValues): Finding[] =>
  url === undefined
    ? []
    : [
        {
          ok: 'not provable',
          text: `divio_webhook_url goes to ${new URL(url).host}, which has no read that would prove it`,
        },
      ];
