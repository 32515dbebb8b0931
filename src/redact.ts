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
  const bytes = Array.from(patternsOf(secrets), (form) => Buffer.from(form, 'utf8'));
  const start = createReplacer(bytes.map((form) => ({ bytes: form, shown: mask })));
  return {
    text: (text) => (bytes.length === 0 ? text : replaceText(start(), text)),
    stream: start,
  };
}

/** Every text that gives a secret away: itself, its lines, and both as programs encode them. */
function patternsOf(secrets: readonly string[]): ReadonlySet<string> {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const shape of shapesOf(secret.toWellFormed())) {
      if (shape.length >= shortestSecret) addForms(forms, shape);
    }
    for (const line of secret.includes('\n') ? linesOf(secret) : []) {
      forms.add(line);
      addJson(forms, line, signsIn(line));
    }
  }
  return forms;
}

function addForms(forms: Set<string>, text: string): void {
  forms.add(text);
  addBase64(forms, text);
  const signs = signsIn(text);
  if (signs === 0) return;
  addUrls(forms, text, signs);
  const quoted = addJson(forms, text, signs);
  if (quoted !== text) addBase64(forms, quoted);
}

/** Without the blanks around it; and as whoever makes one clean line of a text leaves it. */
function shapesOf(secret: string): readonly string[] {
  const trimmed = secret.trim();
  return (signsIn(trimmed) & (blank | foreign)) === 0
    ? [trimmed]
    : [...new Set([trimmed, withoutControls(trimmed), trimmed.replace(/\s+/g, ' ')])];
}

// What an encoding would change. Looked for by hand, once, for a run has few secrets and each regular expression
// takes a tenth of a millisecond to compile.
const reserved = 1;
const quotable = 2;
const blank = 4;
const foreign = 8;
const html = 16;
const odd = 32;

/** Which kinds of characters there are besides letters, digits and `_.-`, which everybody leaves alone. */
function signsIn(text: string): number {
  let signs = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isWord =
      (code > 96 && code < 123) || (code > 47 && code < 58) || (code > 64 && code < 91);
    if (isWord || code === 95 || code === 45 || code === 46) continue;
    if (code < 33) signs |= blank | quotable;
    else if (code > 126) signs |= foreign;
    else if (code === 34 || code === 92) signs |= quotable | odd;
    else if (code === 60 || code === 62 || code === 38) signs |= html | odd;
    else if ("!'()*~".includes(text[at] as string)) signs |= odd;
    else if (!'/:?=@&+$,;%#'.includes(text[at] as string)) signs |= odd;
    else signs |= reserved;
  }
  return signs;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line.length >= shortestLine);
}

/** A remote's words may hold escapes; a person's terminal, and Drone's card reader, shall not obey them. */
export const withoutControls = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '')
    .replace(/\n+$/, '');

function addUrls(forms: Set<string>, text: string, signs: number): void {
  const component = encodeURIComponent(text);
  const urls = new Set([component, encodeURI(text)]);
  if ((signs & ~reserved) !== 0) {
    urls.add(component.replace(/[!'()*]/g, hexOf));
    urls.add(new URLSearchParams({ '': text }).toString().slice(1));
    for (const form of inLinks(text)) urls.add(form);
  }
  for (const form of urls) {
    forms.add(form);
    if (form.includes('%')) forms.add(form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  }
}
const hexOf = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** What becomes of it in a link that was read as a URL, which leaves most characters alone. */
function inLinks(text: string): readonly string[] {
  const url = new URL('https://a');
  url.pathname = text;
  url.search = text;
  url.hash = text;
  return [url.pathname.slice(1), url.search.slice(1), url.hash.slice(1)];
}

/** As JavaScript, Go (for HTML), PHP and Python (ASCII only) write a string; returns the first of these. */
function addJson(forms: Set<string>, text: string, signs: number): string {
  if (signs === 0) return text;
  const plain = JSON.stringify(text).slice(1, -1);
  const json = [plain];
  if (text.includes('/')) json.push(plain.replaceAll('/', '\\/'));
  // As a text within a text, which is how one service quotes another.
  if (plain !== text) json.push(JSON.stringify(plain).slice(1, -1));
  if ((signs & foreign) !== 0) {
    json.push(...json.map((form) => form.replace(/[\u0080-\uffff]/g, unicode)));
  }
  if ((signs & (html | foreign)) !== 0) json.push(plain.replace(/[<>&\u2028\u2029]/g, unicode));
  for (const form of json) forms.add(form);
  return plain;
}
const unicode = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * As it stands in base64, whatever came before it in the same text (`user:TOKEN`): three alignments, each
 * as far as the secret alone decides the digits, and to the end in case nothing follows it.
 */
function addBase64(forms: Set<string>, text: string): void {
  for (const lead of [0, 1, 2]) {
    const bytes = Buffer.from(lead === 0 ? text : '\0'.repeat(lead) + text, 'utf8');
    const padded = bytes.toString('base64');
    const from = Math.ceil((lead * 8) / 6);
    const sure = Math.floor((bytes.length * 8) / 6);
    addDigits(forms, padded.slice(from, sure));
    addDigits(forms, padded.slice(from, Math.ceil((bytes.length * 8) / 6)));
    addDigits(forms, padded.slice(from));
    // `base64` wraps its output; only a text that starts with the secret can be foreseen.
    for (const width of lead === 0 ? [64, 76] : []) {
      if (sure <= width) continue;
      for (const line of cut(padded.slice(0, sure), width)) addDigits(forms, line);
    }
  }
}

/** In both alphabets. */
function addDigits(forms: Set<string>, digits: string): void {
  forms.add(digits);
  if (digits.includes('+') || digits.includes('/')) {
    forms.add(digits.replaceAll('+', '-').replaceAll('/', '_'));
  }
}

function cut(text: string, width: number): readonly string[] {
  const count = Math.ceil(text.length / width);
  return Array.from({ length: count }, (_, i) => text.slice(i * width, (i + 1) * width)).filter(
    (line) => line.length >= shortestLine,
  );
}
