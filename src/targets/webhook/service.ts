import { createHmac } from 'node:crypto';
import type { Answer, Exchange } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import type { Order } from '../../order.ts';
import { isObject } from '../../settings/rules.ts';
import type { TargetDeps } from '../target.ts';
import { type Report, readReport } from './report.ts';
import { accepts, type WebhookValues } from './settings.ts';
import { defaultBody, renderBody } from './template.ts';

export type Started = {
  readonly report: Report;
  readonly replayed: boolean;
  readonly page: boolean;
  /** Services that answer 200 to everything say there that they did not do it. */
  readonly complaint: string | undefined;
};

/** The service's three exchanges. Everything that is secret about it stays in here. */
export interface Service {
  readonly host: string;
  /** It speaks `POST /v1/runs`, where the same key gives the same run however often it is asked. */
  readonly keepsKeys: boolean;
  start(order: Order, key: string, signal: AbortSignal): Promise<Started>;
  look(url: string, signal: AbortSignal): Promise<Report>;
  cancel(url: string, reason: string, signal: AbortSignal): Promise<void>;
  /** A link without what is secret in the service's own address, for checkpoints; and back. */
  fold(url: string): string;
  unfold(text: string): string;
  /** The part of a link that people may see. */
  show(url: string): string;
}

export function createService(values: WebhookValues, { http, log }: TargetDeps): Service {
  const { address, headers } = withoutUser(values);
  const home = new URL(address);
  const base = home.origin + home.pathname;
  const strangers = new Set<string>();

  function headersFor(url: string): Record<string, string> {
    const { origin } = new URL(url);
    if (origin === home.origin) return headers;
    if (!strangers.has(origin)) {
      log.warn(`The deploy is followed at ${origin}; credentials go only to ${home.origin}`);
      strangers.add(origin);
    }
    return {};
  }
  const sent = (url: string, body: string): Record<string, string> => ({
    'content-type': 'application/json',
    ...headersFor(url),
    ...(values.webhookSecret && new URL(url).origin === home.origin
      ? { 'x-hub-signature-256': signature(values.webhookSecret, body) }
      : {}),
  });

  return {
    host: home.host,
    keepsKeys: values.webhookBody === undefined,
    async start(order, key, signal) {
      const { webhookBody: template, webhookMethod: method } = values;
      const body = template === undefined ? defaultBody(order) : renderBody(template, order);
      const answer = await http.request({
        method,
        url: address,
        headers: { accept: 'application/json', ...sent(address, body), 'idempotency-key': key },
        body,
        repeat: template === undefined ? 'safe' : 'once',
        accept: (status) => accepts(values.webhookAccept, status),
        secretPath: true,
        signal,
      });
      const json = jsonOrNothing(answer);
      const report = readReport(values, answer, json);
      const replayed = answer.status === 200;
      return { report, replayed, page: isPage(answer), complaint: complaintIn(json) };
    },
    async look(url, signal) {
      const headers = { accept: 'application/json', ...headersFor(url) };
      const exchange: Exchange = { method: 'GET', url, headers, secretPath: true, signal };
      const answer = await http.request(exchange);
      return readReport(values, answer, jsonOf(answer, `GET ${new URL(url).host}/…`));
    },
    async cancel(url, reason, signal) {
      const body = JSON.stringify({ reason });
      const headers = sent(url, body);
      const call = { method: 'POST', repeat: 'safe', secretPath: true } as const;
      await http.request({ ...call, url, headers, body, signal });
    },
    fold: (url) => (url.startsWith(base) ? `@${url.slice(base.length)}` : url),
    unfold: (text) => (text.startsWith('@') ? base + text.slice(1) : text),
    show: (url) => {
      const { origin, pathname } = new URL(url);
      return url.startsWith(base) ? origin : origin + pathname;
    },
  };
}

/** A user in the URL becomes a header, which goes to the same places as every other credential. */
function withoutUser(values: WebhookValues): { address: string; headers: Record<string, string> } {
  const url = new URL(values.webhookUrl);
  const user =
    url.username || url.password ? `${decoded(url.username)}:${decoded(url.password)}` : '';
  url.username = '';
  url.password = '';
  url.hash = '';
  const basic = `Basic ${Buffer.from(user).toString('base64')}`;
  const lower = Object.entries(values.webhookHeaders ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    address: url.href,
    headers: {
      ...Object.fromEntries(lower),
      ...(user ? { authorization: basic } : {}),
      ...(values.webhookToken ? { authorization: `Bearer ${values.webhookToken}` } : {}),
    },
  };
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const signature = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** A service that only accepts may answer with anything. */
const jsonOrNothing = (answer: Answer): unknown => {
  try {
    return JSON.parse(answer.body);
  } catch {
    return undefined;
  }
};

const isPage = ({ headers, body }: Answer): boolean =>
  /^text\/html\b/i.test(headers['content-type'] ?? '') ||
  /^\s*<(?:!doctype html|html)\b/i.test(body);

function complaintIn(json: unknown): string | undefined {
  if (!isObject(json)) return undefined;
  const { ok, success, error, errors } = json;
  const [first] = [errors, error].flat().filter(Boolean);
  const isNo = ok === false || success === false || first !== undefined;
  if (!isNo) return undefined;
  const texts = [isObject(first) ? first.message : first, json.message, json.reason];
  return String(texts.find((text) => typeof text === 'string' && text !== '') ?? 'no reason given');
}
