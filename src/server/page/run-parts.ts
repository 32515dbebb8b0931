import { isOver, type Run } from '../../store/run.ts';
import { type Html, html } from './html.ts';
import { ago, instant, states } from './words.ts';

export const stateOf = ({ status, cancel }: Run): Html => {
  const { word, tone, drawing } = states[status];
  const shown = cancel && !isOver(status) ? 'Cancelling' : word;
  return html`<span class="state ${tone}"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="${drawing}"/></svg>${shown}</span>`;
};

export const timeOf = (ms: number, now: number): Html =>
  html`<time datetime="${new Date(ms).toISOString()}" title="${instant(ms)}">${ago(ms, now)}</time>`;

/** What may be a link that leaves us: https alone, whatever a deploy or a caller says that its address is. */
export const isWeb = (address: string | undefined): address is string =>
  address !== undefined && URL.canParse(address) && new URL(address).protocol === 'https:';

export const linkTo = (address: string | undefined, shown: string | Html): Html =>
  isWeb(address) ? html`<a href="${address}" rel="noreferrer">${shown}</a>` : html`${shown}`;
