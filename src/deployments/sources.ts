import type { Context } from '../context/context.ts';
import { fromContext, type Given, type Source } from '../settings/sources.ts';
import type { Deployment } from './config.ts';
import type { Secrets } from './secrets.ts';

/**
 * What `load` reads for one run, first wins: slipway.yml with its secrets, then what the request says where the file
 * is silent, then what the forge said of the event that started it.
 */
export const runSources = (
  deployment: Deployment,
  secrets: Secrets,
  request: Readonly<Record<string, string>>,
  context?: Context,
): readonly Source[] => [
  fileSource(deployment, secrets),
  requestSource(request),
  ...(context ? [contextSource(context)] : []),
];

/** Repository and environment are the file's to say. */
export const contextSource = ({ system, commit, ref, deploymentId, task }: Context): Source =>
  fromContext(system, { commit, ref, deploymentId, task });

export function fileSource(deployment: Deployment, secrets: Secrets): Source {
  const { path, repository, environment, component, checkout, target, settings } = deployment;
  const fields = new Map<string, Given>(
    Object.entries({ repo: repository, environment, component, checkout, target }).flatMap(
      ([name, raw]) =>
        raw === undefined
          ? []
          : [[name, { label: `${path}.${name === 'repo' ? 'repository' : name}`, raw }] as const],
    ),
  );
  return {
    id: 'file',
    exact: true,
    get: (name) => {
      const written = Object.hasOwn(settings, name) ? settings[name] : undefined;
      const secret = written === undefined ? secrets.setting(deployment, name) : undefined;
      if (written !== undefined) return { label: `${path}.settings.${name}`, raw: written };
      if (secret !== undefined) return { label: `${path}.secrets.${name}`, raw: secret };
      return fields.get(name);
    },
  };
}

/** Settings under the names that the caller used. */
export const requestSource = (settings: Readonly<Record<string, string>>): Source => ({
  id: 'request',
  exact: true,
  get: (name) => {
    const raw = Object.hasOwn(settings, name) ? settings[name] : undefined;
    return raw === undefined ? undefined : { label: name, raw };
  },
});
