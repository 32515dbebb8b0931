import { hash, timingSafeEqual } from 'node:crypto';
import type { Config, Right, Token } from './config.ts';
import { matchesAny } from './globs.ts';
import type { Secrets } from './secrets.ts';

/** The token whose value was presented; every one is compared, so that time tells nothing. */
export function tokenOf(config: Config, secrets: Secrets, presented: string): Token | undefined {
  const given = digest(presented);
  let found: Token | undefined;
  for (const token of config.tokens) {
    const value = secrets.token(token);
    if (value !== undefined && timingSafeEqual(digest(value), given)) found ??= token;
  }
  return found;
}

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** `admin` may everything, everywhere. */
export const may = (token: Token, right: Right): boolean =>
  token.may.includes('admin') || token.may.includes(right);

/** Starting, reading and cancelling alike are bounded by a token's globs. */
export const reaches = (token: Token, deployment: string): boolean =>
  token.may.includes('admin') || matchesAny(token.deployments, deployment);
