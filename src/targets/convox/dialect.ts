import { RemoteError } from '../../errors.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';
import type { Place } from './place.ts';

type Said = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

/** What a rack says of an error: JSON where it knows that, one line of text where it does not; never a page. */
export function saidIn({ headers, body }: Said): string | undefined {
  const json = jsonOf(body);
  if (isObject(json)) {
    const [, error] = Object.entries(json).find(([key]) => key.toLowerCase() === 'error') ?? [];
    return typeof error === 'string' ? oneLine(error) : undefined;
  }
  const isText = /^text\/plain\b/i.test(headers['content-type'] ?? 'text/plain');
  return isText && !/<(?:html|!doctype)/i.test(body) ? oneLine(body) : undefined;
}

const oneLine = (text: string): string | undefined => text.replace(/\s+/g, ' ').trim() || undefined;

/** Many a rack answers 500 to what it does not find. */
export const saysMissing = (said: Said): boolean =>
  said.status === 404 ||
  (said.status > 399 && /not found|no such (?:app|release)/i.test(saidIn(said) ?? ''));

/** Of an object a rack says what its provider's store says, and that is each one's own: S3, GCS, Azure. */
export const saysNoObject = (said: Said): boolean =>
  saysMissing(said) ||
  (said.status > 399 && /no ?such ?key|does(?:n't| not) exist/i.test(saidIn(said) ?? ''));

/** The same error in the rack's own words, but for what these quote of the credential. */
export function inWords(
  error: RemoteError,
  { secrets, setting }: Pick<Place, 'secrets' | 'setting'>,
): RemoteError {
  const { kind, status, unknown, cause } = error;
  if (!error.answer) return error;
  const clean = (text: string): string =>
    secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  const answer = { ...error.answer, body: clean(error.answer.body) };
  const said = saidIn(answer);
  const id = answer.headers['request-id'];
  const more = [
    // Of JSON the message has it already, with other stars in it where it quotes a credential.
    said && /answered \d+$/.test(error.message) ? `: ${said}` : '',
    id && /^[\w-]{1,64}$/.test(id) ? ` (request ${id})` : '',
    adviceOf(status, said, setting),
  ].join('');
  return new RemoteError(`${clean(error.message)}${more}`, {
    ...{ kind, unknown, answer, cause },
    ...(status === undefined ? {} : { status }),
  });
}

function adviceOf(status: number | undefined, said: string | undefined, setting: string): string {
  if (status === 403) return `; what ${setting} holds may not do this`;
  if (status !== 401) return '';
  const isWrong = /invalid authentication/i.test(said ?? '');
  return `; ${setting} is wrong, expired or revoked${isWrong ? '' : ', or may not do this'}`;
}

/** What the rack said, without the request in front. */
export const wordsOf = (error: RemoteError): string =>
  (error.answer && saidIn(error.answer)) ?? error.message;

export const isMissing = (error: unknown): boolean =>
  error instanceof RemoteError && error.answer !== undefined && saysMissing(error.answer);

/** In the rack's words: a bare 404 may be of whatever stands in front of it. */
export const isWithoutApp = ({ answer }: RemoteError): boolean =>
  answer !== undefined && /app not found|no such app/i.test(saidIn(answer) ?? '');

export const isNoObject = (error: unknown): boolean =>
  error instanceof RemoteError && error.answer !== undefined && saysNoObject(error.answer);

/** A credential that may do less than others: deploy keys, roles. */
export const isForbidden = ({ kind }: RemoteError): boolean =>
  kind === 'credentials' || kind === 'permission';

/** What the rack refuses to this credential; a password that is wrong is wrong for everything. */
export const mayBeDoneWithout = (error: unknown): error is RemoteError =>
  error instanceof RemoteError &&
  error.answer !== undefined &&
  error.kind !== 'unavailable' &&
  !(error.kind === 'credentials' && /invalid authentication/i.test(wordsOf(error)));
