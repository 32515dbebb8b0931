import type { Config } from '../../deployments/config.ts';
import { shortCommit } from '../../order.ts';
import { isOver, type Run, runStatuses } from '../../store/run.ts';
import type { ListQuery } from '../query.ts';
import { progressOf } from '../run-view.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { stateOf, timeOf } from './run-parts.ts';
import { lasted, states } from './words.ts';

export type Listed = {
  readonly query: ListQuery;
  readonly runs: readonly Run[];
  readonly next: string | undefined;
  /** Those that the viewer may see. */
  readonly deployments: Config['deployments'];
};

export function listPage(frame: Frame, listed: Listed): Html {
  const { runs, next, query } = listed;
  const isLive = runs.some(({ status }) => !isOver(status));
  const body = html`
<h1>Runs</h1>
${(runs.length > 0 || isNarrowed(query)) && filters(frame, listed)}
<div id="runs" data-refresh="10">
${runs.length === 0 ? empty(frame, listed) : html`<div class="columns" aria-hidden="true"><span>State</span><span>Deployment</span><span class="facts"><span>Environment</span><span>Version</span><span>By</span><span>When</span></span></div><ul class="runs">${runs.map((run) => row(frame, run))}</ul>`}
</div>
<nav class="pages" aria-label="Pages">
${query.cursor !== undefined && html`<a href="${address(frame, query, undefined)}">Newest</a>`}
${next !== undefined && html`<a href="${address(frame, query, next)}" rel="next">Older runs</a>`}
</nav>`;
  return layout(frame, { title: 'Runs', body, reload: isLive ? 10 : undefined });
}

const row = ({ links, now }: Frame, run: Run): Html => html`
<li class="run">
${stateOf(run)}
<div class="what">
<a class="title" href="${links.page(`/runs/${run.id}`)}">${run.deployment}</a>
<p class="progress">${progressOf(run)}</p>
</div>
<dl class="facts">
<div><dt>Environment</dt><dd>${run.environment}</dd></div>
<div><dt>Version</dt><dd>${versionOf(run)}</dd></div>
<div><dt>By</dt><dd>${run.actor ?? run.source}</dd></div>
<div><dt>When</dt><dd>${timeOf(run.createdAt, now)}${tookOf(run, now)}</dd></div>
</dl>
</li>`;

const versionOf = ({ ref, commit }: Run): Html | string => {
  const short = commit && html`<code>${shortCommit(commit)}</code>`;
  if (ref && ref !== commit) return short ? html`${ref} ${short}` : ref;
  return short ?? '–';
};

const tookOf = ({ startedAt, endedAt, status }: Run, now: number): Html | undefined => {
  if (startedAt === undefined) return undefined;
  if (endedAt !== undefined) return html`<span class="took">${lasted(endedAt - startedAt)}</span>`;
  return isOver(status)
    ? undefined
    : html`<span class="took">for ${lasted(now - startedAt)}</span>`;
};

function filters({ links }: Frame, { query, deployments }: Listed): Html {
  const names = deployments.map(({ name }) => name);
  const environments = [...new Set(deployments.map(({ environment }) => environment))];
  const words = runStatuses.map((status) => [status, states[status].word] as const);
  const plain = (texts: readonly string[]) => texts.map((text) => [text, text] as const);
  return html`
<form class="filters" method="get" action="${links.page('/')}" data-instant>
${choice('deployment', 'Deployment', plain(withChosen(names, query.deployment)), query.deployment)}
${choice('environment', 'Environment', plain(withChosen(environments, query.environment)), query.environment)}
${choice('status', 'State', words, query.status)}
<button>Show</button>
${isNarrowed(query) && html`<a class="clear" href="${links.page('/')}">Clear</a>`}
</form>`;
}

const isNarrowed = ({ deployment, environment, status, cursor }: ListQuery): boolean =>
  [deployment, environment, status, cursor].some((each) => each !== undefined);

const withChosen = (names: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || names.includes(chosen) ? names : [...names, chosen];

const choice = (
  name: string,
  label: string,
  options: readonly (readonly [value: string, shown: string])[],
  chosen: string | undefined,
): Html => html`
<label>${label}
<select name="${name}">
<option value="">All</option>
${options.map(
  ([value, shown]) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${shown}</option>`,
)}
</select>
</label>`;

function empty({ links }: Frame, { query, deployments }: Listed): Html {
  if (isNarrowed(query)) {
    return html`<div class="empty"><h2>No run fits</h2><p>Choose other filters, or <a href="${links.page('/')}">see all runs</a>.</p></div>`;
  }
  const [first] = deployments;
  return html`
<div class="empty">
<h2>No runs yet</h2>
<p>The first deploy will be here as soon as it is asked for: by a request, by Spinnaker, or by an event of the forge.</p>
${
  first?.on.api &&
  html`<pre tabindex="0">curl ${links.api('/v1/runs')} \\
  --header "Authorization: Bearer $TOKEN" \\
  --data '{"deployment": "${first.name}", "ref": "main"}'</pre>`
}
<p><a href="${links.page('/docs')}">How to ask for a run</a></p>
</div>`;
}

function address({ links }: Frame, query: ListQuery, cursor: string | undefined): string {
  const kept = Object.entries({ ...query, cursor }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const text = new URLSearchParams(kept).toString();
  return links.page(text === '' ? '/' : `/?${text}`);
}
