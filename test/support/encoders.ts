import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml';

/**
 * How Drone, Woodpecker and Harness turn the `settings:` of a step into variables: key mangling and value
 * encoding of drone-runner-docker 1.8, Woodpecker 3.17 and harness-core, measured on the real code. YAML is
 * parsed without types, then typed as each system's own library does it.
 */
type Value =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'date'; readonly value: string }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'list'; readonly items: readonly Value[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Value, Value])[] };

type Resolve = (plain: string) => Value;
type Secrets = Readonly<Record<string, string>>;
export type Variables = Record<string, string>;

const text = (value: string): Value => ({ type: 'text', value });
const nulls = /^(?:~|null|Null|NULL|)$/;

function whole(plain: string): Value | undefined {
  const bare = plain.replaceAll('_', '');
  if (/^[-+]?0x[0-9a-fA-F]+$/.test(bare)) return { type: 'int', value: BigInt(bare) };
  if (/^0[0-7]+$/.test(bare)) return { type: 'int', value: BigInt(`0o${bare.slice(1)}`) };
  if (/^[-+]?(?:0|[1-9]\d*)$/.test(bare)) return { type: 'int', value: BigInt(bare) };
  return undefined;
}

/** buildkite/yaml 2.1: YAML 1.1 booleans, an exponent needs its sign, dates stay as they are written. */
const drone: Resolve = (plain) => {
  if (nulls.test(plain)) return { type: 'null' };
  if (/^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(plain)) {
    return { type: 'bool', value: true };
  }
  if (/^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(plain)) {
    return { type: 'bool', value: false };
  }
  const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*))(?:[eE][-+]\d+)?$/.test(plain);
  return whole(plain) ?? (float ? { type: 'float', value: Number(plain) } : text(plain));
};

/** go.yaml.in/yaml/v4: only true and false, an exponent without a sign, dates become times. */
const woodpecker: Resolve = (plain) => {
  if (nulls.test(plain)) return { type: 'null' };
  if (/^(?:true|True|TRUE)$/.test(plain)) return { type: 'bool', value: true };
  if (/^(?:false|False|FALSE)$/.test(plain)) return { type: 'bool', value: false };
  if (/^\d{4}-\d\d-\d\d$/.test(plain)) return { type: 'date', value: `${plain}T00:00:00Z` };
  const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain);
  return whole(plain) ?? (float ? { type: 'float', value: Number(plain) } : text(plain));
};

/** Jackson: numbers of YAML 1.2, no dates. */
const harness: Resolve = (plain) => {
  if (nulls.test(plain)) return { type: 'null' };
  if (plain === 'true' || plain === 'false') return { type: 'bool', value: plain === 'true' };
  if (/^-?(?:0|[1-9]\d*)$/.test(plain)) return { type: 'int', value: BigInt(plain) };
  const float = /^-?\d+\.\d+(?:[eE][-+]?\d+)?$/.test(plain);
  return float ? { type: 'float', value: Number(plain) } : text(plain);
};

function parse(yaml: string, resolve: Resolve): Record<string, Value> {
  const document = parseDocument(yaml, { schema: 'failsafe' });
  const read = (node: unknown): Value => {
    if (isMap(node)) {
      return { type: 'map', entries: node.items.map(({ key, value }) => [read(key), read(value)]) };
    }
    if (isSeq(node)) return { type: 'list', items: node.items.map(read) };
    if (isAlias(node)) return read(node.resolve(document));
    if (!isScalar(node)) return { type: 'null' };
    const plain = node.type === Scalar.PLAIN && node.tag !== 'tag:yaml.org,2002:str';
    return plain ? resolve(String(node.value)) : text(String(node.value));
  };
  const root = read(document.contents);
  if (root.type !== 'map') return {};
  return Object.fromEntries(root.entries.map(([key, value]) => [keyText(key), value]));
}

const keyText = (key: Value): string => (key.type === 'text' ? key.value : scalar(key));

/** strconv's shortest %g: an exponent from 1e6 on, of two digits at least. */
function goFloat(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}

