import { type Marker, readPayload } from '../../identity.ts';
import type { Deployment, ForgeState, Posted } from '../forge.ts';
import { postedOf, type Shown } from '../posted.ts';

export type ShownDeployment = {
  readonly id: number | string;
  readonly sha: string;
  readonly environment: string | null;
  readonly task: string | null;
  readonly description: string | null;
  readonly payload: unknown;
  readonly created: string;
};

/** REST and GraphQL each have a spelling of their own. */
export const githubPosted = ({
  state,
  ...shown
}: Omit<Shown, 'state'> & { readonly state: string }) =>
  postedOf({ ...shown, state: state.toLowerCase() as ForgeState });

export function deploymentOf(
  shown: ShownDeployment,
  statuses: readonly Posted[],
  place: { readonly repo: string; readonly webUrl: string },
): Deployment {
  if (!/^\d*$/.test(String(shown.id)) || typeof shown.sha !== 'string') {
    throw new TypeError('a deployment has an id and a sha');
  }
  const payload = payloadOf(shown.payload);
  const environment = shown.environment ?? '';
  return {
    id: String(shown.id),
    repo: place.repo,
    environment,
    sha: shown.sha,
    task: shown.task ?? undefined,
    description: shown.description ?? '',
    payload,
    createdAt: Date.parse(shown.created),
    statuses,
    owner: ownerOf(payload, statuses),
    url: `${place.webUrl}/deployments/${encodeURIComponent(environment)}`,
  };
}

/** A retry of the payload's run has a later expiry, which only its statuses carry. */
export function ownerOf(
  payload: Readonly<Record<string, unknown>>,
  statuses: readonly Posted[],
): Marker | undefined {
  const creator = readPayload(payload);
  const poster = statuses.find(({ marker }) => marker && !marker.closure)?.marker;
  if (!creator || !poster) return creator ?? poster;
  return creator.key === poster.key ? poster : creator;
}

/** GitHub hands a payload back as an object, as JSON, or as JSON within JSON. */
function payloadOf(raw: unknown): Readonly<Record<string, unknown>> {
  let value = raw;
  for (let layers = 0; typeof value === 'string' && layers < 2; layers += 1) {
    try {
      value = JSON.parse(value);
    } catch {
      return {};
    }
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}
