import { ArchiveError } from './archive-error.ts';
import { type ByteText, clean, shown, textOf } from './byte-text.ts';
import { goRegExp } from './go-regexp.ts';

/** One line of `.dockerignore`. */
export type Pattern = {
  /** `!`: what it matches stays. */
  readonly isException: boolean;
  readonly path: ByteText;
  /** How many folders deep it reaches: it takes what lies below that one too. */
  readonly depth: number;
  readonly matcher: RegExp;
};

/** As the vendor's packer reads the file, its two passes in one: a pattern is trimmed and cleaned in both. */
export function readPatterns(file: ByteText): readonly Pattern[] {
  return file
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .flatMap((line, index) => patternOf(line, index + 1) ?? []);
}

function patternOf(line: ByteText, number: number): Pattern | undefined {
  const text = line.startsWith('#') ? '' : trim(line.replace(/\r$/, ''));
  if (text === '') return undefined;
  const isException = text.startsWith('!');
  const rest = isException ? trim(text.slice(1)) : text;
  const relative = rest === '' ? '' : clean(rest).replace(/^\/(?=.)/s, '');
  const whole = clean(trim(isException ? `!${relative}` : relative));
  const isOne = whole.startsWith('!');
  const path = isOne ? whole.slice(1) : whole;
  if (path === '') throw refusal(number, line, 'illegal exclusion pattern: "!"');
  return {
    isException: isOne,
    path,
    depth: path.split('/').length,
    matcher: matcherOf(path, number, line),
  };
}

function matcherOf(path: ByteText, number: number, line: ByteText): RegExp {
  const glob = textOf(path);
  const [start = ''] = untilStar.exec(glob) ?? [];
  if (!wellFormed.test(start)) throw refusal(number, line, 'syntax error in pattern');
  try {
    return goRegExp(expressionOf(glob));
  } catch {
    throw refusal(number, line, 'syntax error in pattern: as a regular expression it is not valid');
  }
}

const refusal = (number: number, line: ByteText, why: string): ArchiveError =>
  new ArchiveError(`.dockerignore, line ${number}, ${shown(trim(line))}: ${why}`);

// Go's filepath.Match looks for bad patterns no further than it compares with `.`; the rest is its regexp's to judge.
const untilStar = /^(?:\**(?:\?|\\?\.)(?=\*))?\**(?:\\.?|\[(?:\\.|[^\]\\])*\]?|[^*\\[])*/su;
const wellFormed = /^(?:[^\\[]|\\.|\[\^?(?:(?:\\.|[^\]\\-])(?:-(?:\\.|[^\]\\-]))?)+\])*$/su;

/** The vendor's translation, sign by sign; it knows no classes, so that `[*]` becomes `[[^/]*]`. */
function expressionOf(glob: string): string {
  const body = glob.replace(/^\ufeff/, '').replace(/\*\*\/?|\\.|[*?.$]/gsu, (sign, at, all) => {
    if (sign.startsWith('**')) return at + sign.length === all.length ? '.*' : '(.*/)?';
    if (sign === '*') return '[^/]*';
    if (sign === '?') return '[^/]';
    return sign.startsWith('\\') ? sign : `\\${sign}`;
  });
  return `^${body}$`;
}

// Go's white space, in UTF-8.
const space =
  '(?:[\\t-\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80)+';
const edges = new RegExp(`^${space}|${space}$`, 'g');
const trim = (text: ByteText): ByteText => text.replace(edges, '');
