import { may, reaches } from '../deployments/access.ts';
import { namesIn, tableOf } from '../deployments/catalog.ts';
import type { Config, Deployment, Token } from '../deployments/config.ts';
import { SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { orcaYaml } from '../settings/emit/orca/index.ts';
import { type Parameter, parameterFor } from '../settings/emit/orca/parameters.ts';
import { type DeploymentStage, stagesYaml } from '../settings/emit/orca/stages.ts';
import { configFile, demandServer, readOperator, readServer } from './operator.ts';
import { catalog } from './owners.ts';
import type { Flags } from './read.ts';

/** Where there is no file that says otherwise. */
const defaults = {
  publicUrl: 'https://deployments.example.com',
  deckUrl: 'https://spinnaker.example.com',
  image: 'registry.example.com/slipway:1',
} as const;

/** An orca-local.yml: for the deployments of a slipway.yml where one is named, else the generic one. */
export async function orca(host: Host, flags: Flags): Promise<string> {
  const release = flags.spinnaker === undefined ? {} : { spinnaker: flags.spinnaker };
  const file = configFile(host, flags);
  const server = readServer(host, flags);
  const { publicUrl } = server.values;
  if (file === undefined) {
    if (server.faults.length > 0) throw new SettingsError(server.faults);
    return orcaYaml({ ...defaults, ...(publicUrl ? { publicUrl } : {}), ...release });
  }
  const { config, faults } = readOperator(host, file);
  const all = [...server.faults, ...demandServer(server), ...faults];
  if (all.length > 0 || !publicUrl) throw new SettingsError(all);
  const { stages, tokens } = stagesOf(config, file);
  return stagesYaml({ publicUrl, stages, tokens, ...release });
}

type Stages = {
  readonly stages: readonly DeploymentStage[];
  readonly tokens: readonly (readonly [string, string])[];
};

function stagesOf(config: Config, file: string): Stages {
  const byApi = config.deployments.filter(({ on }) => on.api);
  if (byApi.length === 0) {
    const message = 'has no deployment that the API may start: write on: { api: true }';
    throw new SettingsError([{ name: file, message }]);
  }
  const tokens = new Map(byApi.map(({ name }) => [name, callerOf(config, name)]));
  const distinct = [...new Set(tokens.values())].filter((token) => token !== undefined);
  const variable = (token: Token | undefined): string =>
    token && distinct.length > 1
      ? `SLIPWAY_TOKEN_${token.name.toUpperCase().replace(/\W/g, '_')}`
      : 'SLIPWAY_TOKEN';
  return {
    stages: byApi.map((each) =>
      stageOf(each, variable(tokens.get(each.name)), tokens.get(each.name)),
    ),
    tokens: distinct.map((token) => [variable(token), `${token.name} in ${file}`]),
  };
}

/** Starting and cancelling is `deploy`, polling is `read`. One that may less than everything is the better choice. */
function callerOf({ tokens }: Config, deployment: string): Token | undefined {
  const fit = tokens.filter(
    (token) => may(token, 'deploy') && may(token, 'read') && reaches(token, deployment),
  );
  return fit.find((token) => !token.may.includes('admin')) ?? fit[0];
}

function stageOf(
  deployment: Deployment,
  token: string,
  caller: Token | undefined,
): DeploymentStage {
  const { name, repository, environment, component, target } = deployment;
  const place = component ? `${environment}/${component}` : environment;
  const who = caller
    ? `by the token ${caller.name}`
    : 'but no token in the file may both deploy and read it';
  return {
    type: `slipway-${name}`,
    label: `Deploy ${name}`,
    description: `Deploy ${repository} to ${place} with Slipway, and wait for the end.`,
    about: `${name}: ${repository} to ${place} with ${target}, ${who}.`,
    deployment: name,
    token,
    parameters: parametersOf(deployment),
  };
}

/** What the file leaves open to requests. */
function parametersOf({ open, target }: Deployment): readonly Parameter[] {
  const names = namesIn(
    tableOf(
      catalog,
      catalog.targets.find(({ id }) => id === target),
    ),
  );
  return open.flatMap((name) => {
    const found = names.get(name);
    return found ? [parameterFor(found.key, found.setting)] : [];
  });
}
