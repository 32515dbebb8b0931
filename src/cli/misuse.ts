import type { Fault } from '../errors.ts';
import { flagName } from '../settings/define.ts';
import type { flagOptions } from '../settings/emit/flags.ts';
import { allSettings, type Owner } from '../settings/emit/owner.ts';
import { nearestOf } from '../settings/nearest.ts';
import { type CliVerb, flagsOf, isRunVerb, readersOf, shells, verbFlags, verbs } from './verbs.ts';

type Options = ReturnType<typeof flagOptions>;
/** Flags by the settings of a run, and by those of the server. */
type Tables = { readonly run: Options; readonly server: Options };
type Said = {
  readonly argv: readonly string[];
  readonly verb: string | undefined;
  readonly words: readonly string[];
  /** Names of the flags that were given. */
  readonly flags: readonly string[];
  /** What the parser itself could not take. */
  readonly failure: string | undefined;
};

/** Everything in a line that nobody would look at: whoever wrote it meant something by it. */
export function misuses(said: Said, tables: Tables, owners: readonly Owner[]): readonly Fault[] {
  const { argv, verb, failure } = said;
  const isKnown = verb === undefined || Object.hasOwn(verbs, verb);
  const known = isKnown ? (verb as CliVerb | undefined) : undefined;
  const names = [...settingFlags(known, tables), ...(known ? flagsOf(known) : [])];
  const unknown = said.flags.filter((name) => !names.includes(name));
  return [
    ...(failure ? [failureOf(failure)] : []),
    ...unknown.map((name) => ({
      name: asWritten(name, argv),
      message: flagFault(name, asWritten(name, argv), { names, tables, owners, verb: known }),
    })),
    ...(isKnown ? strayWords(said, tables.run) : [verbFault(verb)]),
  ];
}

const readersOfFlag = (flag: string): readonly CliVerb[] => readersOf(flag.replaceAll('-', '_'));

function settingFlags(verb: CliVerb | undefined, { run, server }: Tables): readonly string[] {
  if (verb === undefined || isRunVerb(verb)) return Object.keys(run);
  return Object.keys(server).filter((flag) => readersOfFlag(flag).includes(verb));
}

/** How the faults are told, and what there is. */
export const misuseText = (faults: readonly Fault[]): string =>
  `The command line is not usable:
${faults.map(({ name, message }) => `  - ${name} ${message}`).join('\n')}

Verbs: ${Object.keys(verbs).join(', ')}. More: slipway help
`;

/** yargs says it of a flag at the end of the line, or before another flag. */
function failureOf(failure: string): Fault {
  const [, name] = /^Not enough arguments following: (\S+)$/.exec(failure) ?? [];
  return name
    ? { name: `--${name}`, message: 'needs a value' }
    : { name: 'it', message: `cannot be read: ${failure}` };
}

/** `-v` and `--v` are one name to the parser. */
const asWritten = (name: string, argv: readonly string[]): string =>
  argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)) || name.length > 1
    ? `--${name}`
    : `-${name}`;

type Known = {
  readonly names: readonly string[];
  readonly tables: Tables;
  readonly owners: readonly Owner[];
  readonly verb: CliVerb | undefined;
};

function flagFault(name: string, written: string, { names, tables, owners, verb }: Known): string {
  const isSecret = allSettings(owners).some(
    ([key, { secret }]) => secret && flagName(key) === name,
  );
  if (isSecret) {
    const variable = `PLUGIN_${name.replaceAll('-', '_').toUpperCase()}`;
    return `is a secret and has no flag, because command lines are seen by others: set ${variable}`;
  }
  const theirs = verbFlags[name]?.verbs;
  if (theirs) return `is a flag of ${theirs.join(' and ')}`;
  if (Object.hasOwn(tables.run, name))
    return `is no flag of ${verb}, which reads no settings of runs`;
  if (Object.hasOwn(tables.server, name)) {
    return `is a flag of ${readersOfFlag(name).join(' and ')}`;
  }
  if (!written.startsWith('--')) return 'is not a flag: all but -h have two dashes and a name';
  const nearest = nearestOf(name.toLowerCase(), names);
  return `is not a flag${nearest ? `; did you mean --${nearest}?` : ''}`;
}

function verbFault(word = ''): Fault {
  const nearest = nearestOf(word.toLowerCase(), Object.keys(verbs));
  return { name: word, message: `is not a verb${nearest ? `; did you mean ${nearest}?` : ''}` };
}

/** Without this, `reap production` would look at every environment. */
function strayWords({ verb, words, flags }: Said, options: Options): readonly Fault[] {
  if (verb === undefined || verb === 'help') return [];
  if (verb === 'backup') {
    const message = 'is one word too many: backup takes one file';
    return words.slice(1).map((name) => ({ name, message }));
  }
  if (verb === 'completion') {
    const [shell, ...rest] = words;
    const isKnown = shell === undefined || (shells as readonly string[]).includes(shell);
    const message = `is not known here: the script is for ${shells.join(' and ')}`;
    return (isKnown ? rest : words).map((name) => ({ name, message }));
  }
  return words.map((name, at) => ({
    name,
    message: `is not known here${at === 0 ? meantBy(verb, name, flags, options) : ''}`,
  }));
}

function meantBy(verb: string, word: string, flags: readonly string[], options: Options): string {
  if (isRunVerb(verb)) return meant(word, flags, options);
  const takesFile =
    verbFlags.config?.verbs.some((one) => one === verb) && !flags.includes('config');
  return takesFile ? `; did you mean --config ${word}?` : '';
}

function meant(word: string, flags: readonly string[], options: Options): string {
  if (Object.hasOwn(verbs, word)) return ': it is a verb, and there is one already';
  if (Object.hasOwn(options, word)) return `; did you mean --${word}?`;
  return flags.includes('environment') ? '' : `; did you mean --environment ${word}?`;
}