/** Java's Double.toString: always a fraction, an exponent from 10^7 on. */
function javaFloat(value: number): string {
  if (Math.abs(value) >= 1e7) {
    const [digits = '', power = ''] = value.toExponential().split('e+');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${power}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const isScalarValue = (value: Value): boolean => value.type !== 'list' && value.type !== 'map';
const scalar = (value: Value, float = goFloat): string => {
  if (value.type === 'float') return float(value.value);
  return 'value' in value ? String(value.value) : '';
};

function toJson(value: Value): unknown {
  if (value.type === 'list') return value.items.map(toJson);
  if (value.type === 'map') {
    const entries = value.entries.map(([key, item]): [string, unknown] => [
      keyText(key),
      toJson(item),
    ]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (value.type === 'int') return Number(value.value);
  return 'value' in value ? value.value : null;
}

const goJson = (value: Value): string =>
  JSON.stringify(toJson(value)).replace(
    /[<>&]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );

/** The secret that a value names: Drone looks at the whole setting only, whatever else the map holds. */
const secretName = (value: Value): string | undefined => {
  if (value.type !== 'map') return undefined;
  const entry = value.entries.find(([key]) => keyText(key) === 'from_secret');
  return entry && keyText(entry[1]);
};

/** A variable that is empty is dropped, but for a secret that was not found. */
export function encodeDrone(yaml: string, secrets: Secrets = {}): Variables {
  const variables: Variables = {};
  for (const [key, value] of Object.entries(parse(yaml, drone))) {
    const secret = secretName(value);
    const encoded = secret === undefined ? droneText(value) : (secrets[secret] ?? '');
    if (encoded !== '' || secret !== undefined) variables[`PLUGIN_${key.toUpperCase()}`] = encoded;
  }
  return variables;
}

function droneText(value: Value): string {
  if (value.type === 'map') return goJson(value);
  if (value.type !== 'list') return scalar(value);
  return value.items.every(isScalarValue)
    ? value.items.map((item) => scalar(item)).join(',')
    : goJson(value);
}

/** Secrets are found at any depth, and make JSON of a list; a missing one does not compile. */
export function encodeWoodpecker(yaml: string, secrets: Secrets = {}): Variables {
  const variables: Variables = {};
  for (const [key, value] of Object.entries(parse(yaml, woodpecker))) {
    const name = `PLUGIN_${key.replace(/[.-]/g, '_').toUpperCase()}`;
    variables[name] = woodpeckerText(value, secrets);
  }
  return variables;
}

function woodpeckerText(value: Value, secrets: Secrets): string {
  if (secretName(value) !== undefined) return scalar(inject(value, secrets));
  if (value.type === 'date') return JSON.stringify(value.value);
  if (isScalarValue(value)) return scalar(value);
  if (value.type === 'list' && value.items.every(isScalarValue)) {
    return value.items.map((item) => scalar(item)).join(',');
  }
  return goJson(inject(value, secrets));
}

function inject(value: Value, secrets: Secrets): Value {
  const name = secretName(value);
  if (name !== undefined) {
    const found = secrets[name.toLowerCase()];
    if (found === undefined) throw new Error(`secret "${name}" not found`);
    return text(found);
  }
  if (value.type === 'list') {
    return { type: 'list', items: value.items.map((item) => inject(item, secrets)) };
  }
  if (value.type !== 'map') return value;
  const foreign = value.entries.find(([key]) => key.type !== 'text');
  if (foreign) throw new Error('could not handle: map[interface {}]interface {}');
  return {
    type: 'map',
    entries: value.entries.map(([key, item]) => [key, inject(item, secrets)]),
  };
}

/** Expressions are resolved in the text before; what is not a list of scalars is JSON over several lines. */
export function encodeHarness(yaml: string): Variables {
  const variables: Variables = {};
  for (const [key, value] of Object.entries(parse(yaml, harness))) {
    variables[`PLUGIN_${key.toUpperCase()}`] = harnessText(value);
  }
  return variables;
}

function harnessText(value: Value): string {
  if (isScalarValue(value)) return scalar(value, javaFloat);
  if (value.type === 'list' && value.items.every(isScalarValue)) {
    return value.items.map((item) => scalar(item, javaFloat)).join(',');
  }
  return JSON.stringify(toJson(value), null, 2).replaceAll('":', '" :');
}
