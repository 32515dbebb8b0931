import { timingSafeEqual } from 'node:crypto';
import { type Headers, header } from './hook.ts';
import { hmac } from './proof.ts';

/** What https://www.standardwebhooks.com has a delivery carry: a signature over its id, its time and its body. */
export type Seal = {
  readonly isThere: boolean;
  /** Not signed long ago. */
  readonly isTimely: boolean;
  /** Whether a key gives one of the signatures; in a time that does not tell which. */
  fits(key: string | Uint8Array, body: Uint8Array): boolean;
};

const windowMs = 5 * 60_000;

/** `now` in ms since the epoch. */
export function sealOf(headers: Headers, now: number): Seal {
  const id = header(headers, 'webhook-id') ?? '';
  const seconds = header(headers, 'webhook-timestamp') ?? '';
  const signatures = signaturesIn(header(headers, 'webhook-signature') ?? '');
  const isTimely = /^\d{1,12}$/.test(seconds) && Math.abs(Number(seconds) * 1000 - now) <= windowMs;
  return {
    isThere: signatures.length > 0,
    isTimely,
    fits(key, body) {
      const right = hmac(key, `${id}.${seconds}.`, body);
      const fitting = signatures.filter((each) => timingSafeEqual(each, right));
      return id !== '' && isTimely && fitting.length > 0;
    },
  };
}

export const untimely = 'was signed more than 5 minutes ago, or the clock of this machine is wrong';

/** Each `v1,<base64 of 32 bytes>`: several while a secret is being replaced. */
const signaturesIn = (text: string): readonly Buffer[] =>
  text
    .split(' ')
    .flatMap((seal) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(seal)?.[1] ?? [])
    .slice(0, 8)
    .map((seal) => Buffer.from(seal, 'base64'));

const prefix = 'whsec_';
/** Standard Webhooks asks for 24 bytes. Of a text that is no base64 few are left, and those can be guessed. */
const shortestKey = 16;

/** What follows `whsec_`, as Standard Webhooks writes a key; undefined for any other secret. */
export function keyIn(secret: string): Uint8Array | undefined {
  if (!secret.startsWith(prefix)) return undefined;
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  return key.length < shortestKey ? undefined : key;
}
