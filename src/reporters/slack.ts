import { type Fault, SettingsError } from '../errors.ts';
import type { Memory } from '../forges/forge.ts';
import type { Order } from '../order.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import type { Reporter, ReporterDeps, ReporterEntry } from './reporter.ts';
import type { Parts } from './slack/parts.ts';
import { slackSettings } from './slack/settings.ts';

export const slack: ReporterEntry = {
  id: 'slack',
  about: 'One message a run in a channel of Slack, kept up to date.',
  forge: undefined,
  settings: slackSettings,
  credentials(loaded) {
    const { slackToken, slackWebhookUrl, slackApiUrl } = valuesOf(loaded);
    if (slackToken) return [{ setting: 'slack_token', host: new URL(slackApiUrl).host }];
    if (!slackWebhookUrl) return [];
    return [{ setting: 'slack_webhook_url', host: new URL(slackWebhookUrl).host }];
  },
  auto(loaded) {
    const { slackToken, slackWebhookUrl } = valuesOf(loaded);
    if (slackToken) return { wanted: true, why: 'slack_token is set' };
    if (slackWebhookUrl) return { wanted: true, why: 'slack_webhook_url is set' };
    return { wanted: false, why: 'no slack_token' };
  },
  open(loaded, order, deps) {
    const faults = faultsOf(valuesOf(loaded));
    if (faults.length > 0) throw new SettingsError(faults);
    const { slackToken, slackChannel } = valuesOf(loaded);
    if (!slackToken && slackChannel) {
      deps.log.warn('slack_channel is not used: a webhook writes to the channel it was made for');
    }
    return createReporter(loaded, order, deps);
  },
};

type SlackValues = Values<typeof slackSettings>;
const valuesOf = (loaded: Loaded): SlackValues => loaded.values as SlackValues;

/** Slack limits how often one channel is written to. */
const paceMs = 3000;

function faultsOf(values: SlackValues): readonly Fault[] {
  const { slackToken, slackChannel, slackWebhookUrl, slackApiUrl } = values;
  const token = (message: string): readonly Fault[] => [{ name: 'slack_token', message }];
  if (!slackToken) {
    const message = 'is required to tell Slack, with slack_channel (or slack_webhook_url alone)';
    return slackWebhookUrl ? [] : token(message);
  }
  return [
    ...(/^https?:/.test(slackToken)
      ? token('is an address: that of a webhook is slack_webhook_url')
      : []),
    ...(slackToken.startsWith('xapp-')
      ? token('must be a bot token (xoxb-…), not the app-level one')
      : []),
    ...(slackChannel ? [] : [{ name: 'slack_channel', message: 'is required with slack_token' }]),
    ...(/[?#]/.test(slackApiUrl)
      ? [
          {
            name: 'slack_api_url',
            message: 'must end with its path, such as https://slack.com/api',
          },
        ]
      : []),
  ];
}

function createReporter(loaded: Loaded, order: Order, deps: ReporterDeps): Reporter {
  let parts: Parts | undefined;
  // With the first word, for most runs say none.
  const load = async (): Promise<Parts> => {
    const { partsOf } = await import('./slack/parts.ts');
    parts ??= partsOf(loaded, order, deps);
    return parts;
  };
  const memory: Memory = {
    ahead: () => parts?.memory?.ahead() ?? 0,
    survey: async (...all) => (await (await load()).memory?.survey(...all)) ?? [],
    close: async (...all) => (await load()).memory?.close(...all),
  };
  return {
    id: slack.id,
    required: false,
    forge: undefined,
    paceMs,
    ...(valuesOf(loaded).slackToken ? { memory } : {}),
    async post(status, signal, until) {
      await (await load()).speaker.say(status, { signal, until });
      return 'posted';
    },
    check: async (signal) => (await load()).check(signal),
  };
}
