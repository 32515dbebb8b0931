import { type Forge, forges } from '../hooks/hook.ts';
import type { SecretRef } from './secret-ref.ts';

export const rights = ['deploy', 'status', 'read', 'admin'] as const;
export type Right = (typeof rights)[number];
/** Of Bitbucket Data Center no webhook is understood. */
export const homes = [...forges, 'bitbucket-dc'] as const;
/** The kind of forge that a deployment's repository is on. */
export type Home = (typeof homes)[number];
export const busyWays = ['queue', 'latest', 'refuse'] as const;
export type Busy = (typeof busyWays)[number];
export type Access = 'token' | 'public';

/** slipway.yml, read and judged: plain data without secrets. */
export type Config = {
  readonly tokens: readonly Token[];
  readonly webhooks: readonly Webhook[];
  readonly page: { readonly access: Access };
  readonly metrics: { readonly access: Access };
  readonly deployments: readonly Deployment[];
};

/** Who may call the API. */
export type Token = {
  readonly name: string;
  readonly value: SecretRef;
  readonly may: readonly Right[];
  /** Globs of names. */
  readonly deployments: readonly string[];
};

/** Whose deliveries are believed, and for which repositories. */
export type Webhook = {
  /** `webhooks[0]`, where it stands. */
  readonly path: string;
  readonly forge: Forge;
  /** Base of the forge's site, without a slash at its end: of two GitHubs each speaks for its own repositories. */
  readonly forgeUrl: string;
  readonly proof: 'secret' | 'token' | 'signing_token';
  readonly value: SecretRef;
  /** Globs of `owner/name`, in any case. */
  readonly repositories: readonly string[];
};

export type Deployment = {
  /** `deployments[0]`, where it stands: faults and logs name settings by it. */
  readonly path: string;
  readonly name: string;
  readonly forge: Home;
  readonly forgeUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly environment: string;
  readonly component: string | undefined;
  /** Globs; the commit must be reachable from a branch or tag that matches one. undefined: from anything. */
  readonly refs: readonly string[] | undefined;
  readonly on: {
    readonly api: boolean;
    /** GitHub's Deployment API. */
    readonly deployment: boolean;
    /** Globs of branches, of tags. */
    readonly push: readonly string[];
    readonly tag: readonly string[];
  };
  readonly checkout: string;
  readonly busy: Busy;
  /** Id of the target. */
  readonly target: string;
  /** What the operator fixed, by the YAML name that was written, as text for `load`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** YAML names of the settings that a request may set: the callers' ones on which the file is silent. */
  readonly open: readonly string[];
  /** Without commit, ref and deployment id there is nothing to do: its target takes a commit, or somebody is told. */
  readonly needsCommit: boolean;
};
