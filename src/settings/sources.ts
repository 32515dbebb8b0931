import { yamlName } from './define.ts';

export type Env = Readonly<Record<string, string | undefined>>;
/** One text under the name that its author used. */
export type Given = { readonly label: string; readonly raw: string };

/** Where values come from. `names` are YAML names: the setting's own first, then its aliases. */
export type Source = {
  readonly id: string;
  /** Its texts are what their author typed: no YAML library can have changed a number on the way. */
  readonly exact?: true;
  get(name: string): Given | undefined;
  /** Labels of settings that stand here in two spellings with two values: the one that counts, the other. */
  readonly doubles?: ReadonlyMap<string, readonly [string, string]>;
  /** Variables that only this product reads: an unknown one is a mistake. */
  readonly own?: ReadonlyMap<string, Given>;
};

/** Drone keeps `-` and `.` of a key and upper-cases the rest; Woodpecker makes both `_`. */
const canonical = (name: string): string => name.toLowerCase().replace(/[-.]/g, '_');

/** `PREFIX_X`, any case. */
export function fromEnv(env: Env, prefix: string): Source {
  const own = new Map<string, Given>();
  const doubles = new Map<string, readonly [string, string]>();
  for (const [name, raw] of Object.entries(env)) {
    if (raw === undefined || !name.toUpperCase().startsWith(prefix)) continue;
    const key = canonical(name.slice(prefix.length));
    const known = own.get(key);
    // Who may promote may add a spelling that the pipeline does not use: neither order nor case may decide.
    if (known?.raw && raw && known.raw !== raw) doubles.set(key, [known.label, name]);
    if (!known?.raw) own.set(key, { label: name, raw });
  }
  return { id: prefix, get: (name) => own.get(name), own, doubles };
}

/** Flags, as yargs split them. */
export function fromFlags(flags: Readonly<Record<string, string>>): Source {
  const given = new Map(
    Object.entries(flags).map(([flag, raw]) => [canonical(flag), { label: `--${flag}`, raw }]),
  );
  return { id: 'flags', get: (name) => given.get(name) };
}

/** The vendor's own variables, by the table's `vendor` lists. */
export function fromVendors(env: Env, vendorsOf: (name: string) => readonly string[]): Source {
  return {
    id: 'vendor',
    get: (name) => {
      const label = vendorsOf(name).find((variable) => env[variable]);
      return label ? { label, raw: env[label] ?? '' } : undefined;
    },
  };
}

/** What CI says, keyed as the table is; the label names the variables it came from. */
export function fromContext(
  system: string,
  facts: Readonly<Record<string, string | undefined>>,
): Source {
  const given = new Map(Object.entries(facts).map(([key, raw]) => [yamlName(key), raw]));
  return {
    id: 'context',
    get: (name) => {
      const raw = given.get(name);
      return raw === undefined ? undefined : { label: `${name} of the ${system} build`, raw };
    },
  };
}
