import { type Ending, reasonText, stoppedAs } from '../../ending.ts';
import { messageOf, RemoteError } from '../../errors.ts';
import { retryAfter } from '../../http/retry.ts';
import type { Job, TargetDeps, Verdict } from '../target.ts';
import { isStrange, type Links, type Report } from './report.ts';
import type { Service } from './service.ts';
import type { WebhookValues } from './settings.ts';

type Followed = {
  readonly job: Job;
  readonly service: Service;
  readonly values: WebhookValues;
  readonly deps: TargetDeps;
  readonly ending: Ending;
  readonly links: Links;
};

/** A no is believed when it was said three times in a row: gateways say it in passing. */
const believed = 3;
/** Between two looks while the service ends what we cancelled. */
const hurryMs = 500;

export function createWatch(followed: Followed): {
  follow(first: Report | undefined): Promise<Verdict>;
  stop(): Promise<Verdict>;
} {
  const { job, service, values, deps, ending } = followed;
  const { clock, log } = deps;
  const tell = createTeller(followed);
  let links = followed.links;
  let troubles = 0;
  let noes = 0;

  async function look(signal: AbortSignal): Promise<Report> {
    const report = await service.look(links.status ?? '', signal);
    links = {
      ...links,
      page: report.links.page ?? links.page,
      cancel: report.links.cancel ?? links.cancel,
    };
    tell(report);
    return report;
  }

  /** How long to wait after a look that failed; a verdict when looking again is of no use. */
  function missed(error: unknown): number | Verdict {
    if (!(error instanceof RemoteError)) throw error;
    const refused = error.kind !== 'unavailable';
    noes = refused ? noes + 1 : 0;
    troubles += 1;
    if (noes === believed) return { outcome: 'error', description: lost(error), ...goesOn() };
    // The first, the second, the fourth, the eighth …
    if (Number.isInteger(Math.log2(troubles))) {
      log.warn(`${error.message} (${troubles} in a row); the deploy goes on, asking again`);
    }
    const { headers } = error.answer ?? {};
    const asked = retryAfter(headers?.['retry-after'], headers?.date) ?? 0;
    return Math.max(values.webhookInterval, asked);
  }

  const goesOn = (): { goesOn: string } => ({
    goesOn: links.page ?? (links.status ? service.show(links.status) : service.host),
  });

  async function follow(first: Report | undefined): Promise<Verdict> {
    if (first) tell(first);
    let pause = first ? values.webhookInterval : 0;
    for (;;) {
      await clock.pause(pause, job.signal);
      if (job.signal.aborted) return stop();
      try {
        const report = await look(job.signal);
        if (troubles > 0) log.info('The service answers again');
        troubles = noes = 0;
        if (report.phase !== 'running') return verdictOf(followed, report);
        pause = values.webhookInterval;
      } catch (error) {
        if (job.signal.aborted) continue;
        const next = missed(error);
        if (typeof next !== 'number') return next;
        pause = next;
      }
    }
  }

  /** Tells the service, and looks whether it ends in the time that is left. */
  async function stop(): Promise<Verdict> {
    const said = await cancel();
    let looks = 0;
    while (links.status !== undefined && !ending.signal.aborted) {
      const report = await look(ending.signal).catch(() => undefined);
      if (report && report.phase !== 'running') return verdictOf(followed, report);
      looks += 1;
      if (!said.cancelling && looks > 1) break;
      await clock.pause(hurryMs, ending.signal);
    }
    return { outcome: stoppedAs(job.signal), description: said.text, ...goesOn() };
  }

  async function cancel(): Promise<{ cancelling: boolean; text: string }> {
    if (links.cancel === undefined) {
      return { cancelling: false, text: 'the service offers no way to cancel' };
    }
    try {
      await service.cancel(links.cancel, reasonText(job.signal), ending.signal);
      return { cancelling: true, text: 'the service was told to cancel and has not ended yet' };
    } catch (error) {
      return {
        cancelling: false,
        text: `the service could not be told to cancel: ${messageOf(error)}`,
      };
    }
  }

  return { follow, stop };
}

/** Passes on what changed since the last report. */
function createTeller({ job, values, deps }: Followed): (report: Report) => void {
  const strange = new Set<string | undefined>();
  let told: string | undefined;
  let url: string | undefined;
  return (report) => {
    const text = report.progress ?? report.word;
    if (text !== undefined && text !== told) job.progress(text);
    told = text ?? told;
    if (report.environmentUrl && report.environmentUrl !== url) job.serves(report.environmentUrl);
    url = report.environmentUrl ?? url;
    if (!isStrange(report) || strange.has(report.word)) return;
    strange.add(report.word);
    deps.log.warn(
      report.word === undefined
        ? `The answer has no state at ${values.webhookState}: taken as running`
        : `The service says ${report.word}, which no list has: taken as running (webhook_success, webhook_failure, webhook_cancelled)`,
    );
  };
}

function lost({ status, message }: RemoteError): string {
  const unknown = 'how the deploy ends is not known';
  if (status === 404 || status === 410)
    return `the service forgot the run, so ${unknown}: ${message}`;
  if (status === 401 || status === 403) {
    return `the credentials stopped working in the middle of the deploy, so ${unknown}: ${message}`;
  }
  return `the service does not let us follow, so ${unknown}: ${message}`;
}

/** The verdict of a report that is an end. */
export function verdictOf({ job }: { readonly job: Job }, report: Report): Verdict {
  for (const [name, value] of report.outputs) job.result(name, value);
  if (report.environmentUrl) job.serves(report.environmentUrl);
  const said = [report.word, report.description ?? report.progress]
    .filter((text) => text)
    .join(': ');
  const description = `the service says ${said}`;
  if (report.phase !== 'cancelled') {
    const outcome = report.phase === 'success' ? 'success' : 'failure';
    return { outcome, description };
  }
  return { outcome: job.signal.aborted ? stoppedAs(job.signal) : 'cancelled', description };
}
