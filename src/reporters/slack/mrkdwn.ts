/*
 * Slack's own mark-up. `<` and `&` begin everything in it that reaches people or leads somewhere, so a text in which
 * they are escaped mentions nobody.
 * https://docs.slack.dev/messaging/formatting-message-text
 */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** What nobody sees, and what turns round the letters beside it. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const escaped = (text: string): string =>
  text.replace(unseen, '').replace(/[&<>]/g, (char) => entities[char] ?? char);

/** One text as people shall read it, of at most so many characters as Slack counts them: escaped. */
export function plain(text: string, most: number): string {
  const points = [...text.toWellFormed()].map(escaped);
  const length = points.reduce((sum, point) => sum + point.length, 0);
  if (length <= most) return points.join('');
  let left = most - 1;
  const kept = points.findIndex((point) => {
    left -= point.length;
    return left < 0;
  });
  return `${points.slice(0, kept).join('')}…`;
}

export const bold = (text: string): string => `*${text}*`;
/** Nothing within is mark-up, but for what would end it. */
export const code = (text: string, most: number): string =>
  `\`${plain(text.replaceAll('`', "'"), most)}\``;

/** undefined: nothing that people should open. */
export function link(target: string | undefined, label: string): string | undefined {
  const url = target && URL.parse(target);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const address = escaped(url.href.replaceAll('|', '%7C').replaceAll('>', '%3E'));
  return address.length <= longestLink ? `<${address}|${label}>` : undefined;
}
const longestLink = 1000;

/** The last whole lines that fit, as they are. */
export function fenced(text: string, most: number): string {
  const lines = text.replaceAll('```', "'''").split('\n');
  let left = most - 8;
  let from = lines.length;
  for (; from > 0; from -= 1) {
    left -= escaped(lines[from - 1] ?? '').length + 1;
    if (left < 0) break;
  }
  const kept = lines.slice(from);
  const body = kept.length > 0 ? escaped(kept.join('\n')) : plain(lines.at(-1) ?? '', most - 8);
  return `\`\`\`\n${body}\n\`\`\``;
}

/** Who is told by name: the only text of ours that reaches people. */
export function mention(id: string): string {
  if (id === 'here' || id === 'channel') return `<!${id}>`;
  return id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`;
}
