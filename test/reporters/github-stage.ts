import type { ReporterEntry } from '../../src/reporters/reporter.ts';
import { type Stage as GithubStage, loadedOf, onStage } from '../forges/github/stage.ts';
import { canned } from '../support/github/fake-github.ts';
import type { Scenario, Stage } from './contract.ts';

type Peculiar = {
  readonly entry: ReporterEntry;
  /** Path of the requests that post. */
  readonly posts: RegExp;
  readonly heard: (stage: GithubStage) => ReturnType<Stage['heard']>;
  readonly word: Stage['word'];
  readonly settings?: Readonly<Record<string, string>>;
};

/** The contract's stage on the strict fake GitHub. */
export function githubScenario({ entry, posts, heard, word, settings = {} }: Peculiar): Scenario {
  const faults = {
    'lost before': 'reset',
    'lost after': 'reset-after',
    'refused credential': canned.badCredentials,
    'under maintenance': { status: 200, body: '{"state":"under maintenance"}' },
  } as const;
  return {
    entry,
    bare: { github_token: '' },
    play: (work) =>
      onStage(async (stage) => {
        const { github, clock, log, signal } = stage;
        const base = { github_token: github.token, github_api_url: github.url, ...settings };
        await work({
          ...{ entry, signal, word },
          orderOf: stage.orderOf,
          loaded: (more = {}) => loadedOf(entry.settings, { ...base, ...more }),
          open: (changes, more) => stage.reporter(entry, { ...settings, ...more }, changes),
          heard: () => heard(stage),
          spoil: (how) => github.fail({ method: 'POST', path: posts, nth: 1, do: faults[how] }),
          writes: () =>
            github.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
              .length,
          lines: log.lines,
          secrets: [github.token],
          advance: clock.advance,
        });
      }),
  };
}
