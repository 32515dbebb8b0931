import { createReplacer, type ReplacingStream, replaceText } from './replacer.ts';

/** Masks secrets in whatever leaves the process. */
export type Redactor = {
  text(text: string): string;
  /** For bytes that come in pieces, cut anywhere. One stream for each source of bytes. */
  stream(): ReplacingStream;
};

const mask = Buffer.from('***');
// Masking every `on` or `42` would garble the log and hide nothing.
const shortestSecret = 4;
const shortestLine = 8;

export function createRedactor(secrets: readonly string[]): Redactor {
  const bytes = patternsOf(secrets).map((form) => Buffer.from(form, 'utf8'));
  const start = createReplacer(bytes.map((form) => ({ bytes: form, shown: mask })));
  return {
    text: (text) => (bytes.length === 0 ? text : replaceText(start(), text)),
    stream: start,
  };
}

/** Every text that gives a secret away: itself, its lines, and both as programs encode them. */
function patternsOf(secrets: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const raw of secrets) {
    const secret = raw.toWellFormed();
    for (const form of [secret, secret.trim()]) {
      if (form.length < shortestSecret) continue;
      for (const text of [form, ...inUrls(form), ...inJson(form), ...inBase64(form)]) {
        forms.add(text);
      }
    }
    for (const line of secret.includes('\n') ? linesOf(secret) : []) {
      for (const text of [line, ...inJson(line)]) forms.add(text);
    }
  }
  return [...forms];
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestLine);

function inUrls(text: string): readonly string[] {
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [component, strict, form, encodeURI(text)].flatMap((upper) =>
    ['toUpperCase' as const, 'toLowerCase' as const].map((change) =>
      upper.replace(/%[0-9a-f]{2}/gi, (code) => code[change]()),
    ),
  );
}

/** As JavaScript, Go (for HTML), PHP and Python (ASCII only) write a string. */
function inJson(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const slashed = plain.replaceAll('/', '\\/');
  const unicode = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const forHtml = plain.replace(/[<>&\u2028\u2029]/g, unicode);
  return [plain, slashed, forHtml, ascii(plain, unicode), ascii(slashed, unicode)];
}
const ascii = (text: string, write: (c: string) => string): string =>
  text.replace(/[\u0080-\uffff]/g, write);

/**
 * As it stands in base64, whatever came before it in the same text (`user:TOKEN`): three alignments, each
 * as far as the secret alone decides the digits, and to the end in case nothing follows it.
 */
function inBase64(text: string): readonly string[] {
  const secret = Buffer.from(text, 'utf8');
  const forms: string[] = [];
  for (const lead of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(lead), secret]).toString('base64');
    const from = Math.ceil((lead * 8) / 6);
    const sure = padded.slice(from, Math.floor(((lead + secret.length) * 8) / 6));
    forms.push(sure, padded.replace(/=+$/, '').slice(from), padded.slice(from));
    // `base64` wraps its output; only a text that starts with the secret can be foreseen.
    for (const width of lead === 0 ? [64, 76] : []) {
      if (sure.length > width) forms.push(...cut(sure, width));
    }
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function cut(text: string, width: number): readonly string[] {
  const count = Math.ceil(text.length / width);
  return Array.from({ length: count }, (_, i) => text.slice(i * width, (i + 1) * width)).filter(
    (line) => line.length >= shortestLine,
  );
}
