import type { Order } from '../../src/order.ts';
import type { Reporter, Verb } from '../../src/reporters/reporter.ts';
import { slack as entry } from '../../src/reporters/slack.ts';
import type { Loaded } from '../../src/settings/load.ts';
import { type State, type Status, subjectOf } from '../../src/status.ts';
import {
  type HandClock,
  handClock,
  httpOf,
  type Lines,
  listeningLog,
  loadedOf,
} from '../forges/github/stage.ts';
import { readable } from '../support/slack/block-kit.ts';
import {
  deploys,
  type FakeSlack,
  type FakeSlackOptions,
  fakeSlack,
} from '../support/slack/fake-slack.ts';
import type { Message, Version } from '../support/slack/world.ts';
import type { Scenario } from './contract.ts';

type Settings = Readonly<Record<string, string>>;
export type Stage = {
  readonly slack: FakeSlack;
  readonly clock: HandClock;
  readonly log: Lines;
  readonly signal: AbortSignal;
  orderOf(changes?: Partial<Order>): Order;
  loaded(settings?: Settings): Loaded;
  open(changes?: Partial<Order>, settings?: Settings, verb?: Verb): Reporter;
  /** As a run tells it. */
  status(state: State, more?: Partial<Status>): Status;
};

const minute = 60_000;

/** A Slack with one channel, and everything around one reporter. */
export async function onStage(
  play: (stage: Stage) => Promise<void>,
  options: FakeSlackOptions = {},
  timeoutMs = 2000,
): Promise<void> {
  const clock = handClock();
  const log = listeningLog();
  const slack = await fakeSlack({ now: clock.now, ...options });
  const http = httpOf(clock, log, timeoutMs);
  const byToken = {
    slack_token: slack.token,
    slack_channel: deploys.id,
    slack_api_url: slack.url,
  };
  const stage: Stage = {
    ...{ slack, clock, log, signal: new AbortController().signal },
    orderOf: (changes = {}) => ({
      ...{ runKey: '0123456789abcdef0123', repo: 'octo/hello', environment: 'production' },
      ...{ commit: 'c'.repeat(40), ref: 'main', actor: 'octocat', task: 'deploy', payload: {} },
      ...{ seq: clock.now() - minute, expiry: clock.now() + 55 * minute, system: 'none' },
      ...{ startedBy: 'caller' as const, ciPostsTerminal: false, written: {} },
      logUrls: ['https://ci.example/octo/hello/7'],
      ...changes,
    }),
    loaded: (settings = {}) => loadedOf(entry.settings, { ...byToken, ...settings }),
    open: (changes, settings, verb = 'deploy') =>
      entry.open(stage.loaded(settings), stage.orderOf(changes), { verb, http, clock, log }),
    status: (state, more = {}) => ({
      state,
      description: `It is ${state}`,
      of: subjectOf(stage.orderOf(), (text) => text),
      ...more,
    }),
  };
  try {
    await play(stage);
    slack.assertClean();
  } finally {
    http.close();
    await slack.close();
  }
}

/** Settings of a reporter that has the webhook alone. */
export const byWebhook = ({ webhookUrl }: FakeSlack): Settings => ({
  slack_token: '',
  slack_channel: '',
  slack_webhook_url: webhookUrl,
});

type Blocks = readonly {
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}[];

/** Every text of the blocks, as Slack is sent it. */
export const textsOf = ({ blocks }: Version): readonly string[] =>
  (blocks as Blocks).flatMap(({ text, elements = [] }) => [
    ...(text ? [text.text] : []),
    ...elements.map((element) => element.text),
  ]);

/** State and description of everything that a message ever said. */
export const saidIn = ({ versions }: Message) =>
  versions.map((version) => {
    const payload = version.metadata?.event_payload as Record<string, string> | undefined;
    const [first = ''] = textsOf(version);
    const description = readable(first.slice(first.indexOf('\n') + 1));
    return { state: payload?.slipway_state ?? '', description };
  });

/** The contract's stage. */
export const scenario: Scenario = {
  entry,
  bare: { slack_token: '' },
  play: (work) =>
    onStage(({ slack, clock, log, signal, ...stage }) => {
      const faults = {
        'lost before': 'cut',
        'lost after': 'cut-after',
        'refused credential': { error: 'invalid_auth' },
        'under maintenance': { status: 200, text: '{"state":"under maintenance"}' },
      } as const;
      return work({
        ...{ entry, signal, lines: log.lines, secrets: [slack.token], advance: clock.advance },
        ...{ orderOf: stage.orderOf, loaded: stage.loaded, open: stage.open },
        heard: () => slack.tops().flatMap(saidIn),
        word: (state) => state,
        spoil: (how) => {
          for (const method of ['chat.postMessage', 'chat.update']) slack.fail(method, faults[how]);
        },
        writes: slack.writes,
      });
    }),
};
