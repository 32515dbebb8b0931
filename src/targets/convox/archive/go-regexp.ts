/**
 * A regular expression of Go's as one of JavaScript's. The vendor makes its patterns into Go's and leaves in them what
 * `.dockerignore` never meant to be special, so `a+b` matches `aab` and `(x)` matches `x`; so do we.
 * Throws a SyntaxError where Go has none, and for escapes of letters that nobody writes (`\p`, `\Q`, `\1`).
 */
export function goRegExp(source: string): RegExp {
  let body = '';
  for (let at = 0; at < source.length; ) {
    piece.lastIndex = at;
    const found = piece.exec(source);
    if (!found) throw new SyntaxError(`${source.slice(at)} is not understood`);
    body += translated(found[0]);
    at = piece.lastIndex;
  }
  return new RegExp(body, 'v');
}

const named = String.raw`\[:.*?:\]`;
const escaped = String.raw`\\(?:x[\da-fA-F]{2}|.)`;
const inClass = String.raw`${named}|${escaped}|\[(?!:.*:\])`;
// A class, a repetition, an escaped, or one sign. In a class the first sign may be `]`.
const piece = new RegExp(
  String.raw`\[\^?(?:${inClass}|[^\\[])(?:${inClass}|[^\]\\[])*\]|\{(?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?\}|${escaped}|[^\\[]`,
  'suy',
);

function translated(found: string): string {
  const [sign = ''] = found;
  if (sign === '[') return classOf(found);
  if (sign === '\\') return assertions[found] ?? setOf(found) ?? literal(signOf(found));
  if (sign === '{' && found.length > 1) return repetition(found);
  if (sign === '^') return '(?:^)';
  if (sign === '.') return '[^\\n]';
  return '*+?()|$'.includes(sign) ? sign : literal(sign);
}

const assertions: Readonly<Record<string, string>> = {
  '\\A': '(?:^)',
  '\\z': '(?:$)',
  '\\b': '(?:\\b)',
  '\\B': '(?:\\B)',
};

const literal = (sign: string): string => `\\u{${sign.codePointAt(0)?.toString(16)}}`;

function repetition(found: string): string {
  if ((found.match(/\d+/g) ?? []).some((count) => Number(count) > 1000)) {
    throw new SyntaxError(`${found} repeats too often`);
  }
  return found;
}

// Go's classes know ASCII only.
const sets: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
};
const posix: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** `\d`, `\W`, …, as a class of its own; with the flag `v` it may stand in another one. */
function setOf(found: string): string | undefined {
  const letter = found.length === 2 ? (found[1] ?? '') : '';
  const members = sets[letter.toLowerCase()];
  return members && `[${letter === letter.toLowerCase() ? '' : '^'}${members}]`;
}

const member = new RegExp(
  String.raw`(${named})|(\\[dDsSwW])|(${escaped}|.)(?:-(${escaped}|.))?`,
  'sug',
);

function classOf(found: string): string {
  const [, not = '', inner = ''] = /^\[(\^?)(.*)\]$/s.exec(found) ?? [];
  const members = inner.replace(member, (_, name, set, low, high) => {
    if (name) return namedClass(name);
    if (set) return setOf(set) ?? '';
    return literal(signOf(low)) + (high ? `-${literal(signOf(high))}` : '');
  });
  return `[${not}${members}]`;
}

function namedClass(found: string): string {
  const [, not = '', name = ''] = /^\[:(\^?)(\w*):\]$/.exec(found) ?? [];
  const members = posix[name];
  if (!members) throw new SyntaxError(`${found} is not understood`);
  return `[${not}${members}]`;
}

const spelled: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The one sign that an escaped stands for. */
function signOf(found: string): string {
  if (!found.startsWith('\\')) return found;
  const [, sign = ''] = found;
  if (found.length === 4) return String.fromCodePoint(Number.parseInt(found.slice(2), 16));
  const meant = /[\dA-Za-z]|[^\0-\x7f]/.test(sign) ? spelled[sign] : sign;
  if (meant === undefined) throw new SyntaxError(`${found} is not understood`);
  return meant;
}
