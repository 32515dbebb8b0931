import type { Memory } from '../../forges/forge.ts';
import { type Marker, markerOf } from '../../identity.ts';
import type { Order } from '../../order.ts';
import { type Values, yamlName } from '../../settings/define.ts';
import type { Loaded } from '../../settings/load.ts';
import type { Finding } from '../../targets/target.ts';
import type { ReporterDeps } from '../reporter.ts';
import { createAnnouncement } from './announcement.ts';
import { createSlack } from './api.ts';
import { createConversation, type Speaker } from './conversation.ts';
import type { Names } from './explain.ts';
import { createMemory } from './memory.ts';
import { createPast } from './past.ts';
import { probe } from './probe.ts';
import { occasions, type slackSettings } from './settings.ts';
import { createWire } from './wire.ts';

/** Everything of a reporter that speaks; loaded with its first word. */
export type Parts = {
  readonly speaker: Speaker;
  readonly memory: Memory | undefined;
  check(signal: AbortSignal): Promise<readonly Finding[]>;
};

export function partsOf(loaded: Loaded, order: Order, deps: ReporterDeps): Parts {
  const values = loaded.values as Values<typeof slackSettings>;
  const names = namesIn(loaded);
  const { slackToken: token, slackChannel = '', slackWebhookUrl = '', slackMention } = values;
  const { clock, log, verb } = deps;
  const wire = createWire(deps);
  if (!token) return announcing(slackWebhookUrl);
  const channel = slackChannel.replace(/^#/, '');
  const slack = createSlack({ wire, apiUrl: values.slackApiUrl, token, names });
  const own = (): Marker => markerOf(order, slack.ahead());
  const resumes = order.runId !== undefined;
  const past = createPast({ slack, clock, log, channel, marker: own(), resumes });
  const on = values.slackOn ?? occasions;
  return {
    speaker: createConversation({
      ...{ slack, clock, log, channel, past, on },
      own,
      mentions: slackMention,
    }),
    memory: createMemory({
      ...{ slack, channel, repo: order.repo },
      // In a run it is a kindness, and nobody's business.
      note: (text) => log[verb === 'reap' ? 'info' : 'debug'](text),
    }),
    check: (signal) => probe(slack, channel, names, { signal }),
  };

  function announcing(url: string): Parts {
    const on = values.slackOn ?? occasions.filter((occasion) => occasion !== 'start');
    const text = `whether ${names.webhook} works shows only when it is used`;
    return {
      speaker: createAnnouncement({ clock, wire, url, names, on, mentions: slackMention }),
      memory: undefined,
      check: async () => [{ ok: 'not provable', text }],
    };
  }
}

function namesIn({ origins }: Loaded): Names {
  const name = (key: string): string => origins.get(key) ?? yamlName(key);
  return {
    token: name('slackToken'),
    channel: name('slackChannel'),
    webhook: name('slackWebhookUrl'),
  };
}
