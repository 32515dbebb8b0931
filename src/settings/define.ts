import type { Rule } from './rules.ts';

/** One setting. Everything that names it anywhere is derived from its declaration. */
type Of<T> = {
  readonly is: Rule<T>;
  /** One sentence for the docs. */
  readonly about: string;
  readonly default?: T;
  /** How the docs name a default that is not a constant: `context`. */
  readonly otherwise?: string;
  /** Its owner cannot work without it. */
  readonly required?: true;
  /** Never a flag, never in a body, never printed. */
  readonly secret?: true;
  /** A request to the server may set it. */
  readonly caller?: true;
  /** `@path` reads the value from a file. */
  readonly file?: true;
  /** The vendor's own variables, read only where the environment is the author's alone. */
  readonly vendor?: readonly string[];
  /** Older or foreign names, in the form of YAML; accepted, and warned about once. */
  readonly alias?: readonly string[];
};
export type Setting =
  | Of<string>
  | Of<number>
  | Of<boolean>
  | Of<readonly string[]>
  | Of<Readonly<Record<string, unknown>>>;
export type Table = Readonly<Record<string, Setting>>;

type Out<S> = S extends { readonly is: Rule<infer T> } ? T : never;
type Sure = { readonly required: true } | { readonly default: unknown };
/** What `load` makes of a table: a required or defaulted setting is there, any other may be undefined. */
export type Values<S> = {
  readonly [K in keyof S]: S[K] extends Sure ? Out<S[K]> : Out<S[K]> | undefined;
};

const words = (key: string, glue: string): string =>
  key.replace(/[A-Z]/g, (letter) => glue + letter.toLowerCase());
/** `githubToken` → `github_token`, the name that the docs use. */
export const yamlName = (key: string): string => words(key, '_');
/** `githubToken` → `github-token`, without the dashes in front. */
export const flagName = (key: string): string => words(key, '-');
/** `githubToken` → `PLUGIN_GITHUB_TOKEN`. */
export const envName = (key: string, prefix = 'PLUGIN_'): string =>
  `${prefix}${yamlName(key).toUpperCase()}`;
