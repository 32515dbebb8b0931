import type { Setting, Table } from '../settings/define.ts';
import { yamlName } from '../settings/define.ts';

/** The tables of the product, handed in by whoever wires: this folder knows no registry. */
export type Catalog = {
  /** What every deployment may have, whatever its target: the run's settings and the forges'. */
  readonly shared: Table;
  readonly targets: readonly TargetTable[];
  readonly reporters: readonly { readonly id: string; readonly settings: Table }[];
};
export type TargetTable = {
  readonly id: string;
  readonly settings: Table;
  readonly deploysTree?: true;
};

export type Named = { readonly key: string; readonly setting: Setting };

/** Settings by every name under which a file or a request may have them. */
export function namesIn(table: Table): ReadonlyMap<string, Named> {
  const names = new Map<string, Named>();
  for (const [key, setting] of Object.entries(table)) {
    for (const name of [yamlName(key), ...(setting.alias ?? [])]) names.set(name, { key, setting });
  }
  return names;
}

export const tableOf = (catalog: Catalog, target: TargetTable | undefined): Table =>
  Object.assign(
    {},
    catalog.shared,
    ...catalog.reporters.map(({ settings }) => settings),
    target?.settings,
  );

export const everyTable = (catalog: Catalog): Table =>
  Object.assign({}, tableOf(catalog, undefined), ...catalog.targets.map((each) => each.settings));

/** Fields of a deployment that are settings elsewhere, by the settings' keys. */
export const fieldOf: Readonly<Record<string, string>> = {
  repo: 'repository',
  owner: 'repository',
  environment: 'environment',
  component: 'component',
  checkout: 'checkout',
  target: 'target',
  diversionRepo: 'repository',
};

/** Settings that make no sense where a server runs many deploys, and what to do instead. */
export const notServed: Readonly<Record<string, string>> = {
  whenBusy: 'is for runs without a server, which goes by its store: write `busy` beside `settings`',
  supersede:
    'is for runs without a server, which goes by its store: write `busy` beside `settings`',
  action: 'is for steps of a CI pipeline: a deployment only deploys',
  state: 'is for the verb status',
  only: 'is for steps of a CI pipeline: requests set nothing but what the file leaves open to them',
  events: 'is for steps of a CI pipeline: write `on` beside `settings`',
  runKey: 'is for steps of a CI pipeline: the server has an id for each run',
  envFile:
    'is for steps of a CI pipeline: a secret of the server is { env: NAME } or { file: /path }',
  outputFile: 'is for steps of a CI pipeline: the API gives the outputs of each run',
  summary: 'is for steps of a CI pipeline: the server has a page',
  cardSchema: 'is for steps of a CI pipeline: the server has a page',
  diversionRef:
    'is for steps of a CI pipeline: an event or a request names what is deployed (ref, commit)',
  diversionPath: 'is for steps of a CI pipeline: each run of the server has a folder of its own',
  logFormat: "is the server's own, one for all its runs: give it to the server",
};

/** A request selects a deployment by these: they are fixed then. */
export const selectors: readonly string[] = ['repo', 'owner', 'environment'];

/** Whether a request may set it where the file is silent. */
export const isCallers = (key: string, { caller, secret }: Setting): boolean =>
  caller === true && !secret && !selectors.includes(key) && !Object.hasOwn(notServed, key);
