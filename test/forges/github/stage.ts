import type { Clock } from '../../../src/clock.ts';
import { createHttp } from '../../../src/http/client.ts';
import type { Http } from '../../../src/http/http.ts';
import type { Level, Log } from '../../../src/log.ts';
import type { Order } from '../../../src/order.ts';
import type { Reporter, ReporterEntry, Verb } from '../../../src/reporters/reporter.ts';
import type { Table } from '../../../src/settings/define.ts';
import { type Loaded, load } from '../../../src/settings/load.ts';
import { fromEnv } from '../../../src/settings/sources.ts';
import {
  type FakeGithub,
  type FakeGithubOptions,
  fakeGithub,
} from '../../support/github/fake-github.ts';

export const repo = 'acme/shop';
export const sha = 'c'.repeat(40);
export const olderSha = 'b'.repeat(40);
export const oldestSha = 'a'.repeat(40);
export const runKey = '0123456789abcdef0123';

/** A clock that moves only when somebody pauses, and by nothing else. */
export type HandClock = Clock & {
  readonly pauses: number[];
  advance(ms: number): void;
};
export function handClock(start = Date.parse('2026-11-21T10:00:00Z')): HandClock {
  let now = start;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    pause: async (ms, signal) => {
      if (signal?.aborted) return;
      pauses.push(ms);
      now += ms;
    },
  };
}

export type Lines = Log & { readonly lines: { readonly level: Level; readonly text: string }[] };
export function listeningLog(): Lines {
  const lines: Lines['lines'] = [];
  const at = (level: Level) => (text: string) => void lines.push({ level, text });
  return {
    lines,
    ...{ error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
    trace: at('trace'),
    spokeAt: () => 0,
    output: async () => {},
    endOutput: () => {},
  };
}

export const httpOf = (clock: Clock, log: Log, timeoutMs = 2000): Http =>
  createHttp({
    ...{ clock, log, timeoutMs },
    ...{ proxyEnv: {}, caCert: undefined, skipVerify: false },
  });

/** Settings as an author writes them. */
export function loadedOf(table: Table, settings: Readonly<Record<string, string>>): Loaded {
  const env = Object.entries(settings).map(([name, raw]) => [`PLUGIN_${name.toUpperCase()}`, raw]);
  return load(table, [fromEnv(Object.fromEntries(env), 'PLUGIN_')], {
    emptyMeansMissing: false,
    readFile: () => '',
  });
}

export type Stage = {
  readonly github: FakeGithub;
  readonly clock: HandClock;
  readonly log: Lines;
  readonly signal: AbortSignal;
  orderOf(changes?: Partial<Order>): Order;
  reporter(
    entry: ReporterEntry,
    settings?: Readonly<Record<string, string>>,
    order?: Partial<Order>,
    verb?: Verb,
  ): Reporter;
  /** METHOD path of every exchange so far. */
  exchanges(): readonly string[];
};

/** A GitHub with one repository of three commits, and everything around one reporter. */
export async function onStage(
  play: (stage: Stage) => Promise<void>,
  options: FakeGithubOptions = {},
  timeoutMs?: number,
): Promise<void> {
  const clock = handClock();
  const log = listeningLog();
  const github = await fakeGithub({ now: clock.now, ...options });
  const commits = [oldestSha, olderSha, sha].map((each, index) => ({
    sha: each,
    at: clock.now() - (9 - index) * 3_600_000,
  }));
  github.repo(repo, { commits, branches: { topic: olderSha }, tags: { v1: sha } });
  const opened: Http[] = [];
  const stage: Stage = {
    ...{ github, clock, log },
    signal: new AbortController().signal,
    orderOf: (changes = {}) => ({
      ...{ runKey, repo, commit: sha, ref: 'main', environment: 'production' },
      ...{ seq: clock.now() - 60_000, expiry: clock.now() + 55 * 60_000 },
      ...{ system: 'none', task: 'deploy', payload: {}, startedBy: 'caller' as const },
      ...{ ciPostsTerminal: false, written: {}, logUrls: ['https://ci.example/acme/shop/7/1/2'] },
      ...changes,
    }),
    reporter(entry, settings = {}, changes = {}, verb = 'deploy') {
      const all = { github_token: github.token, github_api_url: github.url, ...settings };
      const http = httpOf(clock, log, timeoutMs);
      opened.push(http);
      const loaded = loadedOf(entry.settings, all);
      return entry.open(loaded, stage.orderOf(changes), { verb, http, clock, log });
    },
    exchanges: () => github.requests.map(({ method, path }) => `${method} ${path}`),
  };
  try {
    await play(stage);
    github.assertClean();
  } finally {
    for (const http of opened) http.close();
    await github.close();
  }
}

/** What a promise rejects with. */
export async function rejected(promise: Promise<unknown>): Promise<Error> {
  const result = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(result instanceof Error)) throw new Error('it was expected to reject');
  return result;
}
