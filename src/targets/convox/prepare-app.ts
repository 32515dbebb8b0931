import { RemoteError } from '../../errors.ts';
import { noApp, noRelease } from './absence.ts';
import { isForbidden, isMissing, mayBeDoneWithout, wordsOf } from './dialect.ts';
import type { App } from './shapes.ts';
import { after, before, type Deploying, ended, type Facts, faulty, stopped } from './stage.ts';
import { needsQuotes } from './start-build.ts';
import { createTroubles } from './troubles.ts';

/** Of an app that an earlier run, or somebody else, is about to have created: nothing can be built for it yet. */
const unready: ReadonlySet<string> = new Set(['new', 'creating']);
const createdEveryMs = 3000;
const createdWithinMs = 10 * 60_000;

export type Prepared = { readonly facts: Facts; readonly app: App | undefined };

/** What the rack and the app are, before anything is sent. Deploy keys may not be allowed to ask. */
export async function prepareApp(d: Deploying, known: Facts): Promise<Prepared> {
  const { rack, job, values, deps } = d;
  const version = await softly(d, 'its version', () => rack.version(job.signal));
  const app = await findApp(d, known);
  if (values.convoxRelease !== undefined) await findRelease(d, values.convoxRelease);
  if (version) job.result('rack_version', version);
  const isThree = /^\d{1,3}\./.test(version ?? '') || app?.generation === '3';
  const isKnown = version !== undefined || app?.generation !== undefined;
  if (needsQuotes(values) && !isKnown) {
    const why = 'what kind of rack this is cannot be seen with this credential';
    throw ended('failure', `nothing was built: convox_build_args has to be quoted, and ${why}`);
  }
  if (values.convoxNoCache && isThree) {
    deps.log.warn('convox_no_cache: racks of version 3 build with their cache all the same');
  }
  if (values.convoxRolloutTimeout !== undefined && isKnown && !isThree) {
    deps.log.warn('convox_rollout_timeout: racks of version 2 roll back after a time of their own');
  }
  return { facts: { ...known, ...(version ? { version } : {}), isThree }, app };
}

/** An answer that a deploy can do without. */
async function softly<T>(
  { deps }: Deploying,
  what: string,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!mayBeDoneWithout(error)) throw error;
    deps.log.debug(`The rack does not tell ${what}: ${error.message}`);
    return undefined;
  }
}

async function findApp(d: Deploying, facts: Facts): Promise<App | undefined> {
  const { rack, job, values } = d;
  try {
    const app = await softly(d, 'what the app is', () => orMissing(rack.app(job.signal)));
    return app && unready.has(app.status) ? await waitForIt(d) : app;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    if (values.convoxCreateApp) return createApp(d, facts);
    throw faulty(d, ['convoxApp', noApp(rack, values)]);
  }
}

class Missing extends Error {
  override readonly name = 'Missing';
}
const orMissing = (asked: Promise<App>): Promise<App> =>
  asked.catch((error: unknown) => {
    throw isMissing(error) ? new Missing() : error;
  });

/** Before a migration runs on it. */
async function findRelease(d: Deploying, id: string): Promise<void> {
  const { rack, job, values } = d;
  const ask = (): Promise<unknown> =>
    rack.release(id, job.signal).catch((error: unknown) => {
      throw isMissing(error) ? faulty(d, ['convoxRelease', noRelease(values)]) : error;
    });
  await softly(d, 'whether the release is there', ask);
}

async function createApp(d: Deploying, facts: Facts): Promise<App> {
  const { rack, ending, values, deps } = d;
  await before(d, { ...facts, step: 'creating' });
  d.job.progress(`creating the app ${values.convoxApp}`);
  let doubt: RemoteError | undefined;
  try {
    await rack.createApp(ending.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    // What the rack said no to was not begun.
    if (isForbidden(error)) d.course.facts = facts;
    if (isForbidden(error)) throw error;
    const isThere = error.status === 409 || /already exists/i.test(wordsOf(error));
    if (!isThere && !error.unknown) {
      throw ended('failure', `the app could not be created: ${wordsOf(error)}`);
    }
    if (!isThere) doubt = error;
    deps.log.debug(error.message);
  }
  const app = await waitForIt(d, doubt);
  await after(d, { ...facts, step: 'looking' });
  return app;
}

async function waitForIt(d: Deploying, doubt?: RemoteError): Promise<App> {
  const { rack, job, deps, values } = d;
  d.job.progress(`waiting for the app ${values.convoxApp}, which is being created`);
  const until = deps.clock.now() + createdWithinMs;
  const troubles = createTroubles(deps.log, 'waiting for the app');
  for (;;) {
    if (job.signal.aborted) throw stopped(d, `the app ${values.convoxApp} is being created`);
    let patience = createdEveryMs;
    const app = await orMissing(rack.app(job.signal)).catch((error: unknown) => {
      // It shows a while after the rack has taken it.
      if (!(error instanceof Missing)) patience = Math.max(patience, troubles.add(error));
      return undefined;
    });
    if (app) troubles.over();
    if (app?.status === 'running') return app;
    if (deps.clock.now() > until && doubt) {
      const what = `not known whether the app ${values.convoxApp} was created`;
      throw ended('error', `nothing was built, and ${what}: ${wordsOf(doubt)}`);
    }
    if (deps.clock.now() > until) {
      throw ended('failure', `the app ${values.convoxApp} was created and does not come up`);
    }
    await deps.clock.pause(patience, job.signal);
  }
}
