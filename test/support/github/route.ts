import type { Credentials, Level, Permission } from './credentials.ts';
import type { Places } from './places.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Repo, World } from './world.ts';

/** One request to a route, past authentication and permissions. */
export type Call = {
  readonly world: World;
  readonly credentials: Credentials;
  readonly places: Places;
  readonly rate: RateLimit;
  readonly limited: boolean;
  /** The login of whoever asks. */
  readonly login: string;
  /** The repository that the path names. */
  readonly repo: Repo;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** One page of a list; the answer gets its `Link`. */
  page<T>(all: readonly T[]): readonly T[];
};

export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Route = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The template in GitHub's description. */
  readonly template: string;
  /** `app`: the App's JWT; `user`: any token; else the permission on the repository. */
  readonly needs: 'app' | 'user' | readonly [Permission | 'metadata', Level];
  serve(call: Call): Reply;
};
