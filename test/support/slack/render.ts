import type { Message, Version } from './world.ts';

/*
 * A channel as Slack's client draws it, as far as our messages go: mrkdwn in sections and contexts. Slack's own signs
 * are pictures of a font that few machines have, so they are drawn.
 */

const signs: Readonly<Record<string, string>> = {
  white_check_mark:
    '<rect x="1" y="1" width="18" height="18" rx="4" fill="#2ca24c"/><path d="M5 10l4 4 7-8" stroke="#fff" stroke-width="2.5" fill="none"/>',
  x: '<path d="M4 4l12 12M16 4L4 16" stroke="#dd2e44" stroke-width="4" stroke-linecap="round"/>',
  rocket:
    '<path d="M10 1c4 3 5 8 3 13H7C5 9 6 4 10 1z" fill="#8899a6"/><circle cx="10" cy="8" r="2" fill="#fff"/><path d="M7 14l-3 4 4-1zM13 14l3 4-4-1z" fill="#a0041e"/><path d="M8 15l2 5 2-5z" fill="#f4900c"/>',
};
const sign = (name: string): string =>
  signs[name]
    ? `<svg class="sign" viewBox="0 0 20 20" aria-label="${name}">${signs[name]}</svg>`
    : `:${name}:`;

/** Its entities are those of HTML, so what is left between sequences can stand as it is. */
function mrkdwn(text: string): string {
  return text
    .split(/(```[\s\S]*?```|`[^`\n]+`|<[^<>]+>)/)
    .map((part) => {
      if (part.startsWith('```')) return `<pre>${part.slice(3, -3).trim()}</pre>`;
      if (part.startsWith('`')) return `<code>${part.slice(1, -1)}</code>`;
      if (part.startsWith('<')) return sequence(part.slice(1, -1));
      return part
        .replace(/:([a-z_]+):/g, (_, name: string) => sign(name))
        .replace(/(^|\s)\*([^*\n]+)\*/g, '$1<b>$2</b>')
        .replaceAll('\n', '<br>');
    })
    .join('');
}

function sequence(inner: string): string {
  const [target = '', label = target] = inner.split('|');
  if (/^https?:/.test(target)) return `<a href="${target.replaceAll('"', '&quot;')}">${label}</a>`;
  return `<span class="call">@${target.replace(/^[@!]/, '')}</span>`;
}

type Block = {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
};
const block = ({ type, text, elements = [] }: Block): string =>
  `<div class="${type}">${mrkdwn(text?.text ?? elements.map((element) => element.text).join(' '))}</div>`;

const time = (version: Version | undefined): string =>
  new Date(version?.at ?? 0).toISOString().slice(11, 16);

function bubble(message: Message, all: readonly Message[]): string {
  const last = message.versions.at(-1);
  const replies = all.filter(({ thread }) => thread === message.ts).length;
  const above = message.isBroadcast ? '<div class="over">replied to a thread</div>' : '';
  const below = replies > 0 ? `<div class="replies">${replies} reply</div>` : '';
  const who = `<b>slipway</b> <i>APP</i> <time>${time(message.versions[0])}</time>`;
  const said = ((last?.blocks ?? []) as unknown as readonly Block[]).map(block).join('');
  return `<article><div class="face"></div><div>${who}${above}${said}${below}</div></article>`;
}

const style = `
  body { margin: 0; background: #fff; font: 15px/1.46 "Slack-Lato", "Lato", "DejaVu Sans", sans-serif; color: #1d1c1d }
  #channel { width: 720px; padding: 8px 20px }
  article { display: flex; gap: 10px; padding: 8px 0 }
  .face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: linear-gradient(135deg, #1264a3, #2ca24c) }
  i { font-style: normal; font-size: 10px; background: #ddd; color: #616061; padding: 1px 3px; border-radius: 2px }
  time, .over, .context { color: #616061; font-size: 12px }
  .context { padding: 2px 0 }
  a { color: #1264a3; text-decoration: none }
  code { font: 12px "DejaVu Sans Mono", monospace; color: #c01343; border: 1px solid #ddd; background: #f8f8f8; border-radius: 3px; padding: 1px 3px }
  pre { font: 12px/1.5 "DejaVu Sans Mono", monospace; border: 1px solid #ddd; background: #f8f8f8; border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap }
  .call { color: #1264a3; background: #e8f5fa; border-radius: 3px; padding: 0 2px }
  .sign { width: 19px; height: 19px; vertical-align: -4px }
  .replies { color: #1264a3; font-size: 13px; font-weight: bold }
`;

export const channelPage = (messages: readonly Message[]): string => {
  const shown = messages.filter(({ thread, isBroadcast }) => thread === undefined || isBroadcast);
  const body = shown.map((message) => bubble(message, messages)).join('');
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><div id="channel">${body}</div>`;
};
