import type { Stop } from '../../src/errors.ts';
import { createHttp } from '../../src/http/client.ts';
import { markerOf, markLink, payloadMarks } from '../../src/identity.ts';
import type { Order } from '../../src/order.ts';
import { reporterEntries } from '../../src/reporters/index.ts';
import { run } from '../../src/run/run.ts';
import type { RunDeps } from '../../src/run/session.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import type { Job, Target, Verdict } from '../../src/targets/target.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import {
  type FakeGithub,
  type FakeGithubOptions,
  fakeGithub,
} from '../support/github/fake-github.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { type Notes, takeNotes } from '../support/notes.ts';

export const repo = 'octo/shop';
export const sha = 'c'.repeat(40);
export const older = 'b'.repeat(40);
export const minute = 60_000;
export const link = 'https://drone.example/octo/shop/7/1/2';

/** A target that does what the test says. */
export const targetOf = (deploy: (job: Job) => Promise<Verdict>): Target => ({
  id: 'scripted',
  plan: () => [],
  check: async () => [],
  deploy,
});
export const succeeds = targetOf(async () => ({ outcome: 'success', description: '' }));

/** Runs until it is stopped, and then says so. */
export const endless = targetOf(
  (job) =>
    new Promise((resolve) => {
      job.signal.addEventListener('abort', () =>
        resolve({ outcome: 'cancelled', description: 'stopped' }),
      );
    }),
);

export type Stage = {
  readonly github: FakeGithub;
  readonly clock: ManualClock;
  readonly log: Notes;
  readonly order: Order;
  /** What a run of this order is made of. */
  depsOf(order: Order, deps?: Partial<RunDeps>, settings?: Record<string, string>): RunDeps;
  /** Starts a run; its clock moves only by `clock.advance`. */
  start(
    changes?: Partial<Order>,
    deps?: Partial<RunDeps>,
    settings?: Record<string, string>,
  ): ReturnType<typeof run>;
  /** The same, and time passes until it is over. */
  go(
    changes?: Partial<Order>,
    deps?: Partial<RunDeps>,
    settings?: Record<string, string>,
  ): ReturnType<typeof run>;
  stop(reason: Stop): void;
  /** Lets time pass until it is over. */
  over<T>(running: Promise<T>): Promise<T>;
  /** A deployment as another run of Slipway would have left it. */
  leave(
    other: Partial<Order>,
    ...states: ('queued' | 'in_progress' | 'success' | 'failure' | 'error')[]
  ): number;
  /** States of a deployment, oldest first. */
  states(id: number): readonly string[];
};

export async function onStage(
  play: (stage: Stage) => Promise<void>,
  options: FakeGithubOptions = {},
): Promise<void> {
  const clock = manualClock();
  const log = takeNotes();
  const github = await fakeGithub({ now: clock.now, ...options });
  const commits = [older, sha].map((each) => ({ sha: each, at: clock.now() - 60 * minute }));
  github.repo(repo, { commits, branches: { main: sha } });
  const stopping = new AbortController();
  const http = createHttp({
    proxyEnv: {},
    caCert: undefined,
    skipVerify: false,
    timeoutMs: 2000,
    clock,
    log,
  });
  const order: Order = {
    runKey: '0123456789abcdef0123',
    seq: clock.now() - minute,
    expiry: clock.now() + 55 * minute,
    system: 'drone',
    repo,
    environment: 'production',
    commit: sha,
    task: 'deploy',
    payload: {},
    written: {},
    startedBy: 'caller',
    ciPostsTerminal: false,
    buildCreatedAt: clock.now() - minute,
    buildUrl: 'https://drone.example/octo/shop/7',
    logUrls: [link],
  };
  const stage: Stage = {
    github,
    clock,
    log,
    order,
    depsOf(mine, deps = {}, settings = {}) {
      const env = {
        github_token: github.token,
        github_api_url: github.url,
        create_deployment: 'true',
        ...settings,
      };
      const plugin = Object.entries(env).map(([name, raw]) => [
        `PLUGIN_${name.toUpperCase()}`,
        raw,
      ]);
      const loaded = load(everySetting, [fromEnv(Object.fromEntries(plugin), 'PLUGIN_')], {
        emptyMeansMissing: false,
        readFile: () => '',
      });
      const ids = (settings.report ?? 'github-deployment').split(',');
      const entries = reporterEntries.filter(({ id }) => ids.includes(id));
      return {
        target: succeeds,
        reporters: entries.map((entry) =>
          entry.open(loaded, mine, { verb: 'deploy', http, clock, log }),
        ),
        clock,
        log,
        redact: (text) => text.replaceAll('s3cret', '***'),
        signal: stopping.signal,
        timeoutMs: 50 * minute,
        heartbeatMs: minute,
        whenBusy: 'proceed',
        supersede: true,
        requireStatus: true,
        httpTimeoutMs: 30_000,
        checkout: undefined,
        ...deps,
      };
    },
    start(changes = {}, deps = {}, settings = {}) {
      const mine = { ...order, ...changes };
      return run(mine, stage.depsOf(mine, deps, settings));
    },
    stop: (reason) => stopping.abort(reason),
    go: (...all) => stage.over(stage.start(...all)),
    async over(running) {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      running.then(end, end);
      for (let steps = 0; !isOver && steps < 400; steps += 1) await clock.advance(500);
      // Nothing moves the clock any more: to wait for it would end the whole run of tests without a word.
      if (!isOver) throw new Error('it is not over yet');
      return running;
    },
    leave(other, ...states) {
      const theirs = markerOf({ ...order, ...other });
      const { id } = github.addDeployment({
        ref: other.commit ?? sha,
        environment: other.environment ?? 'production',
        payload: payloadMarks(theirs),
        at: clock.now() - 30_000,
      });
      for (const state of states) {
        github.addStatus(id, {
          state,
          log_url: markLink('https://drone.example/octo/shop/1', theirs),
          at: clock.now() - 20_000,
        });
      }
      return id;
    },
    states: (id) =>
      github
        .statusesOf(id)
        .map(({ state }) => state)
        .toReversed(),
  };
  try {
    await play(stage);
    github.assertClean();
  } finally {
    http.close();
    await github.close();
  }
}
