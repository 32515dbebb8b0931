import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeBitbucketDc } from '../support/bitbucket-dc/bitbucket-dc.ts';
import type { StatusForge } from '../support/forge/statuses.ts';
import { fakeGiteaStatuses } from '../support/gitea/gitea-statuses.ts';
import { fakeGitlabStatuses } from '../support/gitlab/gitlab-statuses.ts';
import { type Env, minute, repo, type Step, sha, startStep } from './stage.ts';

const token = 'tok-4dc1f00dbaadcafe';
const setup = { commits: [{ sha }], branches: { main: sha } };

type Case = {
  readonly start: () => Promise<StatusForge>;
  readonly settings: (url: string) => Env;
  readonly begun: string;
  readonly done: string;
  readonly failed: string;
  readonly cancelled: string;
};

/** The forge's clock decides who is dead. */
let laterMs = 0;
const common = { repo, token, setup, now: () => Date.now() + laterMs };
const cases: Readonly<Record<string, Case>> = {
  gitlab: {
    start: () => fakeGitlabStatuses(common),
    settings: (url) => ({ gitlab_url: url, gitlab_token: token }),
    ...{ begun: 'running', done: 'success', failed: 'failed', cancelled: 'canceled' },
  },
  gitea: {
    start: () => fakeGiteaStatuses(common),
    settings: (url) => ({ gitea_url: url, gitea_token: token }),
    ...{ begun: 'pending', done: 'success', failed: 'error', cancelled: 'error' },
  },
  'bitbucket-dc': {
    start: () => fakeBitbucketDc(common),
    settings: (url) => ({ bitbucket_dc_url: url, bitbucket_dc_token: token }),
    ...{ begun: 'INPROGRESS', done: 'SUCCESSFUL', failed: 'FAILED', cancelled: 'CANCELLED' },
  },
};

const order = { repo, commit: sha, ref: 'main', environment: 'production', checkout: 'workspace' };

type Stage = {
  readonly forge: StatusForge;
  step(settings: Env, args?: readonly string[]): Step;
  /** Resolves when the last status is this one. */
  shows(state: string): Promise<void>;
};

async function onStage(one: Case, play: (stage: Stage) => Promise<void>): Promise<void> {
  laterMs = 0;
  const forge = await one.start();
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-forges-'));
  const steps: Step[] = [];
  const shows = async (state: string): Promise<void> => {
    const until = Date.now() + 20_000;
    while (forge.taken.at(-1)?.state !== state) {
      if (Date.now() > until) throw new Error(`it never showed ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const step: Stage['step'] = (settings, args = []) => {
    const all = { ...order, ...one.settings(forge.url), ...settings };
    const named = Object.entries(all).map(([name, raw]) => [`PLUGIN_${name.toUpperCase()}`, raw]);
    const started = startStep(Object.fromEntries(named), folder, { args });
    steps.push(started);
    return started;
  };
  try {
    await play({ forge, step, shows });
    assert.equal(forge.complaints, []);
    for (const each of steps) assert.not.match(each.log(), token);
  } finally {
    for (const each of steps) each.kill('SIGKILL');
    await forge.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [id, one] of Object.entries(cases)) {
  const telling = suite(`a whole run that tells ${id}`);

  telling('says from begin to end how a deploy goes', () =>
    onStage(one, async ({ forge, step }) => {
      const { code, log } = await step({ command: 'echo hello', run_key: 'build-1' }).ended;
      assert.is(code, 0, log);
      assert.match(log, `reports to ${id} (${id.replace('-', '_')}_token is set)`);
      assert.is(forge.taken.at(-1)?.state, one.done);
    }),
  );

  telling('says that a deploy failed', () =>
    onStage(one, async ({ forge, step }) => {
      const { code } = await step({ command: 'exit 3', run_key: 'build-1' }).ended;
      assert.is(code, 1);
      assert.match(forge.taken.at(-1)?.state ?? '', /^fail/i);
    }),
  );

  telling('says that a run was stopped', () =>
    onStage(one, async ({ step, shows }) => {
      const running = step({ command: 'echo begun; sleep 60', run_key: 'build-1' });
      await running.says('begun');
      await shows(one.begun);
      running.kill('SIGTERM');
      const { code, log } = await running.ended;
      assert.is(code, 143, log);
      await shows(one.cancelled);
    }),
  );

  telling('is swept by reap after kill -9', () =>
    onStage(one, async ({ step, shows, forge }) => {
      const running = step({ command: 'sleep 60', run_key: 'build-1', timeout: '1m' });
      await shows(one.begun);
      running.kill('SIGKILL');
      await running.ended;
      laterMs = 30 * minute;
      const { code, log } = await step({ command: undefined }, ['reap']).ended;
      assert.is(code, 0, log);
      assert.is(forge.taken.at(-1)?.state, one.failed, log);
    }),
  );

  telling.run();
}
