import { RemoteError } from '../../errors.ts';
import { isObject } from '../../settings/rules.ts';
import type { Reply } from './wire.ts';

/** What was made has an id; an answer without one is not GitHub's, and nobody knows whether GitHub acted. */
export const demandMade = (reply: Reply, what: string): void =>
  understood(
    reply,
    what,
    () => {
      if (!isObject(reply.body) || !('id' in reply.body)) throw new TypeError('there is no id');
    },
    { unknown: true },
  );

/** Reads an answer. One that has not the shape that GitHub documents is a failure of the forge, not a bug of ours. */
export function understood<T>(
  { status }: Pick<Reply, 'status'>,
  what: string,
  read: () => T,
  failure: { readonly unknown?: boolean } = {},
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = `${what}: GitHub's answer is not what it documents; is there a proxy in between?`;
    throw new RemoteError(message, { kind: 'unavailable', status, cause: error, ...failure });
  }
}
