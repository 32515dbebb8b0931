import { quoted } from '../errors.ts';
import type { Reading } from '../settings/load.ts';
import type { Catalog } from './catalog.ts';
import type { Config } from './config.ts';
import { type Bench, deploymentOf } from './deployment.ts';
import { file, type WrittenFile } from './file.ts';
import { warnOfSilence } from './silence.ts';
import type { FileFault, Report, Tree } from './tree.ts';
import { webhookOf } from './webhook.ts';
import { parseYaml } from './yaml.ts';

export type ReadConfig = {
  /** Whole only where there are no faults. */
  readonly config: Config;
  readonly faults: readonly FileFault[];
  /** What can hardly be meant, but does no harm. */
  readonly warnings: readonly FileFault[];
};

/** Reads slipway.yml: every fault at once, in the order of the file. The values of secrets are not looked at. */
export function readConfig(text: string, catalog: Catalog, reading: Reading): ReadConfig {
  const faults: FileFault[] = [];
  const warnings: FileFault[] = [];
  // What holds a faulty part is judged once the part is right.
  const isKnown = (path: string): boolean =>
    faults.some((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
  const report: Report = (path, line, message) => {
    if (!isKnown(path)) faults.push({ path, line, message });
  };
  const warn: Report = (path, line, message) => void warnings.push({ path, line, message });
  const bench: Bench = { catalog, reading, report, warn };
  const { tree, faults: broken } = parseYaml(text);
  faults.push(...broken);
  if (!tree && broken.length === 0) bench.report('', 1, 'is empty: it needs `deployments`');
  const written = tree && file.read(tree, '', bench.report);
  const config = configOf(written, tree, bench);
  const { at } = itemsOf(tree, 'deployments');
  if (faults.length === 0) warnOfSilence(config, at, bench.warn);
  return { config, faults: faults.toSorted((a, b) => a.line - b.line), warnings };
}

function configOf(
  written: Partial<WrittenFile> | undefined,
  tree: Tree | undefined,
  bench: Bench,
): Config {
  const { tokens = [], webhooks = [], deployments = [], page, metrics } = written ?? {};
  const places = { webhooks: itemsOf(tree, 'webhooks'), deployments: itemsOf(tree, 'deployments') };
  reportDoubles(tokens, 'tokens', itemsOf(tree, 'tokens').at, bench.report);
  reportDoubles(deployments, 'deployments', places.deployments.at, bench.report);
  return {
    tokens,
    webhooks: webhooks.map((each, at) =>
      webhookOf(each ?? {}, `webhooks[${at}]`, places.webhooks.at(at), bench.report),
    ),
    page: page ?? { access: 'token' },
    metrics: metrics ?? { access: 'token' },
    deployments: deployments.map((each, at) =>
      deploymentOf(each ?? {}, `deployments[${at}]`, places.deployments.at(at), bench),
    ),
  };
}

/** Names select: no two of a list may be one, in whatever case. */
function reportDoubles(
  items: readonly ({ readonly name?: string } | undefined)[],
  list: string,
  lineAt: (at: number) => number,
  report: Report,
): void {
  const seen = new Map<string, number>();
  for (const [at, item] of items.entries()) {
    const name = item?.name?.toLowerCase();
    if (name === undefined) continue;
    const known = seen.get(name);
    if (known === undefined) seen.set(name, at);
    else report(`${list}[${at}].name`, lineAt(at), `is ${list}[${known}]'s too: ${quoted(name)}`);
  }
}

/** Lines of the entries of a list. */
function itemsOf(tree: Tree | undefined, name: string): { at(index: number): number } {
  const value = tree?.kind === 'map' ? tree.entries.get(name)?.value : undefined;
  const items = value?.kind === 'list' ? value.items : [];
  return { at: (index) => items[index]?.line ?? value?.line ?? 0 };
}
