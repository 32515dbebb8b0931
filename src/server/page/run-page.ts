import { isOver, type Run } from '../../store/run.ts';
import type { forgeLinks } from '../links.ts';
import { progressOf } from '../run-view.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isWeb, linkTo, stateOf, timeOf } from './run-parts.ts';
import { lasted } from './words.ts';

export type ShownRun = {
  readonly run: Run;
  readonly forge: ReturnType<typeof forgeLinks>;
  /** What asked for it: a build of CI, an execution of Spinnaker. */
  readonly caller?: string;
};
export type ShownLog = {
  readonly text: string;
  /** Where it begins and ends in the whole log. */
  readonly from: number;
  readonly next: number;
};

export function runPage(frame: Frame, shown: ShownRun, log: ShownLog, mayCancel: boolean): Html {
  const { run } = shown;
  const { links } = frame;
  const isLive = !isOver(run.status);
  const own = links.page(`/runs/${run.id}`);
  const body = html`
<nav class="trail" aria-label="Trail"><a href="${links.page('/')}">Runs</a> / <a href="${links.page(`/?deployment=${encodeURIComponent(run.deployment)}`)}">${run.deployment}</a></nav>
<div id="head" aria-live="polite">${runHead(frame, shown)}</div>
${isLive && mayCancel && cancelForm(frame, run)}
<section class="log" aria-labelledby="log-title" data-live="${own}/live" data-next="${log.next}"${isLive && html` data-open`}>
<div class="log-bar">
<h2 id="log-title">Log</h2>
<span class="link" id="connection" role="status">${isLive ? 'Reload to see more' : ''}</span>
<label class="follow" hidden><input type="checkbox" id="follow" checked> Follow</label>
<a href="${own}/log">Plain text</a>
</div>
${log.from > 0 && html`<p class="earlier" id="earlier">The log is long; this is its end. <a href="${own}/log">All of it as plain text</a> <button type="button" hidden>Show all of it here</button></p>`}
<div id="log" tabindex="0" role="log" aria-live="off" aria-label="Log of the run"><pre>${log.text}</pre></div>
${log.text === '' && html`<p class="silence" id="silence">${isLive ? 'Nothing has been said yet.' : 'The deploy said nothing.'}</p>`}
</section>`;
  return layout(frame, {
    title: `${run.deployment}: ${progressOf(run)}`,
    body,
    reload: isLive ? 5 : undefined,
  });
}

/** What changes while a run goes on; the script puts it in place as it is. */
export function runHead({ now }: Frame, { run, forge, caller }: ShownRun): Html {
  const { startedAt, environmentUrl } = run;
  const version = run.commit && html`<code>${run.commit.slice(0, 12)}</code>`;
  return html`
<div class="headline">
<h1>${run.deployment}</h1>
${stateOf(run)}
</div>
<p class="lead">${progressOf(run)}</p>
${run.cancel && html`<p class="note">Cancellation was asked for by ${run.cancel.by}${run.cancel.reason ? `: ${run.cancel.reason}` : ''}, ${timeOf(run.cancel.at, now)}.</p>`}
${run.description && html`<p class="note">${run.description}</p>`}
<dl class="grid" aria-live="off">
${fact('Environment', environmentUrl ? linkTo(environmentUrl, `${run.environment} ↗`) : run.environment)}
${fact('Repository', linkTo(forge.repo, run.repo))}
${fact('Commit', version && linkTo(forge.commit, version))}
${fact('Ref', run.ref)}
${fact('Task', run.task === 'deploy' ? undefined : run.task)}
${fact('Deployment', run.deploymentId && linkTo(forge.deployment, `#${run.deploymentId}`))}
${fact('Started by', `${run.actor ?? run.source}${run.actor && run.actor !== run.source ? ` (${run.source})` : ''}`)}
${fact('CI', isWeb(caller) ? linkTo(caller, `${new URL(caller).host} ↗`) : undefined)}
${fact('Accepted', timeOf(run.createdAt, now))}
${fact('Waited', startedAt === undefined ? undefined : lasted(startedAt - run.createdAt))}
${duration(run, now)}
</dl>
${outputsOf(run)}`;
}

function duration({ startedAt, endedAt, status }: Run, now: number): Html | undefined {
  if (startedAt === undefined) return undefined;
  if (endedAt !== undefined) return fact('Took', lasted(endedAt - startedAt));
  const soFar = html`<span data-since="${startedAt}">${lasted(now - startedAt)}</span>`;
  return isOver(status) ? undefined : fact('Running for', soFar);
}

const fact = (name: string, value: Html | string | undefined): Html | undefined =>
  value === undefined || value === ''
    ? undefined
    : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function outputsOf({ outputs }: Run): Html | undefined {
  const entries = Object.entries(outputs);
  if (entries.length === 0) return undefined;
  return html`
<details class="outputs">
<summary>Outputs</summary>
<dl class="grid">${entries.map(([name, value]) => fact(name, linkTo(value, value)))}</dl>
</details>`;
}

/** A question before the answer, without a script too. */
const cancelForm = ({ links, viewer }: Frame, run: Run): Html => html`
<details class="cancel" id="cancel">
<summary>Cancel this run&hellip;</summary>
<form method="post" action="${links.page(`/runs/${run.id}/cancel`)}">
<input type="hidden" name="seal" value="${viewer?.seal}">
<p>What has been deployed so far may stay as it is. A deploy that cannot be stopped is watched to its real end.</p>
<label>Reason (optional)<input name="reason" maxlength="200" autocomplete="off"></label>
<button class="danger">Yes, cancel it</button>
</form>
</details>`;
