import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context } from '../context/context.ts';
import { detectCi, impostorIn } from '../context/index.ts';
import { type Fault, quoted } from '../errors.ts';
import type { Host } from '../host.ts';
import { type Values, yamlName } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import { type Loaded, load } from '../settings/load.ts';
import {
  type Env,
  fromContext,
  fromEnv,
  fromFlags,
  fromVendors,
  type Source,
} from '../settings/sources.ts';
import { unknownNames, unwrittenNames, warningOf } from '../settings/written.ts';
import { readHead } from './head.ts';
import { everySetting } from './owners.ts';

export type Flags = Readonly<Record<string, string>>;

/** Settings and context as the process has them, judged but not yet demanded. */
export type Read = {
  readonly context: Context;
  readonly loaded: Loaded;
  readonly values: Values<typeof general>;
  readonly fromContext: ReadonlySet<string>;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
  /** Something stands there that the author did not write (`only`). */
  readonly isTampered: boolean;
};

/** There a step's `with` arrives as `INPUT_X`; elsewhere that name is anybody's. */
const actions: ReadonlySet<string> = new Set(['github-actions', 'gitea-actions']);
const largestFile = 1024 * 1024;

export async function readSettings(host: Host, flags: Flags): Promise<Read> {
  const context = readContext(host);
  const plugin = fromEnv(host.env, 'PLUGIN_');
  const inputs = actions.has(context.system) ? [fromEnv(host.env, 'INPUT_')] : [];
  const own = [fromFlags(flags), plugin, ...inputs];
  const plain = context.openEnvironment ? [] : plainSources(host.env);
  const facts = fromContext(context.system, factsOf(context));
  const file = await fromFile(host, context, [...own, ...plain]);
  const sources = [...own, ...plain, ...file.sources, facts];
  const loaded = load(everySetting, sources, {
    emptyMeansMissing: context.emptyMeansMissing,
    readFile: (path) => readFileSync(resolve(host.cwd, path), 'utf8'),
  });
  const values = loaded.values as Values<typeof general>;
  const impostor = impostorIn(host.env);
  const known = new Set(context.ownPluginNames);
  const unknown = unknownNames(everySetting, [plugin, ...file.sources], known);
  // Whoever writes dry_runn does not want to deploy.
  const slips = unknown.filter(({ isSlip }) => isSlip);
  const others = unknown.filter(({ isSlip }) => !isSlip);
  const unwritten = values.only ? unwrittenNames(values.only, plugin, known) : [];
  return {
    context,
    loaded,
    values,
    fromContext: new Set(
      Object.keys(everySetting).filter((key) => {
        const label = facts.get(yamlName(key))?.label;
        return label !== undefined && loaded.origins.get(key) === label;
      }),
    ),
    faults: [
      ...(impostor ? [impostor] : []),
      ...loaded.faults,
      ...file.faults,
      ...slips,
      ...unwritten,
    ],
    isTampered: impostor !== undefined || unwritten.length > 0,
    warnings: [...loaded.warnings, ...others.map(warningOf)],
  };
}

function readContext(host: Host): Context {
  return detectCi(host.env).read({
    env: host.env,
    readFile(path) {
      try {
        const text = readFileSync(path, 'utf8');
        return text.length > largestFile * 8 ? undefined : text;
      } catch {
        return undefined;
      }
    },
    gitHead: () => readHead(host.cwd),
  });
}

/** Names that only the author can have set: not read where whoever promotes can set any variable. */
const plainSources = (env: Env): Source[] => [
  fromEnv(env, 'SLIPWAY_'),
  fromEnv(env, 'SPINNAKER_PARAM_'),
  fromVendors(env, vendorsOf),
];

const vendors = new Map(
  Object.entries(everySetting).map(([key, { vendor = [] }]) => [yamlName(key), vendor]),
);
const vendorsOf = (name: string): readonly string[] => vendors.get(name) ?? [];

/** What CI knows, as far as a setting of the same name exists. */
const factsOf = (context: Context): Record<string, string | undefined> => ({
  environment: context.environment,
  repo: context.repo,
  commit: context.commit,
  ref: context.ref,
  deploymentId: context.deploymentId,
  task: context.task,
  githubApiUrl: context.forge === 'github' ? context.forgeApiUrl : undefined,
});

type FromFile = { readonly sources: readonly Source[]; readonly faults: readonly Fault[] };

/** `env_file`, or `.env` where no CI system is found. It overrides nothing, so it comes last. */
async function fromFile(
  host: Host,
  context: Context,
  sources: readonly Source[],
): Promise<FromFile> {
  const named = sources.map((source) => source.get('env_file')).find((given) => given?.raw);
  if (!named && context.system !== 'none') return { sources: [], faults: [] };
  const path = named?.raw.trim() ?? '.env';
  try {
    const text = readFileSync(resolve(host.cwd, path), 'utf8');
    const { parse } = await import('dotenv');
    const env = parse(text);
    const plain = context.openEnvironment ? [] : plainSources(env);
    return { sources: [fromEnv(env, 'PLUGIN_'), ...plain], faults: [] };
  } catch (error) {
    if (!named) return { sources: [], faults: [] };
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    const message = `names a file that cannot be read: ${quoted(path)} (${code})`;
    return { sources: [], faults: [{ name: named.label, message }] };
  }
}
