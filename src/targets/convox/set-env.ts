import { messageOf, RemoteError } from '../../errors.ts';
import { isForbidden, wordsOf } from './dialect.ts';
import { after, before, type Deploying, ended, type Facts, stopped } from './stage.ts';

/** Sets the app's variables before the build, which takes them from the latest release. None of them is ever shown. */
export async function setEnv(d: Deploying, facts: Facts): Promise<void> {
  const { job, values, deps } = d;
  const wanted = values.convoxEnv ?? {};
  const present = values.convoxEnvReplace ? new Map<string, string>() : await read(d);
  const isThere = Object.entries(wanted).every(([name, value]) => present.get(name) === value);
  if (isThere && !values.convoxEnvReplace) {
    deps.log.debug('The variables of the app are as they should be');
    return;
  }
  for (const [name, value] of Object.entries(wanted)) present.set(name, value);
  const env = [...present].map(([name, value]) => `${name}=${value}`).sort();
  await before(d, { ...facts, step: 'env' });
  job.progress(`setting variables of the app: ${Object.keys(wanted).join(', ')}`);
  await send(d, env);
  await after(d, { ...facts, step: 'env set' });
}

async function read({ rack, job }: Deploying): Promise<Map<string, string>> {
  try {
    return linesOf(await rack.latestEnv(job.signal));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (!isForbidden(error)) throw error;
    const cure = 'set convox_env_replace and all of them, which is what deploy keys may do';
    throw ended('failure', `the app's variables cannot be read, to keep the others: ${cure}`);
  }
}

/** The whole set each time, so a second try leaves what the first one did; it is made only where that cannot be seen. */
async function send(d: Deploying, env: readonly string[]): Promise<void> {
  const { rack, ending, deps } = d;
  let isDoubtful = false;
  for (let tries = 1; ; tries += 1) {
    try {
      await rack.setEnv(env.join('\n'), ending.signal);
      return;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (isForbidden(error)) throw mayNotSet(error);
      isDoubtful ||= error.unknown;
      if (error.unknown) {
        deps.log.info(`${messageOf(error)}; asking the rack whether the variables are set`);
        if (await isSet(d, env)) return;
        if (tries < most && !d.job.signal.aborted) continue;
      }
      throw notSet(d, error, isDoubtful);
    }
  }
}

const most = 3;

async function isSet({ rack, ending }: Deploying, env: readonly string[]): Promise<boolean> {
  try {
    const there = linesOf(await rack.latestEnv(ending.signal));
    return there.size === env.length && env.every((line) => hasLine(there, line));
  } catch (error) {
    if (error instanceof RemoteError) return false;
    throw error;
  }
}

const hasLine = (there: ReadonlyMap<string, string>, line: string): boolean =>
  [...linesOf(line)].every(([name, value]) => there.get(name) === value);

function notSet(d: Deploying, error: RemoteError, isDoubtful: boolean): Error {
  const said = wordsOf(error);
  if (!isDoubtful) {
    const outcome = error.kind === 'refused' ? 'failure' : 'error';
    return ended(outcome, `nothing was built: the app's variables could not be set: ${said}`);
  }
  const what = `nothing was built, and not known whether the app's variables were set: ${said}`;
  return d.job.signal.aborted ? stopped(d, what) : ended('error', what);
}

function mayNotSet({ message, kind, status, answer }: RemoteError): RemoteError {
  const cure = 'convox_env cannot be set so: set the variables once yourself and leave it out';
  return new RemoteError(`${message}; ${cure}, or use a credential that may`, {
    kind,
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });
}

function linesOf(env: string): Map<string, string> {
  const entries = env.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at), line.slice(at + 1).replace(/\r$/, '')]] : [];
  });
  return new Map(entries);
}
