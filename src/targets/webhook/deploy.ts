import { createEnding, type Ending, stoppedAs } from '../../ending.ts';
import { RemoteError } from '../../errors.ts';
import { yamlName } from '../../settings/define.ts';
import { endedBefore, type Job, keep, type TargetDeps, type Verdict } from '../target.ts';
import { createWatch, verdictOf } from './follow.ts';
import type { Links, Report } from './report.ts';
import type { Service, Started } from './service.ts';
import type { WebhookValues } from './settings.ts';

type Deploying = {
  readonly job: Job;
  readonly service: Service;
  readonly values: WebhookValues;
  readonly deps: TargetDeps;
  readonly ending: Ending;
};

/** Asks for the deploy, or goes on where an earlier process stopped, and follows it to its end. */
export async function deployBy(
  service: Service,
  values: WebhookValues,
  deps: TargetDeps,
  job: Job,
): Promise<Verdict> {
  const ending = createEnding(job.signal, deps.clock);
  const deploying = { job, service, values, deps, ending };
  const verdict = await goOn(deploying).finally(() => ending.done());
  const { outcome, description, goesOn } = verdict;
  if (!goesOn) await keep(deploying, { step: 'ended', outcome, description });
  return verdict;
}

async function goOn(deploying: Deploying): Promise<Verdict> {
  const { job, service } = deploying;
  const { checkpoint } = job;
  const ended = endedBefore(checkpoint);
  if (ended) return ended;
  if (checkpoint?.step === 'started') {
    const known = (name: string): string | undefined =>
      typeof checkpoint[name] === 'string' ? service.unfold(checkpoint[name]) : undefined;
    const links = { status: known('status_url'), cancel: known('cancel_url'), page: known('page') };
    return links.status === undefined ? notFollowed : follow(deploying, links, undefined);
  }
  return begin(deploying);
}

async function begin(deploying: Deploying): Promise<Verdict> {
  const { job, service, deps, ending } = deploying;
  const resumed = job.checkpoint?.step === 'starting';
  const key = resumed ? String(job.checkpoint?.key) : `${job.order.runKey}-${job.attempt}`;
  if (resumed && !service.keepsKeys) {
    const why = 'an earlier run ended while it asked, and a body of your own is not sent twice';
    return { outcome: 'error', description: `${notKnown}: ${why}` };
  }
  sayAgain(deploying, resumed);
  await job.before({ step: 'starting', key });
  if (job.signal.aborted)
    return { outcome: stoppedAs(job.signal), description: 'nothing was started' };
  let started: Started;
  try {
    // Not the run's own signal: an answer that is already on its way says what there is to cancel.
    started = await service.start(job.order, key, ending.signal);
  } catch (error) {
    return notStarted(deploying, error, resumed || job.predecessor);
  }
  if (started.replayed && (resumed || job.predecessor)) {
    deps.log.info('The service knows this key: its run goes on, nothing was started twice');
  }
  return accepted(deploying, started, key);
}

/** Says what is asked again, and what cannot be known about it. */
function sayAgain({ job, service, deps: { log } }: Deploying, resumed: boolean): void {
  if (resumed || (job.predecessor && service.keepsKeys)) {
    log.info(
      'An earlier run of this deploy has not ended, and may have asked already: asking again with the same key',
    );
  } else if (job.predecessor) {
    log.warn(
      'An earlier run of this deploy has not ended, and whether it deployed is not known; asking again, with the same Idempotency-Key',
    );
  }
}

const notKnown = 'not known whether the deploy was started';
const notFollowed: Verdict = { outcome: 'success', description: 'accepted, not followed' };

function notStarted({ job, values }: Deploying, error: unknown, askedBefore: boolean): Verdict {
  if (!(error instanceof RemoteError)) throw error;
  if (error.unknown || askedBefore) {
    return { outcome: 'error', description: `${notKnown}: ${error.message}` };
  }
  if (job.signal.aborted) {
    return { outcome: stoppedAs(job.signal), description: `nothing was started: ${error.message}` };
  }
  // Credentials that do not work are the author's to mend, and nothing was deployed.
  if (error.kind === 'credentials' || error.kind === 'permission') throw denied(error, values);
  const refused = error.kind === 'refused' && error.status !== undefined;
  return {
    outcome: refused ? 'failure' : 'error',
    description: `nothing was started: ${error.message}`,
  };
}

/** Under the names of the settings that were sent. */
function denied({ message, kind, status }: RemoteError, values: WebhookValues): RemoteError {
  const sent = (['webhookToken', 'webhookHeaders', 'webhookSecret'] as const).filter(
    (key) => values[key] !== undefined,
  );
  const names = [...sent.map(yamlName), 'webhook_url'].join(', ');
  const cure = `look at the credentials in ${names}`;
  return new RemoteError(`${message}; ${cure}`, { kind, ...(status ? { status } : {}) });
}

async function accepted(deploying: Deploying, started: Started, key: string): Promise<Verdict> {
  const { service, values } = deploying;
  const { report, page, complaint } = started;
  const { links } = report;
  const wait = values.webhookWait;
  if (page && wait !== false) {
    const cure = 'is there a login page in between? webhook_wait: false takes any answer';
    const description = `${notKnown}: ${service.host} answered with a web page; ${cure}`;
    return { outcome: 'error', description };
  }
  if (complaint && wait === undefined && report.phase === 'running' && !links.status) {
    const cure = 'webhook_wait: false takes any answer';
    const description = `${notKnown}: ${service.host} accepted it and said "${complaint}"; ${cure}`;
    return { outcome: 'error', description };
  }
  await keep(deploying, { step: 'started', key, ...folded(service, links) });
  if (report.phase !== 'running') return verdictOf(deploying, report);
  if (wait === false) return notFollowed;
  if (links.status === undefined && wait) return unfollowable(values);
  if (links.status === undefined) {
    deploying.deps.log.warn(
      `The answer has no status URL at ${values.webhookStatusUrl}, so the deploy is not followed: whether it ends well is not known here (webhook_wait: false says that this is meant)`,
    );
    return notFollowed;
  }
  return follow(deploying, links, report);
}

function unfollowable(values: WebhookValues): Verdict {
  const description = `the deploy was accepted, but how it ends is not known: its answer has no status URL at ${values.webhookStatusUrl}; set webhook_status_url, or webhook_wait to false`;
  return { outcome: 'error', description };
}

const folded = (service: Service, links: Links): Record<string, string> =>
  Object.fromEntries(
    [
      ['status_url', links.status],
      ['cancel_url', links.cancel],
      ['page', links.page],
    ].flatMap(([name, url]) => (name && url ? [[name, service.fold(url)]] : [])),
  );

const follow = (deploying: Deploying, links: Links, first: Report | undefined): Promise<Verdict> =>
  createWatch({ ...deploying, links }).follow(first);
