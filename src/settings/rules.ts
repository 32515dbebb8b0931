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
  /** A script, a sentence, or a map of such: an unresolved `${…}` in it is the author's business. */
  readonly prose?: true;
};

// What YAML made of an unquoted value before any plugin saw it: 1000000.0 and 2024-01-02.
const mangled = /^(?:-?\d+(?:\.\d+)?e[+-]\d+|"\d{4}-\d\d-\d\dT.*")$/i;
/** YAML may have changed the value on its way: the cure is a pair of quotes. */
export const looksMangled = (raw: string): boolean =>
  mangled.test(raw.trim()) || /^-?\d+(?:\.\d+)?$/.test(raw.trim());

const lines = /\r?\n/;

export const text: Rule<string> = {
  kind: 'text',
  must: 'must be one line of text',
  json: { type: 'string', pattern: '^[^\\r\\n]*[^\\s][^\\r\\n]*$' },
  read: (raw) => {
    const value = raw.trim();
    return value === '' || lines.test(value) || mangled.test(value) ? undefined : value;
  },
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
  read: (raw) => (raw.trim() === '' ? undefined : raw.replace(/\n$/, '')),
};

/** A script. Drone joins a YAML list with commas, which nobody can undo; a JSON array is joined by newlines. */
export const script: Rule<string> = {
  ...prose,
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

const longest = 7 * 24 * 3_600_000;
/** Milliseconds, at most a week. */
export const duration: Rule<number> = {
  kind: 'duration',
  must: 'must be a duration up to a week such as 90, 90s, 15m or 1h30m',
  json: {
    type: 'string',
    pattern: '^(?:\\d{1,6}|(?=\\d)(?:\\d{1,4}h)?(?:\\d{1,5}m)?(?:\\d{1,6}s)?)$',
  },
  read: (raw) => {
    const value = raw.trim().toLowerCase();
    if (/^\d{1,6}$/.test(value)) return within(Number(value) * 1000);
    const parts = /^(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(value);
    if (!parts) return undefined;
    const [h = '0', m = '0', s = '0'] = parts.slice(1);
    return within(Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000);
  },
};
const within = (ms: number): number | undefined => (ms <= longest ? ms : undefined);
export const oneOf = <const N extends string>(...names: readonly N[]): Rule<N> => ({
  kind: names.join('|'),
  must: `must be one of ${names.join(', ')}`,
  json: { enum: names },
  read: (raw) => names.find((name) => name.toLowerCase() === raw.trim().toLowerCase()),
});

/** Commas (`\,` keeps one), lines, or a JSON array, which is what Woodpecker makes of a list with a secret. */
export const list: Rule<readonly string[]> = {
  kind: 'list',
  must: 'must be a list: a,b or a JSON array of texts',
  json: { type: 'array', items: { type: 'string' } },
  read: (raw) => {
    const value = raw.trim();
    if (value.startsWith('[')) {
      const items = jsonOf(value);
      if (!Array.isArray(items)) return undefined;
      const texts = items.filter((item) => item !== null).map(scalarText);
      return texts.every((item) => item !== undefined)
        ? texts.filter((item) => item !== '')
        : undefined;
    }
    const parts = lines.test(value) ? value.split(lines) : value.split(/(?<!\\),/);
    return parts.map((part) => part.replaceAll('\\,', ',').trim()).filter((part) => part !== '');
  },
};

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
    if (!value.startsWith('{')) return pairs(list.read(value));
    const object = jsonOf(value);
    if (!isObject(object)) return undefined;
    const entries = Object.entries(object).filter(([, item]) => item !== null);
    const texts = entries.map(([key, item]): [string, string | undefined] => [
      key,
      scalarText(item),
    ]);
    return texts.every((entry): entry is [string, string] => entry[1] !== undefined)
      ? Object.fromEntries(texts)
      : undefined;
  },
};

/** A JSON object as it is. */
export const object: Rule<Readonly<Record<string, unknown>>> = {
  kind: 'map',
  must: 'must be a map: a JSON object or K=V,K2=V2',
  json: { type: 'object' },
  prose: true,
  read: (raw) => {
    const value = raw.trim();
    if (!value.startsWith('{')) return pairs(list.read(value));
    const parsed = jsonOf(value);
    return isObject(parsed) ? parsed : undefined;
  },
};

/** An absolute http or https URL without user info: credentials have settings of their own. */
export const url: Rule<string> = {
  kind: 'url',
  must: 'must be an absolute http or https URL without a user or password in it',
  json: { type: 'string', pattern: '^https?://[^\\s@/?#]+(?:[/?#]\\S*)?$' },
  read: (raw) => {
    const value = raw.trim();
    if (!/^https?:\/\/[^\s@/?#]+(?:[/?#]\S*)?$/.test(value)) return undefined;
    return URL.canParse(value) ? value : undefined;
  },
};

/** A URL that is a secret as a whole; user info is allowed. */
export const secretUrl: Rule<string> = {
  kind: 'url',
  must: 'must be an absolute http or https URL',
  json: { type: 'string', pattern: '^https?://\\S+$' },
  read: (raw) =>
    /^https?:\/\/\S+$/.test(raw.trim()) && URL.canParse(raw.trim()) ? raw.trim() : undefined,
};

export const matching = (pattern: RegExp, kind: string, must: string): Rule<string> => ({
  kind,
  must,
  json: { type: 'string', pattern: pattern.source },
  read: (raw) => (pattern.test(raw.trim()) ? raw.trim() : undefined),
});

const jsonOf = (raw: string): unknown => {
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
const pairs = (items: readonly string[] | undefined): Texts | undefined => {
  if (!items?.every((item) => item.indexOf('=') > 0)) return undefined;
  return Object.fromEntries(
    items.map((item) => [
      item.slice(0, item.indexOf('=')).trim(),
      item.slice(item.indexOf('=') + 1).trim(),
    ]),
  );
};
