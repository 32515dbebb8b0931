import type { Context } from '../context/context.ts';
import type { Fault } from '../errors.ts';
import { envName, yamlName } from '../settings/define.ts';
import { type Loaded, load, type Reading } from '../settings/load.ts';
import { type Catalog, tableOf } from './catalog.ts';
import type { Config, Deployment } from './config.ts';
import type { Secrets } from './secrets.ts';
import { runSources } from './sources.ts';

/** Opens target and reporters with what was read; its faults are those that no single setting shows. */
export type Opening = (deployment: Deployment, loaded: Loaded) => readonly Fault[];

/** Settings and secrets of a run, read by the one table; required ones have been demanded of the file. */
export const loadRun = (
  deployment: Deployment,
  secrets: Secrets,
  request: Readonly<Record<string, string>>,
  catalog: Catalog,
  reading: Reading,
  context?: Context,
): Loaded => {
  const target = catalog.targets.find(({ id }) => id === deployment.target);
  return load(tableOf(catalog, target), runSources(deployment, secrets, request, context), reading);
};

/** What is wrong with deployments once the values of their secrets are known, by the paths of the file. */
export function judgeSecrets(
  config: Config,
  secrets: Secrets,
  catalog: Catalog,
  reading: Reading,
  open: Opening,
): readonly Fault[] {
  return config.deployments.flatMap((deployment) => {
    const loaded = loadRun(deployment, secrets, {}, catalog, reading);
    // One that is not there has been named already, and opening would name it again.
    const lacks = Object.keys(deployment.secrets).some((n) => !secrets.setting(deployment, n));
    const opened = loaded.faults.length > 0 || lacks ? [] : open(deployment, loaded);
    return [...loaded.faults, ...opened.map((fault) => inFile(fault, deployment, catalog))];
  });
}

/** What nobody wrote has the name that a step's author would use: `PLUGIN_WEBHOOK_TOKEN`, `github_app_id`. */
function inFile({ name, message }: Fault, { path, target }: Deployment, catalog: Catalog): Fault {
  const table = tableOf(
    catalog,
    catalog.targets.find(({ id }) => id === target),
  );
  const found = Object.entries(table).find(
    ([key]) => envName(key) === name || yamlName(key) === name,
  );
  if (!found) return { name, message };
  const [key, { secret }] = found;
  return { name: `${path}.${secret ? 'secrets' : 'settings'}.${yamlName(key)}`, message };
}
