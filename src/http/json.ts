import { RemoteError } from '../errors.ts';
import type { Answer } from './http.ts';

/** The JSON of an answer. A proxy's login page with status 200 is not an answer. */
export function jsonOf(answer: Answer, subject: string): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    // The parser's own error would quote the body.
    const kind = answer.headers['content-type']?.split(';')[0] ?? 'something';
    throw new RemoteError(
      `${subject} failed: the answer is ${kind}, not JSON; is there a proxy or a login page in between?`,
      { kind: 'unavailable', status: answer.status },
    );
  }
}
