import type { Answer } from '../../http/http.ts';
import { isObject } from '../../settings/rules.ts';
import { valueAt } from './json-path.ts';
import type { WebhookValues } from './settings.ts';

export type Phase = 'running' | 'success' | 'failure' | 'cancelled';

/** What one answer of the service says. */
export type Report = {
  readonly phase: Phase;
  /** The service's own word for the state, as it wrote it. */
  readonly word: string | undefined;
  readonly progress: string | undefined;
  readonly description: string | undefined;
  readonly environmentUrl: string | undefined;
  readonly outputs: readonly (readonly [name: string, value: string])[];
  readonly links: Links;
};
export type Links = {
  readonly status: string | undefined;
  readonly cancel: string | undefined;
  /** For people. */
  readonly page: string | undefined;
};

export function readReport(values: WebhookValues, answer: Answer, json: unknown): Report {
  const word = line(valueAt(values.webhookState, json));
  const environment = link(valueAt('$.environment_url', json), answer.url);
  const location = values.webhookStatusUrl === 'location';
  const status = location ? answer.headers.location : valueAt(values.webhookStatusUrl, json);
  return {
    phase: phaseOf(values, word),
    word,
    progress: line(valueAt(values.webhookProgress, json)),
    description: line(valueAt('$.description', json)),
    environmentUrl: environment?.startsWith('https:') ? environment : undefined,
    outputs: outputsIn(valueAt('$.outputs', json)),
    links: {
      status: link(status, answer.url),
      cancel: link(valueAt(values.webhookCancelUrl, json), answer.url),
      page: link(valueAt('$.html_url', json), answer.url),
    },
  };
}

function phaseOf(values: WebhookValues, word: string | undefined): Phase {
  const said = word?.toLowerCase();
  const among = (words: readonly string[]): boolean =>
    words.some((each) => each.toLowerCase() === said);
  if (among(values.webhookFailure)) return 'failure';
  if (among(values.webhookCancelled)) return 'cancelled';
  return among(values.webhookSuccess) ? 'success' : 'running';
}

const runningWords = /^(?:queued|pending|waiting|created|starting|running|in[_ -]?progress)$/i;
/** A word that no list has; it counts as running, and deserves a line. */
export const isStrange = ({ phase, word }: Report): boolean =>
  phase === 'running' && !runningWords.test(word ?? '');

/** One line of text, however the service wrote it; whole, for what is cut cannot be redacted any more. */
function line(value: unknown): string | undefined {
  if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  return String(value).replace(/\s+/g, ' ').trim() || undefined;
}

/** An absolute web address without a user in it. */
function link(value: unknown, base: string): string | undefined {
  if (typeof value !== 'string' || value === '' || !URL.canParse(value, base)) return undefined;
  const url = new URL(value, base);
  if (!/^https?:$/.test(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  return url.href;
}

/** These are the run's own to say. */
const ours = new Set([
  ...['outcome', 'deployment_id', 'deployment_state', 'environment', 'environment_url'],
  ...['log_url', 'commit', 'run_key', 'description'],
]);
function outputsIn(value: unknown): Report['outputs'] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, raw]) => {
    const name = key.toLowerCase().replace(/[-.]/g, '_');
    const text = ['string', 'number', 'boolean'].includes(typeof raw) ? String(raw) : undefined;
    const usable = /^[a-z][a-z0-9_]{0,63}$/.test(name) && !ours.has(name);
    return usable && text !== undefined ? [[name, text] as const] : [];
  });
}
