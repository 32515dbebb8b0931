import * as assert from 'uvu/assert';
import type { CiSystem, Context } from '../../src/context/context.ts';

/** What one build passes to a step: its variables, the files they point to, and HEAD of the workspace. */
export type Recorded = {
  readonly env: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly head?: string;
};

/** Head of what the author pushed, the merge that a CI system made of it, and a base that it goes into. */
export const head = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';
export const merge = 'b5bfa1c8f3a3e6e0f1f3a3a6d0c3a1a2b3c4d5e6';
export const base = '553c2077f0edc3d5dc5d17262f6aa498e69d6f8e';

/** Reads a build as `system`, and fails where it looks at a variable that it does not list. */
export function read(system: CiSystem, recorded: Recorded): Context {
  const { context, asked } = readAndWatch(system, recorded);
  const unlisted = [...asked].filter((name) => !isListed(system, name));
  assert.equal(unlisted, [], `${system.id} lists every variable that it reads`);
  return context;
}

const isListed = (system: CiSystem, name: string): boolean =>
  system.variables.includes(name) ||
  (system.id === 'spinnaker' && name.startsWith('SPINNAKER_PARAM_'));

export function readAndWatch(
  system: CiSystem,
  recorded: Recorded,
): { context: Context; detected: boolean; asked: ReadonlySet<string> } {
  const asked = new Set<string>();
  const env = new Proxy(recorded.env, {
    get: (target, name) => {
      if (typeof name === 'string') asked.add(name);
      return Reflect.get(target, name);
    },
  });
  const detected = system.detect(env);
  const context = system.read({
    env,
    readFile: (path) => recorded.files?.[path],
    gitHead: () => recorded.head,
  });
  return { context, detected, asked };
}

/** A whole context from what a test names; the rest is not known. */
export function contextWith(system: string, known: Partial<Omit<Context, 'system'>>): Context {
  return {
    system,
    host: system,
    repo: undefined,
    repoUrl: undefined,
    forgeApiUrl: undefined,
    forge: undefined,
    commit: undefined,
    ref: undefined,
    event: undefined,
    isPullRequest: false,
    deploys: true,
    environment: undefined,
    task: undefined,
    deploymentId: undefined,
    startedByForge: false,
    status: undefined,
    execution: undefined,
    createdAt: undefined,
    buildUrl: undefined,
    stepUrl: undefined,
    actor: undefined,
    workspace: undefined,
    postsTerminal: false,
    openEnvironment: false,
    openRepoUrl: false,
    emptyMeansMissing: false,
    ownPluginNames: [],
    ...known,
  };
}
