import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { fakeBitbucketStatuses } from '../support/bitbucket/bitbucket-statuses.ts';
import { type DcForge, fakeBitbucketDc } from '../support/bitbucket-dc/bitbucket-dc.ts';
import type { Setting, StatusForge } from '../support/forge/statuses.ts';
import { fakeGiteaStatuses } from '../support/gitea/gitea-statuses.ts';
import { fakeGitlabStatuses, type GitlabForge } from '../support/gitlab/gitlab-statuses.ts';
import { startProxy } from '../support/proxy.ts';
import { secured } from '../support/secured.ts';
import { type Env, repo, type Step, sha, startStep } from './stage.ts';

export const token = 'tok-4dc1f00dbaadcafe';
const setup = { commits: [{ sha }], branches: { main: sha } };

export type ForgeCase<F extends StatusForge = StatusForge> = {
  readonly start: (setting: Setting & { repo: string; token: string }) => Promise<F>;
  readonly settings: (forge: F) => Readonly<Record<string, string>>;
  /** Variables beside the settings. */
  readonly env?: (forge: F) => Env;
  readonly begun: string;
  readonly done: string;
  readonly failed: string;
  readonly cancelled: string;
  /** What the forge's deployments are now; empty where it has none. */
  readonly deployments: (forge: F) => readonly string[];
};

const defineCase = <F extends StatusForge>(one: ForgeCase<F>) => one as unknown as ForgeCase;

/** Bitbucket Cloud has one address, to which only a proxy leads a test. */
type CloudForge = StatusForge & { readonly proxy: string; readonly cert: string };

async function fakeCloud({ token, ...setting }: Parameters<ForgeCase['start']>[0]) {
  const forge = await fakeBitbucketStatuses({ ...setting, authorization: `Bearer ${token}` });
  const tls = await secured(forge.url, 'api.bitbucket.org');
  const proxy = await startProxy({ hosts: { 'api.bitbucket.org:443': tls.host } });
  const close = async () => {
    await Promise.all([proxy.close(), tls.close()]);
    await forge.close();
  };
  return { ...forge, close, proxy: proxy.url, cert: tls.cert };
}

const pipelines = {
  BITBUCKET_BUILD_NUMBER: '7',
  BITBUCKET_REPO_FULL_NAME: repo,
  BITBUCKET_COMMIT: sha,
  BITBUCKET_BRANCH: 'main',
};

export const forgeCases: Readonly<Record<string, ForgeCase>> = {
  gitlab: defineCase<GitlabForge>({
    start: fakeGitlabStatuses,
    settings: ({ url }) => ({ gitlab_url: url, gitlab_token: token }),
    ...{ begun: 'running', done: 'success', failed: 'failed', cancelled: 'canceled' },
    deployments: ({ deployments }) => deployments.map(({ status }) => status),
  }),
  gitea: defineCase({
    start: fakeGiteaStatuses,
    settings: ({ url }) => ({ gitea_url: url, gitea_token: token }),
    ...{ begun: 'pending', done: 'success', failed: 'error', cancelled: 'error' },
    deployments: () => [],
  }),
  bitbucket: defineCase<CloudForge>({
    start: fakeCloud,
    settings: ({ cert }) => ({ bitbucket_token: token, ca_cert: cert }),
    env: ({ proxy }) => ({ ...pipelines, HTTPS_PROXY: proxy }),
    ...{ begun: 'INPROGRESS', done: 'SUCCESSFUL', failed: 'FAILED', cancelled: 'STOPPED' },
    deployments: () => [],
  }),
  'bitbucket-dc': defineCase<DcForge>({
    start: fakeBitbucketDc,
    settings: ({ url }) => ({ bitbucket_dc_url: url, bitbucket_dc_token: token }),
    ...{ begun: 'INPROGRESS', done: 'SUCCESSFUL', failed: 'FAILED', cancelled: 'CANCELLED' },
    deployments: (forge) => forge.deployments().map((each) => each.split(' ').at(-1) ?? ''),
  }),
};

const order = { repo, commit: sha, ref: 'main', environment: 'production', checkout: 'workspace' };

export type ForgeStage = {
  readonly forge: StatusForge;
  step(settings: Env, args?: readonly string[]): Step;
  /** Resolves when the last status is this one. */
  shows(state: string): Promise<void>;
  /** The forge's clock decides who is dead. */
  advance(ms: number): void;
};

/** One forge, and steps that are real processes and tell it; everything is gone afterwards. */
export async function onForgeStage(
  one: ForgeCase,
  play: (stage: ForgeStage) => Promise<void>,
): Promise<void> {
  let laterMs = 0;
  const forge = await one.start({ repo, token, setup, now: () => Date.now() + laterMs });
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-forges-'));
  const steps: Step[] = [];
  const stage: ForgeStage = {
    forge,
    async shows(state) {
      const until = Date.now() + 20_000;
      while (forge.taken.at(-1)?.state !== state) {
        if (Date.now() > until) throw new Error(`it never showed ${state}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    step(settings, args = []) {
      const all = { ...order, ...one.settings(forge), ...settings };
      const named = Object.entries(all).map(([name, raw]) => [`PLUGIN_${name.toUpperCase()}`, raw]);
      const env = { ...one.env?.(forge), ...Object.fromEntries(named) };
      const started = startStep(env, folder, { args });
      steps.push(started);
      return started;
    },
    advance(ms) {
      laterMs += ms;
    },
  };
  try {
    await play(stage);
    assert.equal(forge.complaints, []);
    for (const each of steps) assert.not.match(each.log(), token);
  } finally {
    for (const each of steps) each.kill('SIGKILL');
    await forge.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
