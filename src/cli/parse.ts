import type { Fault } from '../errors.ts';
import { flagOptions } from '../settings/emit/flags.ts';
import type { Owner } from '../settings/emit/owner.ts';
import { bool } from '../settings/rules.ts';
import { misuses } from './misuse.ts';
import { type CliVerb, verbFlags } from './verbs.ts';

export type Line = {
  /** undefined: the setting `action` decides. */
  readonly verb: CliVerb | undefined;
  /** Words behind the verb. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  /** `--help` stands among the flags. */
  readonly asksHelp: boolean;
  /** What is not known here, or stands where it means nothing. The rest of the line holds without them only. */
  readonly faults: readonly Fault[];
};

/** Splits words. Values and defaults are not its business: the settings table has rules for them. */
export async function parseLine(
  argv: readonly string[],
  owners: readonly Owner[],
  server: Owner,
): Promise<Line> {
  const tables = { run: flagOptions(owners), server: flagOptions([server]) };
  const options = { ...tables.server, ...tables.run };
  const { default: yargs } = await import('yargs');
  let failure: string | undefined;
  const parser = yargs()
    .options(options)
    .options(optionsOfVerbs)
    .option('help', { type: 'boolean' })
    .option('h', { type: 'boolean' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail((message) => {
      failure = message;
    })
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
  const parsed = await parser.parseAsync(
    [...withBareBools(versionAsVerb(argv), options)],
    {},
    () => {},
  );
  const { _: positional, $0: _script, help, h, ...given } = parsed;
  const [verb, ...words] = positional.map(String);
  return {
    verb: verb as CliVerb | undefined,
    words,
    flags: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value === undefined ? '' : String(value),
      ]),
    ),
    asksHelp: Boolean(help) || Boolean(h),
    faults: misuses({ argv, verb, words, flags: Object.keys(given), failure }, tables, [
      ...owners,
      server,
    ]),
  };
}

const optionsOfVerbs = Object.fromEntries(
  Object.entries(verbFlags).map(([name, { bare }]) => [
    name,
    { type: bare ? 'boolean' : 'string', requiresArg: !bare } as const,
  ]),
);

const versionAsVerb = ([first = '', ...rest]: readonly string[]): readonly string[] => [
  first === '--version' ? 'version' : first,
  ...rest,
];

/** In `--dry-run check` the verb is no value of the flag. */
function withBareBools(
  argv: readonly string[],
  options: ReturnType<typeof flagOptions>,
): readonly string[] {
  return argv.map((word, at) => {
    const option = word.startsWith('--') ? options[word.slice(2)] : undefined;
    const isBare = option && !option.requiresArg && bool.read(argv[at + 1] ?? '') === undefined;
    return isBare ? `${word}=` : word;
  });
}
