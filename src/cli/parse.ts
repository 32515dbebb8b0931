import { type Fault, SettingsError } from '../errors.ts';
import { flagName } from '../settings/define.ts';
import { flagOptions } from '../settings/emit/flags.ts';
import type { Owner } from '../settings/emit/owner.ts';
import { nearestOf } from '../settings/nearest.ts';

export const verbs = {
  deploy: 'Run one deploy and keep its status true (the default)',
  status: 'Post one status and end',
  check: 'Say what a deploy would do, and whether the credentials work',
  reap: 'Close what killed runs left open',
  serve: "With --check-config: read a server's slipway.yml and name every fault",
  orca: 'Print an orca-local.yml for Spinnaker',
  help: 'Explain a verb, a topic or a setting',
  version: 'Print the version',
  completion: 'Print a completion script for the shell',
} as const;
export type CliVerb = keyof typeof verbs;

export type Line = {
  /** undefined: the setting `action` decides. */
  readonly verb: CliVerb | undefined;
  /** Words behind the verb. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  /** `--help` stands among the flags. */
  readonly asksHelp: boolean;
};

type VerbFlag = {
  readonly verbs: readonly CliVerb[];
  readonly about: string;
  /** It takes no value. */
  readonly bare?: true;
};
/** Flags of single verbs, which are no settings. */
export const verbFlags: Readonly<Record<string, VerbFlag>> = {
  'check-config': {
    verbs: ['serve'],
    about: 'Read everything, name every fault, start nothing',
    bare: true,
  },
  config: { verbs: ['serve', 'orca'], about: 'slipway.yml to read, instead of SLIPWAY_CONFIG' },
  spinnaker: { verbs: ['orca'], about: 'Release of Spinnaker to write for, such as 2026.1' },
};
/** What a verb is nothing without. */
const needed: Readonly<Partial<Record<CliVerb, string>>> = { serve: 'check-config' };
/** Verbs that run nothing: of settings they take the server's alone. */
const servers: readonly CliVerb[] = ['serve', 'orca'];

/** Names of the flags that a verb has beside the settings of a run. */
export const flagsOf = (verb: CliVerb): readonly string[] =>
  Object.keys(verbFlags).filter((name) => verbFlags[name]?.verbs.includes(verb));

/** Splits words and prints help. It judges nothing: values and defaults are the settings tables'. */
export async function parseLine(
  argv: readonly string[],
  owners: readonly Owner[],
  server: Owner,
): Promise<Line> {
  const options = { run: flagOptions(owners), server: flagOptions([server]) };
  let failure: string | undefined;
  const parser = (await createParser({ ...options.server, ...options.run })).fail((message) => {
    failure = message;
  });
  const parsed = await parser.parseAsync([...argv], {}, () => {});
  const { _: positional, $0: _script, help, h, ...given } = parsed;
  const [verb, ...words] = positional.map(String) as [CliVerb | undefined, ...string[]];
  const isServers = verb !== undefined && servers.includes(verb);
  const settings = Object.keys(isServers ? options.server : options.run);
  const names = [...settings, ...(verb ? flagsOf(verb) : [])];
  const known = verb !== undefined && Object.hasOwn(verbs, verb);
  const faults = [
    ...(failure ? [{ name: 'the command line', message: `is not usable: ${failure}` }] : []),
    ...Object.keys(given)
      .filter((name) => !names.includes(name))
      .map((name) => ({
        name: `--${name}`,
        message: unknownFlag(name, names, [...owners, server]),
      })),
    ...unknownVerb(verb),
    ...(known ? misuse(verb, words, given) : []),
  ];
  const asksHelp = Boolean(help) || Boolean(h);
  if (!asksHelp && faults.length > 0) throw new SettingsError(faults);
  return {
    verb,
    words,
    flags: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value === undefined ? '' : String(value),
      ]),
    ),
    asksHelp,
  };
}

function misuse(
  verb: CliVerb,
  words: readonly string[],
  given: Readonly<Record<string, unknown>>,
): readonly Fault[] {
  const need = needed[verb];
  const lacks = need !== undefined && !given[need];
  const message = `needs --${need}: ${verbFlags[need ?? '']?.about}`;
  const spare = servers.includes(verb) ? words : [];
  return [
    ...(lacks ? [{ name: verb, message }] : []),
    ...spare.map((word) => ({
      name: word,
      message: `is a word too many; a file is --config ${word}`,
    })),
  ];
}

/** Every verb and every flag, as yargs prints them. */
export async function flagHelp(owners: readonly Owner[]): Promise<string> {
  return `${await (await createParser(flagOptions(owners))).getHelp()}\n`;
}

async function createParser(options: ReturnType<typeof flagOptions>) {
  const { default: yargs } = await import('yargs');
  const parser = yargs()
    .scriptName('slipway')
    .usage('$0 [verb] [flags]\n\nOne container that runs a deploy and tells the truth about it.')
    .options(options)
    .option('help', { type: 'boolean', describe: 'Explain the verb' })
    .option('h', { type: 'boolean', hidden: true })
    .help(false)
    .version(false)
    .wrap(100)
    .epilog(
      'Settings are PLUGIN_X variables too; secrets are only that. More: slipway help settings',
    )
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
      'strip-dashed': false,
    });
  for (const [verb, about] of Object.entries(verbs)) parser.command(verb, about);
  for (const [name, { verbs: theirs, about, bare }] of Object.entries(verbFlags)) {
    const type = bare ? 'boolean' : 'string';
    const group = `${theirs.join(', ')}:`;
    parser.option(name, { type, describe: about, group, requiresArg: !bare });
  }
  return parser;
}

function unknownFlag(name: string, names: readonly string[], owners: readonly Owner[]): string {
  const secret = owners.some(({ table }) =>
    Object.entries(table).some(([key, setting]) => setting.secret && flagName(key) === name),
  );
  if (secret) {
    const variable = `PLUGIN_${name.replaceAll('-', '_').toUpperCase()}`;
    return `is a secret and has no flag, because command lines are seen by others: set ${variable}`;
  }
  const theirs = verbFlags[name]?.verbs;
  if (theirs) return `is a flag of ${theirs.join(' and ')}`;
  const nearest = nearestOf(name, names);
  return `is not a flag${nearest ? `; did you mean --${nearest}?` : ''}`;
}

function unknownVerb(word: string | undefined): readonly Fault[] {
  if (word === undefined || Object.hasOwn(verbs, word)) return [];
  const nearest = nearestOf(word, Object.keys(verbs));
  return [{ name: word, message: `is not a verb${nearest ? `; did you mean ${nearest}?` : ''}` }];
}
