import { RemoteError } from '../../errors.ts';
import { isForbidden, wordsOf } from './dialect.ts';
import { after, before, type Deploying, ended, type Facts } from './stage.ts';

/** Sets the app's variables before the build, which takes them from the latest release. None of them is ever shown. */
export async function setEnv(d: Deploying, facts: Facts): Promise<void> {
  const { rack, ending, job, values, deps } = d;
  const wanted = values.convoxEnv ?? {};
  const present = values.convoxEnvReplace ? new Map<string, string>() : await read(d);
  const isSet = Object.entries(wanted).every(([name, value]) => present.get(name) === value);
  if (isSet && !values.convoxEnvReplace) {
    deps.log.debug('The variables of the app are as they should be');
    return;
  }
  for (const [name, value] of Object.entries(wanted)) present.set(name, value);
  const lines = [...present].map(([name, value]) => `${name}=${value}`);
  await before(d, { ...facts, step: 'env' });
  job.progress(`setting variables of the app: ${Object.keys(wanted).join(', ')}`);
  await send(() => rack.setEnv(lines.sort().join('\n'), ending.signal));
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

/** The whole set each time, so a second try leaves what the first one did. */
async function send(post: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await post();
      return;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (isForbidden(error)) throw mayNotSet(error);
      if (error.unknown && tries < 3) continue;
      const outcome = error.kind === 'refused' ? 'failure' : 'error';
      throw ended(outcome, `the app's variables could not be set: ${wordsOf(error)}`);
    }
  }
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
