import type { Clock } from '../../src/clock.ts';
import type { Order } from '../../src/order.ts';
import type { ReporterEntry, Verb } from '../../src/reporters/reporter.ts';
import {
  handClock,
  httpOf,
  type Lines,
  listeningLog,
  loadedOf,
  olderSha,
  oldestSha,
  repo,
  runKey,
  sha,
} from '../forges/github/stage.ts';
import type { StatusForge } from '../support/forge/statuses.ts';
import type { RepoSetup } from '../support/github/world.ts';
import type { Scenario, Stage } from './contract.ts';

export const token = 'tok-4dc1f00dbaadcafe';
export { olderSha, oldestSha, repo, sha };

export type Cast = {
  readonly entry: ReporterEntry;
  readonly system: Pick<Order, 'forge'>;
  /** Settings without which the reporter has no credential. */
  readonly bare: Scenario['bare'];
  readonly word: Stage['word'];
  start(setup: RepoSetup, now: () => number): Promise<StatusForge>;
  settings(forge: StatusForge): Readonly<Record<string, string>>;
};

export type CommitStage = Stage & {
  readonly forge: StatusForge;
  readonly clock: Clock;
  readonly log: Lines;
  reporter(
    changes?: Partial<Order>,
    settings?: Readonly<Record<string, string>>,
    verb?: Verb,
  ): ReturnType<ReporterEntry['open']>;
};

/** A forge with one repository of three commits, and everything around one reporter of commit statuses. */
export async function onCommitStage(
  cast: Cast,
  play: (stage: CommitStage) => Promise<void>,
): Promise<void> {
  const { entry, word } = cast;
  const clock = handClock();
  const log = listeningLog();
  const at = (index: number) => clock.now() - (9 - index) * 3_600_000;
  const commits = [oldestSha, olderSha, sha].map((each, index) => ({ sha: each, at: at(index) }));
  const setup = { commits, branches: { main: sha, 'feature/one#1': olderSha }, tags: { v1: sha } };
  const forge = await cast.start(setup, clock.now);
  const base = cast.settings(forge);
  const opened: { close(): void }[] = [];
  const orderOf: Stage['orderOf'] = (changes = {}) => ({
    ...{ runKey, repo, commit: sha, ref: 'main', environment: 'production' },
    ...{ seq: clock.now() - 60_000, expiry: clock.now() + 55 * 60_000 },
    ...{ system: 'none', task: 'deploy', payload: {}, startedBy: 'caller' as const },
    ...{ ciPostsTerminal: false, written: {}, logUrls: ['https://ci.example/acme/shop/7/1/2'] },
    ...cast.system,
    ...changes,
  });
  const stage: CommitStage = {
    ...{ entry, forge, clock, log, word, orderOf },
    signal: new AbortController().signal,
    loaded: (more = {}) => loadedOf(entry.settings, { ...base, ...more }),
    reporter(changes, settings, verb = 'deploy') {
      const http = httpOf(clock, log);
      opened.push(http);
      return entry.open(stage.loaded(settings), orderOf(changes), { verb, http, clock, log });
    },
    open: (changes, settings) => stage.reporter(changes, settings),
    heard: () =>
      forge.taken
        .filter((row) => row.sha === sha)
        .map(({ state, description }) => ({ state, description })),
    spoil: forge.spoil,
    writes: () => forge.requests.filter((each) => !each.startsWith('GET ')).length,
    lines: log.lines,
    secrets: [token],
    advance: clock.advance,
  };
  try {
    await play(stage);
    if (forge.complaints.length > 0) throw new Error(forge.complaints.join('\n'));
  } finally {
    for (const http of opened) http.close();
    await forge.close();
  }
}

export const commitScenario = (cast: Cast): Scenario => ({
  entry: cast.entry,
  bare: cast.bare,
  play: (work) => onCommitStage(cast, work),
});
