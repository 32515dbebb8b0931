type Json = Readonly<Record<string, unknown>>;
type Complain = (fault: string) => void;

const limits = { blocks: 50, section: 3000, context: 10, fallback: 4000, whole: 13_000 };
/** The only sequences that mean something; everything else is escaped. */
const sequence =
  /<(?:https?:\/\/[^\s|<>]+\|[^|<>]+|@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>/g;

/** Complains of what Slack refuses, cuts off, or takes for something else than its author did. */
export function judgeMessage({ text, blocks }: Json, complain: Complain): void {
  if (typeof text !== 'string' || text.trim() === '') complain('there is no fallback text');
  else {
    if (text.length > limits.fallback) complain(`the fallback has ${text.length} characters`);
    judgeText(text, complain);
  }
  if (blocks === undefined) return;
  if (!Array.isArray(blocks) || blocks.length > limits.blocks) {
    complain('blocks are at most 50');
    return;
  }
  const size = JSON.stringify(blocks).length;
  if (size > limits.whole) complain(`the blocks have ${size} characters`);
  for (const block of blocks as readonly Json[]) judgeBlock(block, complain);
}

function judgeBlock({ type, text, elements, ...rest }: Json, complain: Complain): void {
  for (const name of Object.keys(rest)) complain(`a block has ${name}`);
  if (type === 'section') judgeObject(text, limits.section, complain);
  else if (type === 'context' && Array.isArray(elements) && elements.length > 0) {
    if (elements.length > limits.context) complain('a context has too many elements');
    for (const element of elements) judgeObject(element, limits.section, complain);
  } else complain(`a block is ${String(type)}`);
}

function judgeObject(object: unknown, most: number, complain: Complain): void {
  const { type, text, verbatim } = (object ?? {}) as Json;
  if (type !== 'mrkdwn' || typeof text !== 'string') complain('a text is not mrkdwn');
  else {
    if (verbatim !== true) complain('Slack would look for names in a text');
    if (text.length === 0 || text.length > most) complain(`a text has ${text.length} characters`);
    judgeText(text, complain);
  }
}

function judgeText(text: string, complain: Complain): void {
  const rest = text.replace(sequence, '').replace(/&(?:amp|lt|gt);/g, '');
  if (/[<>&]/.test(rest)) complain(`not escaped: ${rest}`);
  if (!text.isWellFormed()) complain('half a character');
}

/** Whom a text reaches. */
export const callsIn = (text: string): readonly string[] =>
  [...text.matchAll(/<(?:@|!)[^>]+>/g)].map(([call]) => call);

/** As people read it. */
export const readable = (text: string): string =>
  text
    .replace(/<[^<>|]+\|([^<>]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
