import { messageOf, RemoteError } from '../../errors.ts';
import type { Verdict } from '../target.ts';
import { isMissing, wordsOf } from './dialect.ts';
import type { Form } from './rack.ts';
import { watchRollout } from './rollout.ts';
import type { App } from './shapes.ts';
import {
  after,
  before,
  type Deploying,
  ended,
  type Facts,
  leftOf,
  type Promoting,
  stopped,
} from './stage.ts';
import { assertTrace } from './trace.ts';
import { createTroubles } from './troubles.ts';

const readyEveryMs = 5000;
/** So long nothing moves before a promotion whose answer was lost is asked for once more. */
const lostMs = 3 * 60_000;
/** So long a run that was told to end waits for the answer to its promotion. */
const lastWordMs = 1000;

/** Promotes one release, once, when the app is free, and watches the rollout to its end. */
export async function promote(d: Deploying, facts: Promoting): Promise<Verdict> {
  const until = untilOf(d);
  const { promoting, answer } = await askWhenFree(d, facts, until);
  const seen = await watchAnswered(d, promoting, answer, until);
  if (seen !== 'not begun') return seen;
  const lost = answer as RemoteError;
  if (isWord(lost)) throw refusal(d, promoting, lost);
  d.deps.log.warn(`${lost.message}; nothing has moved since, so it is asked again`);
  await before(d, promoting);
  const again = await watchAnswered(d, promoting, await ask(d, promoting), until);
  if (again !== 'not begun') return again;
  const why = `${lost.message}, twice, and the app does not run it`;
  throw ended('error', `not known whether release ${facts.release} was promoted: ${why}`);
}

type Asked = { readonly promoting: Promoting; readonly answer: 'ok' | RemoteError };

async function askWhenFree(d: Deploying, facts: Promoting, until: number): Promise<Asked> {
  for (;;) {
    const app = await waitUntilFree(d, facts, until);
    // A release of our own build: another process with our key was faster, or a person.
    if (facts.build !== undefined && app.release === facts.release) {
      d.job.progress(`release ${facts.release} is promoted already`);
      return { promoting: facts, answer: 'ok' };
    }
    await assertTrace(d, 'promotion', facts);
    const promoting: Promoting = { ...facts, step: 'promoting', previous: app.release };
    await before(d, promoting);
    d.job.progress(`promoting release ${facts.release}`);
    const answer = await ask(d, promoting);
    if (answer !== 'busy') {
      d.job.result('previous_release', app.release);
      return { promoting, answer };
    }
    d.deps.log.info('Another rollout was faster; waiting for the app again');
    await after(d, { ...facts, step: 'prepared' });
  }
}

async function watchAnswered(
  d: Deploying,
  promoting: Promoting,
  answer: Answered,
  until: number,
): Promise<Verdict | 'not begun'> {
  const isSure = answer === 'ok';
  if (isSure) await after(d, { ...promoting, step: 'promoted' });
  const isLost = answer instanceof RemoteError && !isWord(answer);
  return watchRollout(d, promoting, { isSure, until, ...(isLost ? { graceMs: lostMs } : {}) });
}

/** ms since the epoch. */
export const untilOf = ({ deps, values }: Deploying): number =>
  deps.clock.now() + (values.convoxPromoteTimeout ?? Number.POSITIVE_INFINITY);

/** Only what is running can be promoted; another's rollout is left alone. */
async function waitUntilFree(d: Deploying, facts: Promoting, until: number): Promise<App> {
  const { job, rack, values, deps } = d;
  const troubles = createTroubles(deps.log, 'the wait for the app');
  let said = '';
  for (;;) {
    let pauseMs = readyEveryMs;
    if (job.signal.aborted) throw stopped(d, leftOf(facts));
    try {
      const app = await rack.app(job.signal);
      troubles.over();
      if (app.status === 'running' || values.convoxForce) return app;
      if (app.status === 'failed' || app.status === 'deleting') {
        const why = `the app is ${app.status}; mend it first (convox_force goes on all the same)`;
        throw ended('failure', `${leftOf(facts)}: ${why}`);
      }
      if (app.status !== said) {
        said = app.status;
        job.progress(`waiting for the app, which is ${said}; its rollout is left alone`);
      }
    } catch (error) {
      if (job.signal.aborted) continue;
      if (!(error instanceof RemoteError)) throw error;
      pauseMs = Math.max(
        pauseMs,
        orGiveUp(() => troubles.add(error), facts),
      );
    }
    if (deps.clock.now() >= until) {
      const why = `the app was ${said || 'not to be seen'} until convox_promote_timeout passed`;
      throw ended('timed_out', `${leftOf(facts)}: ${why}`);
    }
    await deps.clock.pause(Math.min(pauseMs, until - deps.clock.now()), job.signal);
  }
}

function orGiveUp(tell: () => number, facts: Facts): number {
  try {
    return tell();
  } catch (final) {
    throw ended('error', `${leftOf(facts)}: ${messageOf(final)}`);
  }
}

type Answered = 'ok' | 'busy' | RemoteError;

async function ask(d: Deploying, facts: Promoting): Promise<Answered> {
  const { rack, values } = d;
  const { release } = facts;
  const heard = new AbortController();
  const timeout = values.convoxRolloutTimeout;
  const form: Form = {
    force: String(values.convoxForce),
    ...(timeout === undefined ? {} : { timeout: String(Math.ceil(timeout / 1000)) }),
  };
  try {
    await rack.promote(release, form, soonAfter(d, heard.signal));
    return 'ok';
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (/currently updating/i.test(wordsOf(error)) && !values.convoxForce) return 'busy';
    if (!error.unknown || isRefusal(error)) throw refusal(d, facts, error);
    return error;
  } finally {
    heard.abort();
  }
}

/** A run that ends needs what time it has for looking and for cancelling. */
function soonAfter({ job, ending, deps }: Deploying, heard: AbortSignal): AbortSignal {
  const over = new AbortController();
  const begin = (): void => {
    void deps.clock.pause(lastWordMs, heard).then(() => over.abort());
  };
  if (job.signal.aborted) begin();
  else job.signal.addEventListener('abort', begin, { once: true, signal: heard });
  return AbortSignal.any([ending.signal, over.signal]);
}

/** What version 2 says with a 500. */
const isRefusal = (error: RemoteError): boolean =>
  isMissing(error) ||
  /older release|empty manifest|budget cap|validat|yaml|unauthorized/i.test(wordsOf(error));

/** The rack answered in words of its own, so it has heard what was asked. */
const isWord = (error: RemoteError): boolean =>
  error.answer !== undefined && wordsOf(error) !== error.message;

function refusal({ values }: Deploying, facts: Facts, error: RemoteError): Error {
  const said = wordsOf(error);
  const older =
    values.convoxRelease === undefined
      ? ' (a newer one was promoted meanwhile, by another pipeline for all we know)'
      : `; convox_release is older than the active ${facts.previous}, and racks promote no older one: to go back, build the old commit again, in CI by promoting its build`;
  const cure = /older release/i.test(said) ? older : '';
  const outcome = isWord(error) || error.kind !== 'unavailable' ? 'failure' : 'error';
  return ended(outcome, `${leftOf(facts)}: ${said}${cure}`);
}
