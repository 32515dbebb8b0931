import { type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Auth } from './auth.ts';
import { because, type Purpose } from './explain.ts';
import { understood } from './shape.ts';
import type { Reply, Wire, WireRequest } from './wire.ts';

export type AppOptions = {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly apiUrl: string;
  readonly appId: string;
  readonly key: KeyObject;
  /** Looked up by the repository when not given. */
  readonly installationId: string | undefined;
  readonly repo: string;
  /** As little as the reporter needs. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
};

type Minted = {
  readonly token: string;
  readonly mintedAt: number;
  readonly expiresAt: number;
  readonly permissions: Readonly<Record<string, string>>;
};

const seconds = 1000;
const margin = 300 * seconds;
/** For so long, some of GitHub's machines may not know a new token yet. */
const youth = 5 * seconds;

const asApp: Purpose = { lost: 'the GitHub App got no token' };

/** Acts as a GitHub App: a signed word of ours buys tokens that last an hour. */
export function createAppAuth(options: AppOptions): Auth {
  const { wire, clock, apiUrl, repo } = options;
  let minted: Minted | undefined;
  let minting: Promise<Minted> | undefined;
  let installation = options.installationId;
  let waits = 0;

  async function send(
    request: Pick<WireRequest, 'method' | 'url' | 'body' | 'signal'>,
  ): Promise<Reply> {
    const once = (): Promise<Reply> =>
      wire.send(`Bearer ${createJwt(options.appId, options.key, wire.now())}`, {
        ...request,
        repeat: 'safe',
        purpose: asApp,
      });
    return once()
      .catch((error: unknown) => {
        // The refusal's own Date has just set our clock right.
        if (!isClockRefusal(error)) throw error;
        return once();
      })
      .catch((error: unknown) => {
        throw appAdvice(error, repo);
      });
  }

  async function mint(signal: AbortSignal): Promise<Minted> {
    installation ??= await findInstallation(signal);
    const reply = await send({
      method: 'POST',
      url: `${apiUrl}/app/installations/${installation}/access_tokens`,
      body: { repositories: [repo.split('/')[1]], permissions: options.permissions },
      signal,
    });
    const answer = (reply.body ?? {}) as {
      token?: unknown;
      expires_at?: string;
      permissions?: Minted['permissions'];
    };
    if (typeof answer.token !== 'string') {
      throw new RemoteError('GitHub answered without a token for the App', { kind: 'unavailable' });
    }
    const life = Date.parse(answer.expires_at ?? '') - wire.now();
    waits = 0;
    return {
      token: answer.token,
      mintedAt: clock.now(),
      expiresAt: clock.now() + (Number.isNaN(life) ? 3600 * seconds : life),
      permissions: answer.permissions ?? {},
    };
  }

  async function findInstallation(signal: AbortSignal): Promise<string> {
    const reply = await send({
      method: 'GET',
      url: `${apiUrl}/repos/${repo}/installation`,
      signal,
    });
    return understood(reply, asApp.lost, () => (reply.body as { id: number }).id.toFixed());
  }

  return {
    async token(signal) {
      if (minted && minted.expiresAt - clock.now() > margin) return minted.token;
      minting ??= mint(signal).finally(() => {
        minting = undefined;
      });
      minted = await minting;
      return minted.token;
    },
    async recover(refused, signal) {
      if (!minted || minted.token !== refused) return minted !== undefined;
      const age = clock.now() - minted.mintedAt;
      if (age < youth) {
        waits += 1;
        await clock.pause(waits * seconds, signal);
        return !signal.aborted;
      }
      // One that grew up while we waited for it to be known: another would fare no better.
      if (waits > 0 && age < 4 * youth) return false;
      minted = undefined;
      return true;
    },
    granted: () => minted?.permissions,
  };
}

/** RS256 by hand: three lines do not need a library. */
export function createJwt(appId: string, key: KeyObject, now: number): string {
  const at = Math.floor(now / seconds);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  // A minute back, for clocks drift; ten minutes is the most that GitHub takes.
  const claims = { iat: at - 60, exp: at + 540, iss: appId };
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}

const isClockRefusal = (error: unknown): boolean =>
  error instanceof RemoteError &&
  error.status === 401 &&
  /\('(?:exp|iat)'\)|\b(?:expir|issued at)/i.test(error.answer?.body ?? '');

function appAdvice(error: unknown, repo: string): unknown {
  if (!(error instanceof RemoteError)) return error;
  if (error.status === 401) {
    return because(
      error,
      'credentials',
      'github_app_id and github_app_private_key do not belong together',
    );
  }
  if (error.status === 404) {
    return because(
      error,
      'permission',
      `the GitHub App is not installed on ${repo}, or github_app_installation_id is wrong`,
    );
  }
  if (error.status === 422) {
    return because(
      error,
      'permission',
      `the GitHub App's installation lacks a permission that it must be granted, or does not cover ${repo}`,
    );
  }
  return error;
}
