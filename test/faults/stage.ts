import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type FakeGithub,
  type FakeGithubOptions,
  fakeGithub,
} from '../support/github/fake-github.ts';

export const repo = 'octo/shop';
export const sha = 'c'.repeat(40);
const older = 'b'.repeat(40);
export const minute = 60_000;
const bundle = path.join(import.meta.dirname, '../../dist/slipway.mjs');

/** A step that has not ended by then never will. */
const longestMs = 90_000;

export type Env = Readonly<Record<string, string | undefined>>;
export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr, as far as they are kept. */
  readonly log: string;
  readonly stderr: string;
  /** How many bytes were written to stdout. */
  readonly bytes: number;
  readonly ms: number;
};
/** A process that runs the bundle, as an image's entry would. */
export type Step = {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  log(): string;
  /** Closes our end of its output, as a CI server does that has had enough. */
  deafen(): void;
  /** Resolves when the log holds the text; rejects when the process ends without. */
  says(text: string): Promise<void>;
};
type Start = {
  readonly args?: readonly string[];
  /** The process believes that it is so much later. */
  readonly laterMs?: number;
  /** Another user; needs root. */
  readonly uid?: number;
  /** Nobody reads stdout, and nobody closes it. */
  readonly unread?: boolean;
  /** Takes the output instead of keeping it. */
  readonly take?: (bytes: Buffer) => void;
};

/** Starts the bundle with these variables and no others. */
export function startStep(env: Env, cwd: string, start: Start = {}): Step {
  const { args = [], laterMs, take, uid, unread } = start;
  const shift = `data:text/javascript,const real=Date.now;Date.now=()=>real()+${laterMs}`;
  const clock = laterMs === undefined ? [] : ['--import', shift];
  const began = Date.now();
  const child = spawn(process.execPath, [...clock, bundle, ...args], {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let log = '';
  let stderr = '';
  let bytes = 0;
  const hearing = new Set<() => void>();
  const listen = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (take) take(chunk);
    else log += chunk.toString();
    for (const hear of hearing) hear();
  };
  if (unread) void child.once('exit', () => child.stdout.on('data', listen));
  else child.stdout.on('data', listen);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
    log += chunk;
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), longestMs);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(tooLong);
      resolve({ code, signal, log, stderr, bytes, ms: Date.now() - began });
    });
  });
  return {
    pid: child.pid as number,
    ended,
    kill: (signal) => void child.kill(signal),
    log: () => log,
    deafen: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    says: (text) =>
      new Promise((resolve, reject) => {
        const hear = (): void => {
          if (log.includes(text)) resolve();
        };
        hearing.add(hear);
        hear();
        void ended.then(() => reject(new Error(`it never said ${text}:\n${log}`)));
      }),
  };
}

export type Stage = {
  readonly github: FakeGithub;
  /** The workspace: empty at first. */
  readonly folder: string;
  /** A step of a Drone build that creates its deployment; settings by their YAML names. */
  start(settings?: Env, start?: Start & { readonly env?: Env }): Step;
  run(settings?: Env, start?: Start & { readonly env?: Env }): Promise<Ended>;
  /** What a command left in a file of the workspace; empty when it is not there. */
  left(file: string): string;
  /** A deployment of the last seconds that nobody of us made, with its first status. */
  adoptable(environment?: string, ageMs?: number): number;
  /** States of a deployment, oldest first. */
  states(id: number): readonly string[];
  /** Of an environment, in the order of creation. */
  deployments(environment?: string): FakeGithub['deployments'];
  /** Resolves when so many requests that match have arrived. */
  arrived(method: string, where: RegExp, count?: number): Promise<void>;
};

const drone = {
  DRONE: 'true',
  DRONE_SYSTEM_HOST: 'drone.example.com',
  DRONE_REPO: repo,
  DRONE_REPO_LINK: `https://github.com/${repo}`,
  DRONE_BUILD_EVENT: 'promote',
  DRONE_BUILD_NUMBER: '7',
  DRONE_BUILD_LINK: `https://drone.example.com/${repo}/7`,
  DRONE_COMMIT_SHA: sha,
  DRONE_COMMIT_REF: 'refs/heads/main',
  DRONE_DEPLOY_TO: 'production',
  DRONE_STAGE_NUMBER: '1',
  DRONE_STEP_NUMBER: '2',
};

export const terminal = ['success', 'failure', 'error', 'inactive'];
export const isTerminal = (state: string | undefined): boolean => terminal.includes(state ?? '');

/** One GitHub, one workspace, and steps that are real processes; everything is gone afterwards. */
export async function onStage(
  play: (stage: Stage) => Promise<void>,
  options: FakeGithubOptions = {},
): Promise<void> {
  const github = await fakeGithub({ token: 'ghp_the_token_of_the_faults', ...options });
  const commits = [older, sha].map((each) => ({ sha: each, at: Date.now() - 60 * minute }));
  github.repo(repo, { commits, branches: { main: sha } });
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-faults-'));
  const created = String(Math.floor(Date.now() / 1000) - 5);
  const running = new Set<Step>();

  const stage: Stage = {
    github,
    folder,
    start(settings = {}, { env = {}, ...start } = {}) {
      const all: Env = {
        github_token: github.token,
        github_api_url: github.url,
        create_deployment: 'true',
        command: 'echo ran >> ran',
        ...settings,
      };
      const plugin = Object.entries(all).map(([name, raw]) => [
        `PLUGIN_${name.toUpperCase()}`,
        raw,
      ]);
      const ci = { ...drone, DRONE_BUILD_CREATED: created, ...env };
      const step = startStep({ ...ci, ...Object.fromEntries(plugin) }, folder, start);
      running.add(step);
      void step.ended.then(() => running.delete(step));
      return step;
    },
    run: (...all) => stage.start(...all).ended,
    left: (file) => {
      const at = path.join(folder, file);
      return existsSync(at) ? readFileSync(at, 'utf8') : '';
    },
    adoptable(environment = 'production', ageMs = 10_000) {
      const at = Date.now() - ageMs;
      return github.addDeployment({ ref: sha, environment, at, creator: 'mona' }).id;
    },
    states: (id) =>
      github
        .statusesOf(id)
        .map(({ state }) => state)
        .toReversed(),
    deployments: (environment = 'production') =>
      github.deployments.filter((deployment) => deployment.environment === environment),
    async arrived(method, where, count = 1) {
      const until = Date.now() + 20_000;
      const seen = (): number =>
        github.requests.filter((each) => each.method === method && where.test(each.path)).length;
      while (seen() < count) {
        if (Date.now() > until) throw new Error(`no ${method} ${where} arrived`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
  try {
    await play(stage);
    github.assertClean();
  } finally {
    for (const step of running) step.kill('SIGKILL');
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A person has enough of a deployment. */
export function endByMona({ github }: Stage, id: number): void {
  github.addStatus(id, { state: 'inactive', creator: 'mona', description: 'not today' });
}

/** Leaves the environment as a killed run of an older build does: it may be alive, for all that others know. */
export async function leaveAlive(stage: Stage): Promise<void> {
  const before = String(Math.floor(Date.now() / 1000) - 600);
  const env = { DRONE_BUILD_NUMBER: '6', DRONE_BUILD_CREATED: before };
  const older = stage.start({ command: 'echo at work; sleep 5' }, { env });
  await older.says('at work');
  older.kill('SIGKILL');
  await older.ended;
}

/** Does it for each item, a few at once; rejects with the first failure when all are over. */
export async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await work(next[1], next[0]);
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
