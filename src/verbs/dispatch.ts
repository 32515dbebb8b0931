import { completionScript } from '../cli/completion.ts';
import { type CliVerb, flagHelp, flagsOf, parseLine, verbFlags, verbs } from '../cli/parse.ts';
import { missingTopic, type Shelf, shortHelp, topicText, welcome } from '../cli/topics.ts';
import { ciSystems } from '../context/index.ts';
import { messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { exitOfRemote, exits } from '../outcome.ts';
import { reporterEntries } from '../reporters/index.ts';
import { lineOf } from '../run/words.ts';
import { settingsHelp } from '../settings/emit/terminal.ts';
import { targetEntries } from '../targets/index.ts';
import { version } from '../version.ts';
import { check } from './check.ts';
import { deploy } from './deploy.ts';
import { faultOutputs, leave } from './leave.ts';
import { owners, serverOwner } from './owners.ts';
import { type Base, begin, isAboutStatus } from './prepare.ts';
import type { Flags } from './read.ts';
import { reap } from './reap.ts';
import { status } from './status.ts';

const runs = { deploy, status, check, reap } as const;
type RunVerb = keyof typeof runs;

/** What the process was asked to do; resolves to the exit code and never rejects. */
export async function dispatch(host: Host): Promise<number> {
  try {
    const [first] = host.argv;
    if (first === '--version' || first === 'version') return await print(host, `${version}\n`);
    if (first === undefined) return await runVerb(host, undefined, {});
    const line = await parseLine(host.argv, owners, serverOwner);
    if (line.asksHelp) return await help(host, line.verb ? [line.verb] : []);
    if (line.verb === undefined || line.verb in runs) {
      return await runVerb(host, line.verb as RunVerb | undefined, line.flags);
    }
    return await explain(host, line.verb, line.words, line.flags);
  } catch (error) {
    const { text, exit } = explainError(error);
    await print(host, `${text}\n`);
    return exit;
  }
}

async function print(host: Host, text: string): Promise<number> {
  await host.write(text);
  return exits.ok.code;
}

async function runVerb(host: Host, named: RunVerb | undefined, flags: Flags): Promise<number> {
  if (named === undefined && isBare(host, flags)) {
    await print(host, welcome(version));
    return exits.settings.code;
  }
  const base = await begin(host, flags);
  const verb = named ?? actionOf(base);
  try {
    return await runs[verb](base);
  } catch (error) {
    const { text, exit } = explainError(error);
    // By the log, because it keeps secrets; and to the later steps, which must not take silence for success.
    const said = base.redactor.text(error instanceof Error ? error.message : text);
    const outputs = faultOutputs(error instanceof RemoteError ? lineOf(said) : said);
    return await leave(base, outputs, { durationMs: 0, reason: text }, { text, exit });
  }
}

/** Nothing was said by anybody: neither settings nor a CI system. */
const isBare = (host: Host, flags: Flags): boolean =>
  Object.keys(flags).length === 0 &&
  !Object.keys(host.env).some((name) => /^(?:PLUGIN|SLIPWAY|SPINNAKER_PARAM)_/i.test(name)) &&
  ciSystems.find((system) => system.detect(host.env))?.id === 'none';

function actionOf({ read, log }: Base): RunVerb {
  const { values, loaded } = read;
  if (loaded.origins.get('action') !== 'default' || !isAboutStatus(read)) return values.action;
  log.info('state is set and nothing to deploy: action is status');
  return 'status';
}

async function explain(
  host: Host,
  verb: CliVerb,
  words: readonly string[],
  flags: Flags,
): Promise<number> {
  if (verb === 'completion') return print(host, completionScript(shelf));
  // Loaded here, because a run needs neither YAML nor what reads it.
  if (verb === 'serve') return (await import('./check-config.ts')).checkConfig(host, flags);
  if (verb === 'orca') return print(host, await (await import('./orca.ts')).orca(host, flags));
  return help(host, words);
}

async function help(host: Host, words: readonly string[]): Promise<number> {
  const [topic = ''] = words;
  if (topic === '') return print(host, shortHelp(shelf));
  const isVerb = Object.hasOwn(verbs, topic);
  const about = isVerb ? await verbText(topic as CliVerb) : topicText(shelf, words);
  if (about !== undefined) return print(host, about);
  await print(host, missingTopic(shelf, words));
  return exits.settings.code;
}

async function verbText(verb: CliVerb): Promise<string> {
  const about = `${verb}: ${verbs[verb]}\n`;
  if (verb === 'help') return about + shortHelp(shelf);
  const flags = flagsOf(verb).map((name) => `  --${name}  ${verbFlags[name]?.about}\n`);
  if (verb === 'orca') return `${about}\n${flags.join('')}`;
  if (verb === 'serve') return `${about}\n${flags.join('')}\n${settingsHelp([serverOwner])}\n`;
  return verb in runs ? `${about}\n${await flagHelp(owners)}` : about;
}

const shelf: Shelf = {
  owners,
  targets: targetEntries,
  reporters: reporterEntries,
  ciSystems,
  version,
};
/** Whose move is it? */
function explainError(error: unknown): { readonly text: string; readonly exit: number } {
  if (error instanceof SettingsError) return { text: error.message, exit: exits.settings.code };
  if (error instanceof RemoteError) {
    return { text: messageOf(error), exit: exitOfRemote[error.kind] };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `This is a bug in Slipway ${version}:\n${stack}`, exit: exits.bug.code };
}
