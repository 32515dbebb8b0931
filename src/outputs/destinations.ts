import { resolve } from 'node:path';
import type { Env } from '../settings/sources.ts';

/** One place that outputs go to. `name` is the variable or setting that named it. */
export type Destination =
  | { readonly kind: FileKind; readonly name: string; readonly path: string }
  | { readonly kind: 'card'; readonly name: string; readonly path: string; readonly schema: string }
  | { readonly kind: 'spinnaker' };
export type FileKind =
  | 'harness'
  | 'harness-env'
  | 'github-output'
  | 'summary'
  | 'dotenv'
  | 'gitlab-report'
  | 'json'
  | 'termination';

export type DestinationSettings = {
  /** Id of the context: which CI system's variables can be trusted to be its own. */
  readonly system: string;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly outputFile?: string | undefined;
  readonly summary: boolean;
  readonly cardSchema?: string | undefined;
  readonly dryRun: boolean;
};

// Elsewhere whoever may promote could name any file by these variables. `none` is a plugin tried by hand.
const drone = ['drone', 'harness', 'none'];
const actions = ['github-actions', 'gitea-actions', 'none'];

/** Where this run's outputs go. A dry run writes no file, but a Spinnaker stage that wants outputs fails without them. */
export function destinationsOf(env: Env, settings: DestinationSettings): readonly Destination[] {
  const last = settings.system === 'spinnaker' ? [{ kind: 'spinnaker' } as const] : [];
  if (settings.dryRun) return last;
  const files = [
    ...harnessFiles(env, settings),
    ...actionsFiles(env, settings),
    ...outputFile(settings),
    ...card(env, settings),
    ...(last.length > 0 ? [file('termination', 'termination log', '/dev/termination-log')] : []),
  ];
  return [...files, ...last];
}

const file = (kind: FileKind, name: string, path: string): Destination => ({ kind, name, path });

function harnessFiles(env: Env, { system, cwd }: DestinationSettings): readonly Destination[] {
  if (!drone.includes(system)) return [];
  const named = (name: string): string | undefined => {
    const path = env[name];
    // Drone's runner never sets these itself: a name that only Harness gives is all that a promotion may choose.
    return path && (system !== 'drone' || /\.(?:env|out)$/.test(path))
      ? resolve(cwd, path)
      : undefined;
  };
  const output = named('DRONE_OUTPUT');
  const other = named('HARNESS_OUTPUT_FILE');
  const exported = named('DRONE_ENV');
  return [
    ...(output ? [file('harness', 'DRONE_OUTPUT', output)] : []),
    ...(other && other !== output ? [file('harness', 'HARNESS_OUTPUT_FILE', other)] : []),
    ...(exported ? [file('harness-env', 'DRONE_ENV', exported)] : []),
  ];
}

function actionsFiles(
  env: Env,
  { system, cwd, summary }: DestinationSettings,
): readonly Destination[] {
  if (!actions.includes(system)) return [];
  const { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: page } = env;
  return [
    ...(output ? [file('github-output', 'GITHUB_OUTPUT', resolve(cwd, output))] : []),
    ...(page && summary ? [file('summary', 'GITHUB_STEP_SUMMARY', resolve(cwd, page))] : []),
  ];
}

function outputFile({ system, cwd, outputFile }: DestinationSettings): readonly Destination[] {
  if (!outputFile) return [];
  const path = resolve(cwd, outputFile);
  if (path.toLowerCase().endsWith('.json')) return [file('json', 'output_file', path)];
  return [file(system === 'gitlab' ? 'gitlab-report' : 'dotenv', 'output_file', path)];
}

function card(env: Env, { system, cwd, cardSchema }: DestinationSettings): readonly Destination[] {
  const path = env.DRONE_CARD_PATH;
  if (!path || !cardSchema || !drone.includes(system)) return [];
  return [{ kind: 'card', name: 'DRONE_CARD_PATH', path: resolve(cwd, path), schema: cardSchema }];
}
