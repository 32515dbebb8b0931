import { isDeep } from '../depth.ts';

/**
 * How one setting is read, said twice: for text (variables and flags, as CI systems encode them) and as
 * JSON Schema (request bodies). A test holds the two together.
 */
export type Rule<T> = {
  /** The type as the docs name it. */
  readonly kind: string;
  /** Completes "NAME must …". */
  readonly must: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** undefined: not acceptable. Gets the text untrimmed. */
  read(raw: string): T | undefined;
  /** A sentence or a map of such: an unresolved `${…}` in it is the author's business, unless it is a secret. */
  readonly prose?: true;
  /** A script or a template, which may hold `${…}` even as a secret. */
  readonly template?: true;
  /** Any text will do, so nothing here shows that YAML changed a number on its way. */
  readonly loose?: true;
};

const lines = /\r?\n/;

// The look-ahead keeps a long run of blanks linear: a server matches this against what strangers send.
const oneLine = /^(?=.*\S)[^\u0000-\u001f\u007f]{1,8192}$/;
export const text: Rule<string> = {
  kind: 'text',
  must: 'must be one line of text',
  json: { type: 'string', pattern: oneLine.source },
  read: (raw) => (oneLine.test(raw.trim()) ? raw.trim() : undefined),
  loose: true,
};

/** Free text for people. */
export const prose: Rule<string> = {
  kind: 'text',
  must: 'must not be empty',
  json: { type: 'string', pattern: '\\S' },
  read: (raw) => raw.trim() || undefined,
  prose: true,
};

/** Text that is kept to the letter, but for the line break that a block scalar ends with. */
export const verbatim: Rule<string> = {
  ...prose,
  template: true,
  read: (raw) => (raw.trim() === '' ? undefined : raw.replace(/\n$/, '')),
};

/** A script. Drone joins a YAML list with commas, which nobody can undo; a JSON array is joined by newlines. */
export const script: Rule<string> = {
  ...prose,
  template: true,
  json: {
    anyOf: [
      { type: 'string', pattern: '\\S' },
      { type: 'array', items: { type: 'string' }, contains: { type: 'string', pattern: '\\S' } },
    ],
  },
  read: (raw) => {
    const items = raw.trimStart().startsWith('[') ? jsonOf(raw) : undefined;
    if (Array.isArray(items) && items.every((item) => typeof item === 'string')) {
      return items.join('\n').trim() === '' ? undefined : items.join('\n');
    }
    return raw.trim() === '' ? undefined : raw;
  },
};

const truths = new Map(
  ['true', '1', 'yes', 'on', 'y']
    .map((word): [string, boolean] => [word, true])
    .concat(['false', '0', 'no', 'off', 'n'].map((word): [string, boolean] => [word, false])),
);
export const bool: Rule<boolean> = {
  kind: 'bool',
  must: 'must be true or false',
  json: { type: 'boolean' },
  read: (raw) => truths.get(raw.trim().toLowerCase()),
};

export const whole = (min: number, max: number): Rule<number> => ({
  kind: 'int',
  must: `must be a whole number from ${min} to ${max}`,
  json: { type: 'integer', minimum: min, maximum: max },
  read: (raw) => {
    // 1e+06 is what YAML libraries make of 1000000.0.
    const value = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(raw.trim()) ? Number(raw) : Number.NaN;
    return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
  },
});

// Never more than 20 days, which a timer of Node can still count (it stops at 24).
const span = '(?:\\d{1,6}[sS]?|(?=\\d)(?:1?\\d{1,2}[hH])?(?:\\d{1,4}[mM])?(?:\\d{1,5}[sS])?)$';
const durationOf = (pattern: string, must: string): Rule<number> => ({
  kind: 'duration',
  must: `must be ${must} such as 90, 90s, 15m or 1h30m, at most 199h`,
  json: { type: 'string', pattern },
  read: (raw) => (new RegExp(pattern).test(plain(raw)) ? milliseconds(plain(raw)) : undefined),
});
/** Milliseconds; zero is one. */
export const duration: Rule<number> = durationOf(`^${span}`, 'a duration');
/** Milliseconds, for what cannot be over at once. */
export const lasting: Rule<number> = durationOf(`^(?=.*[1-9])${span}`, 'a duration above zero');

/** `3600.0` and `1e+05` are what YAML libraries make of numbers. */
const plain = (raw: string): string =>
  /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(raw.trim()) ? String(Number(raw)) : raw.trim();
