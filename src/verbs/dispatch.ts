import { completionScript } from '../cli/completion.ts';
import { misuseText } from '../cli/misuse.ts';
import { parseLine } from '../cli/parse.ts';
import { missingTopic, type Shelf, shortHelp, topicText, welcome } from '../cli/topics.ts';
import { verbHelp } from '../cli/verb-help.ts';
import { type CliVerb, isRunVerb, type RunVerb, verbs } from '../cli/verbs.ts';
import { ciSystems } from '../context/index.ts';
import { messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { exitOfRemote, exits } from '../outcome.ts';
import { reporterEntries } from '../reporters/index.ts';
import { lineOf } from '../run/words.ts';
import { StoreError } from '../store/errors.ts';
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

const runs: Readonly<Record<RunVerb, (base: Base) => Promise<number>>> = {
  deploy,
  status,
  check,
  reap,
};

/** What the process was asked to do; resolves to the exit code and never rejects. */
export async function dispatch(host: Host): Promise<number> {
  try {
    const [first, ...rest] = host.argv;
    if (first === undefined) return await runVerb(host, undefined, {});
    // Without the parser, because it costs more than the answer.
    if (rest.length === 0 && (first === '--version' || first === 'version')) {
      return await print(host, `${version}\n`);
    }
    const { verb, words, flags, asksHelp, faults } = await parseLine(
      host.argv,
      owners,
      serverOwner,
    );
    if (asksHelp) return await help(host, verb ? [verb] : []);
    if (faults.length > 0) return await complain(host, misuseText(faults));
    if (verb === undefined || isRunVerb(verb)) return await runVerb(host, verb, flags);
    return await explain(host, verb, words, flags);
  } catch (error) {
    const { text, exit } = explainError(error);
    return await complain(host, `${text}\n`, exit);
  }
}

async function print(host: Host, text: string): Promise<number> {
  await host.write(text);
  return exits.ok.code;
}

/** Of what is no run: whoever writes our words to a file must not find the fault in it. */
async function complain(
  host: Host,
  text: string,
  exit: number = exits.settings.code,
): Promise<number> {
  await host.writeError(text);
  return exit;
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
  if (verb === 'version') return print(host, `${version}\n`);
  if (verb === 'completion') return print(host, completionScript(shelf));
  // Loaded here, because a run needs neither YAML nor what reads it.
  if (verb === 'serve' && flags['check-config'] === undefined) {
    return (await import('./serve.ts')).serve(host, flags);
  }
  if (verb === 'serve') return (await import('./check-config.ts')).checkConfig(host, flags);
  if (verb === 'backup') return (await import('./backup.ts')).backup(host, flags, words[0]);
  if (verb === 'orca') return print(host, await (await import('./orca.ts')).orca(host, flags));
  return help(host, words);
}

async function help(host: Host, words: readonly string[]): Promise<number> {
  const [topic = ''] = words;
  if (topic === '' || (topic === 'help' && words.length === 1))
    return print(host, shortHelp(shelf));
  const isVerb = words.length === 1 && topic !== 'help' && Object.hasOwn(verbs, topic);
  const about = isVerb ? verbHelp(shelf, topic as CliVerb) : topicText(shelf, words);
  return about === undefined ? complain(host, missingTopic(shelf, words)) : print(host, about);
}

const shelf: Shelf = {
  owners,
  targets: targetEntries,
  reporters: reporterEntries,
  ciSystems,
  server: serverOwner,
  version,
};
/** Whose move is it? */
function explainError(error: unknown): { readonly text: string; readonly exit: number } {
  if (error instanceof SettingsError) return { text: error.message, exit: exits.settings.code };
  if (error instanceof RemoteError) {
    return { text: messageOf(error), exit: exitOfRemote[error.kind] };
  }
  // At the start of a server, or in a backup: its folder or database is not as the settings say.
  if (error instanceof StoreError) return { text: error.message, exit: exits.settings.code };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `This is a bug in Slipway ${version}:\n${stack}`, exit: exits.bug.code };
}
