import { RemoteError } from '../../errors.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';

const longestText = 300;

type Told = {
  readonly token: string;
  /** What Divio says of it may quote a value. */
  readonly secret: boolean;
  /** Divio has answered before, or just now. */
  readonly isHeard: boolean;
};

/** The same failure with what Divio says of it, and what it means to the pipeline's author. */
export function explained(error: RemoteError, { token, secret, isHeard }: Told): RemoteError {
  const { status, answer } = error;
  const said =
    secret || !answer ? withheldIn(answer?.body) : saidIn(answer.body)?.replaceAll(token, '***');
  // The general client has found `message` and `error` already.
  const news = said && (secret || !error.message.includes(said)) ? `: ${said}` : '';
  const before =
    secret && status ? error.message.replace(/(answered \d+).*$/s, '$1') : error.message;
  const advice = isHeard ? adviceOf(status) : '; the host is that of divio_api_url or divio_zone';
  return new RemoteError(`${before}${news}${advice}`, {
    kind: error.kind,
    unknown: error.unknown,
    cause: error.cause,
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });
}

function adviceOf(status: number | undefined): string {
  if (status === 401) return '; divio_token is wrong, expired or revoked';
  if (status === 403) return '; the user of divio_token may not do this';
  // Divio hides what a user may not see.
  return status === 404
    ? '; there is no such thing, or the user of divio_token may not see it'
    : '';
}

/** In the order in which the vendor's own client looks. */
export function saidIn(body: string): string | undefined {
  const json = jsonOf(body);
  if (Array.isArray(json)) return textsIn(json).join('; ') || undefined;
  if (!isObject(json)) {
    // Not cut: what is left of a secret could not be redacted.
    const text = /^\s*</.test(body) ? '' : oneLine(body);
    return text.length <= longestText ? text || undefined : undefined;
  }
  const general = textsIn(json.non_field_errors);
  if (general.length > 0) return general.join('; ');
  const [detail] = textsIn(json.detail);
  if (detail) return detail;
  const fields = Object.entries(json).flatMap(([name, value]) => {
    const texts = textsIn(value);
    return texts.length > 0 ? [`${oneLine(name)}: ${texts.join(', ')}`] : [];
  });
  return fields.join('; ') || undefined;
}

/** Names of fields alone: what is said of a variable may quote its value. */
const withheldIn = (body: string | undefined): string | undefined => {
  if (!body?.trim()) return undefined;
  const json = jsonOf(body);
  const names = isObject(json) ? Object.keys(json) : [];
  const known = names.filter((name) =>
    ['environment', 'name', 'value', 'is_sensitive'].includes(name),
  );
  const about = known.length > 0 ? ` about ${known.join(', ')}` : '';
  return `Divio's words${about} are withheld, for they may quote the value`;
};

const textsIn = (value: unknown): string[] =>
  [value]
    .flat()
    .flatMap((each) => (typeof each === 'string' && each.trim() ? [oneLine(each)] : []));
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** A refusal that names a field is of what was sent; any other may be of what runs just now. */
export function blamesRequest(error: RemoteError): boolean {
  const json = jsonOf(error.answer?.body ?? '');
  return (
    isObject(json) && ['environment', 'build_mode'].some((field) => textsIn(json[field]).length > 0)
  );
}
