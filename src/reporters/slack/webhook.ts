import { RemoteError } from '../../errors.ts';
import type { Answer } from '../../http/http.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';
import { SlackError } from './api.ts';
import { meaningOf, type Names } from './explain.ts';
import type { Patience, Wire } from './wire.ts';

export type Webhook = { readonly wire: Wire; readonly url: string; readonly names: Names };

/** An incoming webhook. Its address is the secret; what it says is one word of text. */
export async function sendToWebhook(
  message: object,
  patience: Patience,
  { wire, url, names }: Webhook,
): Promise<void> {
  const subject = `POST ${new URL(url).host}/…`;
  const answer = await wire.send(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      secretPath: true,
      accept: (status) => status !== 408 && status !== 429 && status < 500,
    },
    patience,
  );
  const said = answer.body.trim();
  if (isTaken(answer.status, said)) return;
  throw refusal(subject, answer, said, names);
}

/** Slack says ok; servers that take its webhooks say nothing, or something of their own. */
function isTaken(status: number, said: string): boolean {
  if (status < 200 || status > 299) return false;
  const body = jsonOf(said);
  const isNo = isObject(body) && (body.ok === false || body.success === false);
  return said === 'ok' || said === '' || (isObject(body) && !isNo);
}

function refusal(subject: string, { status }: Answer, said: string, names: Names): RemoteError {
  if (status > 199 && status < 300) {
    const message = `${subject} failed: the answer is not Slack's "ok"; is there a proxy or a login page in between?`;
    return new RemoteError(message, { kind: 'unavailable', status, unknown: true });
  }
  // A page is nobody's word.
  const word = /^[a-z_]{2,60}$/.test(said) ? said : 'no word of Slack';
  const known = meaningOf(word, names);
  const kind = status === 401 ? 'credentials' : known.kind;
  const isGone = [401, 403, 404, 410].includes(status) || noPlace.includes(word);
  // What a token sees of channels is not this webhook's matter.
  const advice = noPlace.includes(word) ? undefined : known.advice;
  const cure = advice ?? (isGone ? gone(names) : undefined);
  const message = `${subject} failed: the service answered ${status}: ${word}${cure ? `; ${cure}` : ''}`;
  return new SlackError(message, word, { kind, status });
}

const noPlace = ['channel_not_found', 'user_not_found'];
const gone = ({ webhook }: Names): string =>
  `${webhook} leads to nothing that is there, or takes nothing`;
