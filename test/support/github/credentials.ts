import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { Refusal } from './refusal.ts';

export type Level = 'none' | 'read' | 'write';
export type Permission = 'deployments' | 'statuses' | 'contents';
export type Permissions = Readonly<Partial<Record<Permission, Level>>>;

export type App = {
  readonly id: string | number;
  /** GitHub takes it for `iss` too. */
  readonly clientId?: string;
  readonly publicKeyPem: string;
  readonly installationId: number;
  /** A new token is unknown for so long, as when replication lags. */
  readonly tokenLagMs?: number;
};

export type Caller = {
  readonly login: string;
  readonly permissions: Permissions;
  /** Names of the repositories that the token sees; all by default. */
  readonly repositories: readonly string[] | undefined;
};

type Minted = Caller & { readonly liveAt: number; readonly expiresAt: number };

const HOUR = 3_600_000;
const ALL: Permissions = { deployments: 'write', statuses: 'write', contents: 'read' };
const RANK: readonly Level[] = ['none', 'read', 'write'];

export type CredentialOptions = {
  readonly token: string;
  readonly now: () => number;
  readonly app: App | undefined;
  readonly permissions: Permissions | undefined;
};

export type Credentials = ReturnType<typeof createCredentials>;

export function createCredentials(options: CredentialOptions) {
  const { now, app } = options;
  const granted: Permissions = { ...ALL, ...options.permissions };
  const minted = new Map<string, Minted>();
  return {
    app,
    granted,
    /** Who a token is. */
    identify(authorization: string | undefined): Caller {
      const token = bearer(authorization);
      if (token === options.token) {
        return { login: 'deployer', permissions: granted, repositories: undefined };
      }
      const found = minted.get(token);
      const live = found && now() >= found.liveAt && now() < found.expiresAt;
      if (!live) throw new Refusal(401, 'Bad credentials');
      return found;
    },
    /** Checks that the caller is the App itself, by its JWT. */
    identifyApp(authorization: string | undefined): App {
      if (!app) throw new Refusal(401, 'A JSON web token could not be decoded');
      checkJwt(bearer(authorization), app, now());
      return app;
    },
    mint(wish: { permissions?: Permissions; repositories?: readonly string[] }) {
      const wanted = wish.permissions ?? granted;
      for (const [name, level] of Object.entries(wanted)) demandGranted(granted, name, level);
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const expiresAt = Math.floor((now() + HOUR) / 1000) * 1000;
      minted.set(token, {
        login: 'slipway-app[bot]',
        permissions: wanted,
        repositories: wish.repositories,
        liveAt: now() + (app?.tokenLagMs ?? 0),
        expiresAt,
      });
      return { token, expiresAt, permissions: wanted };
    },
  };
}

function demandGranted(granted: Permissions, name: string, level: Level): void {
  const own = granted[name as Permission] ?? (name === 'metadata' ? 'read' : 'none');
  if (RANK.indexOf(level) <= RANK.indexOf(own)) return;
  throw new Refusal(422, 'The permissions requested are not granted to this installation.');
}

/** A token that lacks a permission is told so, and nothing else. */
export function demandPermission(caller: Caller, permission: Permission, level: Level): void {
  const own = caller.permissions[permission] ?? 'none';
  if (RANK.indexOf(own) >= RANK.indexOf(level)) return;
  throw new Refusal(403, 'Resource not accessible by integration');
}

function bearer(authorization: string | undefined): string {
  if (!authorization) throw new Refusal(401, 'Requires authentication');
  const [, token] = /^(?:bearer|token) (\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new Refusal(401, 'Bad credentials', { violation: true });
  return token;
}

const LONGEST_JWT = 600;

function checkJwt(token: string, app: App, now: number): void {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = decode(head);
  const claims = decode(body);
  const signed =
    header?.alg === 'RS256' &&
    verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${body}`),
      createPublicKey(app.publicKeyPem),
      Buffer.from(signature, 'base64url'),
    );
  if (!claims || !signed) throw new Refusal(401, 'A JSON web token could not be decoded');
  const { iat, exp, iss } = claims;
  const at = now / 1000;
  const ours = [String(app.id), app.clientId].includes(String(iss));
  if (!ours) throw new Refusal(404, 'Integration not found');
  if (!Number.isInteger(iat) || Number(iat) > at) throw new Refusal(401, BAD_IAT);
  if (!Number.isInteger(exp) || Number(exp) <= at) throw new Refusal(401, BAD_EXP);
  if (Number(exp) > at + LONGEST_JWT || Number(exp) - Number(iat) > LONGEST_JWT + 60) {
    throw new Refusal(401, FAR_EXP);
  }
}

// GitHub's own words; its clients tell a wrong clock by them.
const BAD_IAT =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const BAD_EXP =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const FAR_EXP = "'Expiration time' claim ('exp') is too far in the future";

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
