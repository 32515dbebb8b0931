import { RemoteError } from '../../errors.ts';
import type { Exchange } from '../../http/http.ts';
import { jsonOf } from '../../settings/rules.ts';
import type { SpinnakerValues } from './settings.ts';

type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/** The same failure with what it means to the pipeline's author. */
export function explained(
  error: RemoteError,
  values: SpinnakerValues,
  { method, url }: Pick<Exchange, 'method' | 'url'>,
  isHeard: boolean,
): RemoteError {
  const { status, answer, cause, kind, unknown } = error;
  if (status !== undefined && status >= 300 && status < 400 && answer) {
    const { host, pathname } = new URL(url);
    return redirected(`${method} ${host}${pathname}`, values, answer, url);
  }
  if (status === 404 && answer && jsonOf(answer.body) === undefined) {
    // What stands before Gate answers so while it restarts, too.
    const message = `${error.message}; no Gate says that: is it at spinnaker_gate_url?`;
    return new RemoteError(message, { kind: 'unavailable', unknown, status, answer });
  }
  const { code } = (cause ?? {}) as { readonly code?: string };
  // So a server says that it wants another certificate, or one at all.
  const isRefusedTls = /ALERT/.test(code ?? '');
  const known = isHeard ? adviceOf(status, values) : unheard(code, values);
  const advice = isRefusedTls ? `; ${howToSignIn(values)}` : known;
  return new RemoteError(`${error.message}${advice}`, {
    ...{ kind: isRefusedTls ? 'credentials' : kind, unknown, cause },
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });
}

/** Where nobody has answered yet. A server that wants another certificate often just hangs up. */
function unheard(code: string | undefined, { spinnakerClientCert }: SpinnakerValues): string {
  const host = '; the host is that of spinnaker_gate_url';
  if (spinnakerClientCert === undefined) {
    return code === 'EPROTO' ? `${host}, and may want a spinnaker_client_cert` : host;
  }
  const isCut = code === 'EPROTO' || code === 'ECONNRESET';
  return isCut ? `${host}, and may not take spinnaker_client_cert` : host;
}

function redirected(
  subject: string,
  values: SpinnakerValues,
  answer: Answered,
  url: string,
): RemoteError {
  const next = URL.parse(answer.headers.location ?? '', url);
  const here = new URL(url);
  const isSame = next?.hostname === here.hostname && next.pathname === here.pathname;
  if (isSame && next.protocol === 'https:' && here.protocol === 'http:') {
    const { status } = answer;
    const cure = `Gate is at ${next.origin}, which belongs into spinnaker_gate_url`;
    return new RemoteError(`${subject} failed: ${cure}`, { kind: 'refused', status });
  }
  return notSignedIn(subject, values, answer, `a redirect to ${next?.host ?? 'nowhere'}`);
}

/** A login page, or the way to one: what was asked was not done. */
export function notSignedIn(
  subject: string,
  values: SpinnakerValues,
  { status }: Answered,
  what: string,
): RemoteError {
  const answer = `Gate answers ${status} with ${what}, as to somebody who is not signed in`;
  return new RemoteError(`${subject} failed: ${answer}; ${howToSignIn(values)}`, {
    kind: 'credentials',
    status,
  });
}

function adviceOf(status: number | undefined, values: SpinnakerValues): string {
  if (status === 401) return `; ${howToSignIn(values)}`;
  if (status === 403) {
    const isAnonymous = signedBy(values).length === 0;
    if (isAnonymous) return `; ${howToSignIn(values)}`;
    return '; its user needs READ and EXECUTE of the application, or may not do this';
  }
  return '';
}

/** The settings by which somebody signs in. */
const signedBy = (values: SpinnakerValues): readonly string[] => [
  ...(values.spinnakerToken === undefined ? [] : ['spinnaker_token']),
  ...(values.spinnakerUsername === undefined ? [] : ['spinnaker_username and spinnaker_password']),
  ...(values.spinnakerClientCert === undefined ? [] : ['spinnaker_client_cert']),
];

function howToSignIn(values: SpinnakerValues): string {
  const by = signedBy(values);
  if (by.length === 0) {
    return 'set spinnaker_token, spinnaker_username and spinnaker_password, or spinnaker_client_cert and spinnaker_client_key';
  }
  const takes = [
    ...(values.spinnakerToken === undefined ? [] : ['tokens (api-tokens.enabled, or OAuth2)']),
    ...(values.spinnakerUsername === undefined ? [] : ['passwords (security.basicform)']),
    ...(values.spinnakerClientCert === undefined
      ? []
      : ['certificates (often on a port of their own)']),
  ];
  return `${by.join(' or ')} may be wrong, expired or revoked, or Gate does not take ${takes.join(' or ')}`;
}
