import { durationText } from '../../duration.ts';
import { shortCommit } from '../../order.ts';
import type { End, State, Status } from '../../status.ts';
import { bold, code, fenced, link, mention, plain } from './mrkdwn.ts';

type Block = Readonly<Record<string, unknown>>;
/** `text` is what notifications and screen readers say. */
export type Message = { readonly text: string; readonly blocks: readonly Block[] };

type Word = readonly [sign: string, word: string, rollback?: string];
const wordOf: Readonly<Record<State, Word>> = {
  queued: ['hourglass_flowing_sand', 'Waiting'],
  pending: ['hourglass_flowing_sand', 'Pending'],
  in_progress: ['rocket', 'Deploying', 'Rolling back'],
  success: ['white_check_mark', 'Deployed', 'Rolled back'],
  failure: ['x', 'Failed'],
  error: ['x', 'Error'],
  timed_out: ['alarm_clock', 'Timed out'],
  cancelled: ['no_entry_sign', 'Cancelled'],
  superseded: ['fast_forward', 'Superseded'],
  inactive: ['zzz', 'Inactive'],
};

/** An end that somebody has to look at. */
export const isFailure = (state: State): boolean =>
  ['failure', 'error', 'timed_out'].includes(state);

/** A section's text holds 3000 characters, and the whole message about 13,000. */
const longestText = 2900;
const longestLine = 2400;

/** The run as it stands; `recovered`: the deploy of the slot before this one failed. */
export function messageOf(status: Status, recovered: boolean, most = longestLine): Message {
  const title = titleOf(status, recovered);
  const line = lineOf(status, most);
  const facts = factsOf(status);
  const [sign] = wordOf[status.state];
  return {
    text: `${title}: ${line}`,
    blocks: [
      section(`:${sign}: ${bold(title)}\n${line}`),
      ...(facts ? [{ type: 'context', elements: [markedUp(facts)] }] : []),
    ],
  };
}

/** What is said of a failure where everybody sees it, with the end of the log. */
export function alarmOf(status: Status, mentions: readonly string[]): Message {
  const title = titleOf(status, false);
  const calls = callsOf(mentions);
  const line = lineOf(status, longestLine - calls.length);
  return {
    text: `${calls}${title}: ${line}`,
    blocks: [section(`${calls}${bold(title)}: ${line}`), ...tailOf(status.end)],
  };
}

/** Both in one, for an audience that gets one message. */
export function wholeOf(status: Status, recovered: boolean, mentions: readonly string[]): Message {
  if (!isFailure(status.state)) return messageOf(status, recovered);
  const calls = callsOf(mentions);
  const message = messageOf(status, recovered, longestLine - calls.length);
  return {
    text: `${calls}${message.text}`,
    blocks: [...message.blocks, ...(calls ? [section(calls)] : []), ...tailOf(status.end)],
  };
}

const lineOf = ({ description }: Status, most = longestLine): string =>
  plain(description.replace(/\s+/g, ' ').trim(), most);

const callsOf = (mentions: readonly string[]): string =>
  mentions.map((id) => `${mention(id)} `).join('');

/** `Deployed · octo/hello · production/api`, ready to be shown. */
function titleOf({ state, of }: Status, recovered: boolean): string {
  const [, word, rollback] = wordOf[state];
  const verb = of?.task.startsWith('rollback') ? (rollback ?? word) : word;
  const place = [of?.environment, of?.component].filter(Boolean).join('/');
  const parts = [recovered ? 'Recovered' : verb, of?.repo, place].filter(Boolean);
  return plain(parts.join(' · '), 300);
}

/** Nothing where nothing is known. */
function factsOf({ of, end, environmentUrl }: Status): string {
  const facts = [
    of?.commit && code(shortCommit(of.commit), 128),
    of?.ref && code(of.ref.replace(/^refs\/(?:heads|tags)\//, ''), 100),
    of?.actor && `by ${plain(of.actor, 80)}`,
    end && durationText(end.tookMs),
    link(environmentUrl, 'Open'),
    link(of?.logUrl, 'Log'),
    link(of?.deploymentUrl, 'Deployment'),
  ];
  return facts.filter(Boolean).join(' · ');
}

const tailOf = ({ tail }: Partial<End> = {}): readonly Block[] =>
  tail?.trim() ? [section(fenced(tail.trimEnd(), longestText))] : [];

/** `verbatim`: Slack makes no channel, person or link of what only looks like one. */
const markedUp = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): Block => ({ type: 'section', text: markedUp(text) });
