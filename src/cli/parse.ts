import { SettingsError } from '../errors.ts';
import { flagName } from '../settings/define.ts';
import { flagOptions } from '../settings/emit/flags.ts';
import type { Owner } from '../settings/emit/owner.ts';
import { nearestOf } from '../settings/nearest.ts';

export const verbs = {
  deploy: 'Run one deploy and keep its status true (the default)',
  status: 'Post one status and end',
  check: 'Say what a deploy would do, and whether the credentials work',
  reap: 'Close what killed runs left open',
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

/** Flags of single verbs, which are no settings. */
export const verbFlags = {
  spinnaker: 'With orca: release of Spinnaker to write for, such as 2026.1',
} as const;

/** Splits words and prints help. It judges nothing: values and defaults are the settings table's. */
export async function parseLine(argv: readonly string[], owners: readonly Owner[]): Promise<Line> {
  const options = flagOptions(owners);
  let failure: string | undefined;
  const parser = (await createParser(options)).fail((message) => {
    failure = message;
  });
  const parsed = await parser.parseAsync([...argv], {}, () => {});
  const { _: positional, $0: _script, help, h, ...given } = parsed;
  const words = positional.map(String);
  const names = [...Object.keys(options), ...Object.keys(verbFlags)];
  const faults = [
    ...(failure ? [{ name: 'the command line', message: `is not usable: ${failure}` }] : []),
    ...Object.keys(given)
      .filter((name) => !names.includes(name))
      .map((name) => ({ name: `--${name}`, message: unknownFlag(name, names, owners) })),
    ...unknownVerb(words[0]),
  ];
  const asksHelp = Boolean(help) || Boolean(h);
  if (!asksHelp && faults.length > 0) throw new SettingsError(faults);
  return {
    verb: words[0] as CliVerb | undefined,
    words: words.slice(1),
    flags: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value === undefined ? '' : String(value),
      ]),
    ),
    asksHelp,
  };
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
    .option('spinnaker', { type: 'string', describe: verbFlags.spinnaker, group: 'Orca:' })
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
  const nearest = nearestOf(name, names);
  return `is not a flag${nearest ? `; did you mean --${nearest}?` : ''}`;
}

function unknownVerb(word: string | undefined): readonly { name: string; message: string }[] {
  if (word === undefined || Object.hasOwn(verbs, word)) return [];
  const nearest = nearestOf(word, Object.keys(verbs));
  return [{ name: word, message: `is not a verb${nearest ? `; did you mean ${nearest}?` : ''}` }];
}
