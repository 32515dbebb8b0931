import type { Table } from '../../settings/define.ts';
import {
  credential,
  list,
  listOf,
  matching,
  type Rule,
  secretUrl,
  url,
} from '../../settings/rules.ts';

export const occasions = ['start', 'success', 'failure', 'recovered'] as const;
export type Occasion = (typeof occasions)[number];

/** So many stand in one message with all else. */
const mostMentions = 50;
const mention = '@?(?:[UWS][A-Z0-9]{5,24}|here|channel)';
/** Ids, because Slack notifies nobody by name. */
const mentions: Rule<readonly string[]> = {
  ...list,
  must: `must be a list of at most ${mostMentions} member ids (\`U…\`), user group ids (\`S…\`), \`here\` or \`channel\`: Slack shows the id in the profile of a person, and in the address of a group`,
  json: {
    ...{ type: 'array', maxItems: mostMentions },
    items: { type: 'string', pattern: `^${mention}$` },
  },
  read: (raw) => {
    const items = list.read(raw);
    if (!items || items.length > mostMentions) return undefined;
    const isGood = items.every((item) => new RegExp(`^${mention}$`).test(item));
    return isGood ? items.map((item) => item.replace('@', '')) : undefined;
  },
};

const channel: Rule<string> = {
  ...matching(
    /^#?[^\s#@<>&|,.]{1,80}$/,
    'text',
    'must be the id of a channel (`C…`) or its name; in YAML a name with # needs quotes',
  ),
  loose: true,
};

export const slackSettings = {
  slackToken: {
    is: credential,
    about: 'Bot token of a Slack app with the scope `chat:write`.',
    secret: true,
  },
  slackChannel: {
    is: channel,
    about: 'Channel for the messages: its id, or its name.',
  },
  slackWebhookUrl: {
    is: secretUrl,
    about: 'Incoming webhook, instead of a token: no message of it can be updated.',
    secret: true,
  },
  slackOn: {
    is: listOf(...occasions),
    about: 'What Slack is told of; a message that is there is always kept true.',
    otherwise: 'start, success, failure and recovered; with a webhook all but start',
  },
  slackMention: {
    is: mentions,
    about:
      'Who is mentioned when a deploy fails: ids of members or user groups, `here`, `channel`.',
    default: [],
  },
  slackApiUrl: {
    is: url,
    about: "Base of Slack's Web API; GovSlack's is `https://slack-gov.com/api`.",
    default: 'https://slack.com/api',
  },
} as const satisfies Table;
