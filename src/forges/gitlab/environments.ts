import { RemoteError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Status } from '../../status.ts';
import { ask, send } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { EnvironmentKind } from '../settings.ts';
import type { GitlabPlace } from './place.ts';

export type EnvironmentsOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly tier: EnvironmentKind | undefined;
  readonly log: Log;
};

type Row = { readonly id: number };

/**
 * The address is the environment's at GitLab, and not the deployment's. What it lacks does not make a deployment
 * untrue: a failure is a warning. https://docs.gitlab.com/api/environments/
 */
export function createEnvironments({ place, forge, tier, log }: EnvironmentsOptions) {
  const { project } = place;
  let told = '';

  async function idOf(name: string, patience: Patience): Promise<number | undefined> {
    const url = `${project}/environments?${new URLSearchParams({ name })}`;
    const question = { url, thing: `environment ${name}`, ...patience };
    return ask(forge, place, question, (body) => (body as readonly Row[])[0]?.id);
  }

  async function put(name: string, known: number | undefined, body: object, patience: Patience) {
    const id = known ?? (await idOf(name, patience));
    if (id === undefined) return;
    await send(forge, place, {
      ...{ method: 'PUT', url: `${project}/environments/${id}`, body, ...patience },
      ...{ thing: `environment ${name}`, needs: 'the scope `api` and the role Developer' },
      shows: 'id',
    } as const);
  }

  return {
    /** `known`: its id, where an answer has told it. */
    async tell(
      name: string,
      known: number | undefined,
      { environmentUrl }: Status,
      patience: Patience,
    ): Promise<void> {
      const body = {
        ...(environmentUrl ? { external_url: environmentUrl } : {}),
        ...(tier ? { tier } : {}),
      };
      const text = JSON.stringify(body);
      if (text === '{}' || text === told) return;
      try {
        await put(name, known, body, patience);
        told = text;
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`environment ${name} at GitLab may show an old address: ${error.message}`);
      }
    },
  };
}
