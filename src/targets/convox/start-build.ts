import { messageOf, RemoteError } from '../../errors.ts';
import { isOfGit, type Order, shortCommit } from '../../order.ts';
import { isForbidden, saidIn, wordsOf } from './dialect.ts';
import type { Form } from './rack.ts';
import type { ConvoxValues } from './settings.ts';
import type { Build } from './shapes.ts';
import {
  after,
  before,
  type Deploying,
  ended,
  type Facts,
  keyIn,
  markOf,
  stopped,
} from './stage.ts';

/** After a lost answer the rack is asked so often whether the build is there after all. */
const looks = 5;
const lookEveryMs = 2000;

/** Starts the build, once: an answer that was lost is looked for by our key before anything is repeated. */
export async function startBuild(d: Deploying, facts: Facts, url: string): Promise<string> {
  const form = formOf(d, facts, url);
  for (let tries = 1; ; tries += 1) {
    await before(d, { ...facts, step: 'building', url });
    // The rack may be silent until a builder has its place.
    d.job.progress('starting the build');
    const id = await tryOnce(d, form, tries).catch((error: unknown) => {
      // What the rack said no to was not begun.
      if (error instanceof RemoteError) d.course.facts = { ...facts, step: 'uploaded', url };
      throw error;
    });
    if (id === undefined) continue;
    d.job.result('build', id);
    await after(d, { ...facts, step: 'build started', url, build: id });
    d.job.progress(`build ${id} has started`);
    return id;
  }
}

/** The build's id; undefined when it is certain that there is none, and another try makes sense. */
async function tryOnce(d: Deploying, form: Form, tries: number): Promise<string | undefined> {
  const { rack, ending, job, deps } = d;
  try {
    // Not the run's own signal: an answer that is on its way says which build goes on.
    const { id } = await rack.startBuild(form, ending.signal);
    if (id) return id;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (!error.unknown) throw refused(error);
    if (job.signal.aborted) throw notKnown(d, error);
    const found = await lookFor(d, error);
    if (found) return found.id;
    // A rack that answers in words has not started anything that we could not see.
    if (tries > 1 || isSaid(error)) throw refused(error);
    deps.log.warn(`${error.message}; the rack has no such build, so it is started again`);
    return undefined;
  }
  const found = await lookFor(d, new Error('The answer named no build'));
  if (found) return found.id;
  throw notKnown(d, new Error('the rack named no build'));
}

const isSaid = ({ answer }: RemoteError): boolean =>
  answer !== undefined && saidIn(answer) !== undefined;

function refused(error: RemoteError): Error {
  if (isForbidden(error)) return error;
  const outcome = error.kind === 'refused' || isSaid(error) ? 'failure' : 'error';
  return ended(outcome, `the build did not start: ${wordsOf(error)}`);
}

const notKnown = (d: Deploying, error: unknown): Error => {
  const description = `not known whether a build was started: ${messageOf(error)}`;
  return d.job.signal.aborted
    ? stopped(d, description, {
        goesOn: `${d.rack.name()}, if a build was started`,
        part: 'the build',
      })
    : ended('error', description);
};

/** Our build in the rack's list; it may take a moment to be there. */
async function lookFor(d: Deploying, lost: Error): Promise<Build | undefined> {
  const { job, deps } = d;
  const isLost = lost instanceof RemoteError && !lost.answer;
  const what = isLost ? 'The answer was lost' : messageOf(lost);
  deps.log.info(`${what}; asking the rack whether the build has started`);
  for (let n = 0; n < looks; n += 1) {
    try {
      const found = await findBuild(d);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      const why = `${messageOf(lost)}; and the rack's builds cannot be listed: ${error.message}`;
      throw ended('error', `not known whether a build was started: ${why}`);
    }
    if (n + 1 < looks) await deps.clock.pause(lookEveryMs, job.signal);
    if (job.signal.aborted) throw notKnown(d, lost);
  }
  return undefined;
}

/** The newest build of this very attempt. */
export async function findBuild({ rack, key, job }: Deploying): Promise<Build | undefined> {
  const builds = await rack.builds(job.signal);
  return builds.find(({ description, id }) => id && description.includes(markOf(key)));
}

/** The newest build of this run, whichever attempt it was of, and the key that it has. */
export async function findEarlier({
  rack,
  job,
}: Deploying): Promise<{ readonly build: Build; readonly key: string } | undefined> {
  for (const build of await rack.builds(job.signal)) {
    const key = keyIn(build.description, job.order.runKey);
    if (build.id && key !== undefined) return { build, key };
  }
  return undefined;
}

function formOf({ job, values, key }: Deploying, facts: Facts, url: string): Form {
  const { order } = job;
  const sha = order.tree ?? order.commit;
  const args = Object.entries(values.convoxBuildArgs ?? {}).map(([name, value]) =>
    facts.isThree ? quotedForShell(`${name}=${value}`) : `${name}=${value}`,
  );
  return {
    url,
    description: `${values.convoxDescription ?? descriptionOf(order)} ${markOf(key)}`,
    manifest: values.convoxManifest,
    ...(sha && isOfGit(sha) ? { 'git-sha': sha } : {}),
    ...(args.length > 0 ? { 'build-args': args.join(',') } : {}),
    // `false` would switch the cache off on version 3, where `true` leaves it on.
    ...(values.convoxNoCache ? { 'no-cache': 'true' } : {}),
    ...(values.convoxDevelopment ? { development: 'true' } : {}),
  };
}

function descriptionOf(order: Order): string {
  const { repo, commit, ref, actor, description, buildUrl } = order;
  if (description) return description.replace(/\s+/g, ' ');
  const what = [repo, commit && shortCommit(commit), ref && `(${ref})`].filter(Boolean).join(' ');
  return [what || order.task, actor && `by ${actor}`, buildUrl].filter(Boolean).join(' ');
}

/** Version 3 puts arguments into a command line, and splits that like a shell. */
const quotedForShell = (text: string): string =>
  /^[\w=.:/@%+-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** Whether a value has to be quoted, which only a rack whose version is known can be sent. */
export const needsQuotes = ({ convoxBuildArgs }: ConvoxValues): boolean =>
  Object.values(convoxBuildArgs ?? {}).some((value) => !/^[\w=.:/@%+-]*$/.test(value));