function milliseconds(value: string): number {
  const [, h = '0', m = '0', s = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/i.exec(value) ?? [];
  return Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000;
}

export const oneOf = <const N extends string>(...names: readonly N[]): Rule<N> => ({
  kind: names.join('|'),
  must: `must be one of ${names.join(', ')}`,
  json: { enum: names },
  read: (raw) => names.find((name) => name.toLowerCase() === raw.trim().toLowerCase()),
});

/** Commas (`\,` keeps one), lines, or a JSON array, which is what Woodpecker makes of a list with a secret. */
export const list: Rule<readonly string[]> = {
  kind: 'list',
  must: 'must be a list: a,b or one item a line (`\\,` keeps a comma), or a JSON array of texts',
  json: { type: 'array', items: { type: 'string' } },
  read: (raw) => {
    const value = raw.trim();
    if (value.startsWith('[')) return texts(jsonOf(value));
    // Drone joins items with commas, whatever is in them: commas among lines are an item with a line break.
    if (lines.test(value) && comma.test(value)) return undefined;
    return items(value);
  },
};
const comma = /(?<!\\),/;
const items = (value: string): readonly string[] =>
  value
    .split(lines.test(value) ? lines : comma)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter((part) => part !== '');
function texts(parsed: unknown): readonly string[] | undefined {
  if (!Array.isArray(parsed)) return undefined;
  const found = parsed.filter((item) => item !== null).map((item) => scalarText(item)?.trim());
  return found.every((item) => item !== undefined)
    ? found.filter((item) => item !== '')
    : undefined;
}

export const listOf = <const N extends string>(...names: readonly N[]): Rule<readonly N[]> => ({
  kind: 'list',
  must: `must be a list of ${names.join(', ')}`,
  json: { type: 'array', items: { enum: names } },
  read: (raw) => {
    const values = list.read(raw)?.map((item) => names.find((name) => name === item));
    return values?.every((value) => value !== undefined) ? values : undefined;
  },
});

type Texts = Readonly<Record<string, string>>;
/** A JSON object of scalars, or `K=V,K2=V2`. A null drops its key. */
export const map: Rule<Texts> = {
  kind: 'map',
  must: 'must be a map: a JSON object of texts or K=V,K2=V2 (secrets inside a map are not resolved by Drone: make the whole setting one secret)',
  json: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
  prose: true,
  read: (raw) => {
    const value = raw.trim();
    if (!value.startsWith('{')) return pairs(value);
    const object = jsonOf(value);
    if (!isObject(object)) return undefined;
    const entries = Object.entries(object).filter(([, item]) => item !== null);
    const read = entries.map(([key, item]): [string, string | undefined] => [
      key,
      scalarText(item),
    ]);
    return read.every((entry): entry is [string, string] => entry[1] !== undefined)
      ? Object.fromEntries(read)
      : undefined;
  },
};

/** A JSON object as it is. */
export const object: Rule<Readonly<Record<string, unknown>>> = {
  kind: 'map',
  must: 'must be a map: a JSON object of at most 100 levels, or K=V,K2=V2',
  json: { type: 'object' },
  prose: true,
  read: (raw) => {
    const value = raw.trim();
    if (!value.startsWith('{')) return pairs(value);
    const parsed = jsonOf(value);
    return isObject(parsed) && !isDeep(parsed) ? parsed : undefined;
  },
};

const webUrl = /^https?:\/\/[^\s@/?#\\]+(?:[/?#]\S*)?$/;
/**
 * An absolute http or https URL without user info: credentials have settings of their own.
 * The schema cannot say all that a URL is, so `read` has the last word.
 */
export const url: Rule<string> = {
  kind: 'url',
  must: 'must be an absolute http or https URL without a user or password in it',
  json: { type: 'string', pattern: webUrl.source },
  read: (raw) => (webUrl.test(raw.trim()) && URL.canParse(raw.trim()) ? raw.trim() : undefined),
};

/** A URL that is a secret as a whole; user info is allowed. */
export const secretUrl: Rule<string> = {
  kind: 'url',
  must: 'must be an absolute http or https URL',
  json: { type: 'string', pattern: '^https?://\\S+$' },
  read: (raw) =>
    /^https?:\/\/\S+$/.test(raw.trim()) && URL.canParse(raw.trim()) ? raw.trim() : undefined,
};

/** The pattern has no flags: JSON Schema knows none. */
export const matching = (pattern: RegExp, kind: string, must: string): Rule<string> => ({
  kind,
  must,
  json: { type: 'string', pattern: pattern.source },
  read: (raw) => (pattern.test(raw.trim()) ? raw.trim() : undefined),
});

/** A token that goes into a header as it is. */
export const credential: Rule<string> = {
  ...matching(
    /^[\x21-\x7e]{1,8192}$/,
    'text',
    'must be one word of ASCII characters, as a header carries it: is it the token itself?',
  ),
  loose: true,
};

export const jsonOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
};
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const scalarText = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
/** `K=V,K2=V2`, or one a line; a value may hold `=`, a key neither blanks nor commas. */
function pairs(value: string): Texts | undefined {
  const found = value.startsWith('[') ? texts(jsonOf(value)) : items(value);
  if (!found?.every((item) => /^[^\s=,]+\s*=/.test(item))) return undefined;
  return Object.fromEntries(
    found.map((item) => [
      item.slice(0, item.indexOf('=')).trim(),
      item.slice(item.indexOf('=') + 1).trim(),
    ]),
  );
}
