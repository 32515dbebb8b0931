import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Proof, Verified } from './hook.ts';

export const hmac = (
  key: string | Uint8Array,
  ...parts: readonly (string | Uint8Array)[]
): Buffer => parts.reduce((sum, part) => sum.update(part), createHmac('sha256', key)).digest();

/** Whether two texts are one, in a time that depends on neither. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Bytes of 64 hex digits behind a prefix; undefined for anything else. */
export function hexBytes(text: string | undefined, prefix = ''): Buffer | undefined {
  if (!text?.startsWith(prefix)) return undefined;
  const hex = text.slice(prefix.length);
  return /^[0-9a-fA-F]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

/** Looks at every entry, so that the time does not tell which one fits. */
export function verifyBy(
  entries: readonly Proof[],
  fits: (proof: Proof) => boolean,
  failure: string,
): Verified {
  const found = entries.flatMap((proof, at) => (fits(proof) ? [at] : []));
  return found.length > 0 ? { ok: true, entries: found } : { ok: false, why: failure };
}

/** A signature over the raw body, by the secret of an entry. */
export function verifySigned(
  entries: readonly Proof[],
  body: Uint8Array,
  signature: Buffer | undefined,
  name: string,
): Verified {
  if (!signature) {
    const why = `carries no ${name} with a SHA-256 signature: set the secret of this webhook at the forge`;
    return { ok: false, why };
  }
  const failure = `carries a ${name} that no secret of slipway.yml gives`;
  return verifyBy(
    entries,
    ({ kind, value }) =>
      kind === 'secret' && value !== '' && timingSafeEqual(hmac(value, body), signature),
    failure,
  );
}
