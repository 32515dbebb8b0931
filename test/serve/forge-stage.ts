import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { hexOf } from '../hooks/deliveries.ts';
import type { Manners } from '../support/deploy-service.ts';
import { type FakeGithub, fakeGithub } from '../support/github/fake-github.ts';
import type { Answer } from './caller.ts';
import type { ServerSetting } from './server.ts';
import { onStage, type Stage } from './stage.ts';

export const repo = 'octo/hello';
const id = (letter: string): string => letter.repeat(40);
/** main is older, old, head; a branch from old; and a commit that was pushed away. */
export const [older, old, head, side, lost] = ['1', '2', '3', '4', '5'].map(id) as [
  string,
  string,
  string,
  string,
  string,
];
export const tagObject = id('7');

const secret = 'hunter2-of-the-hook';

const operatorOf = (github: FakeGithub, more: string): Partial<ServerSetting> => {
  const deployment = (name: string, environment: string, rest: string): string => `
  - name: ${name}
    repository: ${repo}
    environment: ${environment}
    target: webhook
    settings: { github_api_url: "${github.url}", webhook_interval: "1"${more} }
    secrets:
      webhook_url: { env: DEPLOY_URL }
      webhook_token: { env: DEPLOY_TOKEN }
      github_token: { env: HUB_TOKEN }
    ${rest}`;
  return {
    env: { HUB_TOKEN: github.token, HOOK_SECRET: secret },
    text: `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
webhooks:
  - { forge: github, secret: { env: HOOK_SECRET }, repositories: [octo/*] }
metrics: { access: public }
deployments:${deployment(
      'guarded',
      'production',
      'refs: [main, v*]\n    on: { api: true, deployment: true, push: [main], tag: [v*] }',
    )}${deployment('open', 'staging', 'on: { api: true, deployment: true }')}
`,
  };
};

export type ForgeStage = Stage & {
  readonly github: FakeGithub;
  /** Delivers an event as GitHub does. */
  deliver(event: string, body: object, delivery?: string): Promise<Answer>;
  /** The event of a deployment that the forge has. */
  announce(deployment: number, changes?: object, delivery?: string): Promise<Answer>;
  push(ref: string, sha: string, changes?: object): Promise<Answer>;
  /** Id of a run that the API was asked for. */
  post(body: object): Promise<string>;
  /** States of a deployment, oldest first. */
  states(deployment: number): readonly string[];
};

/** The one run of an answer. */
export const runOf = ({ body }: Answer): string => {
  const [run] = (body.runs ?? []) as readonly { readonly id: string }[];
  if (!run) throw new Error(`no run: ${JSON.stringify(body)}`);
  return run.id;
};

/** A server of an operator whose repository is on GitHub. */
export async function withForge(
  play: (stage: ForgeStage) => Promise<void>,
  manners: Manners = {},
  settings = ', settle: "0"',
): Promise<void> {
  const github = await fakeGithub();
  github.repo(repo, {
    commits: [
      { sha: older },
      { sha: old },
      { sha: side, parents: [old] },
      { sha: lost, parents: [old] },
      { sha: head, parents: [old] },
    ],
    branches: { main: head, topic: side },
    tags: { v1: older, v2: old },
    annotated: { v2: tagObject },
  });
  const known = { repository: { full_name: repo }, sender: { login: 'octocat' } };
  try {
    await onStage(
      async (stage) => {
        await stage.start();
        const all: ForgeStage = {
          ...{ ...stage, github },
          log: stage.log,
          deliver(event, body, delivery = randomUUID()) {
            const text = JSON.stringify(body);
            return stage.ask('POST', '/hooks/github', body, {
              'content-type': 'application/json',
              'x-github-event': event,
              'x-github-delivery': delivery,
              'x-hub-signature-256': `sha256=${hexOf(secret, text)}`,
            });
          },
          announce(deployment, changes = {}, delivery) {
            const { environment, sha, ref } =
              github.deployments.find((each) => each.id === deployment) ?? {};
            const shown = { id: deployment, environment, sha, ref, task: 'deploy', ...changes };
            return all.deliver(
              'deployment',
              { action: 'created', deployment: shown, ...known },
              delivery,
            );
          },
          push: (ref, sha, changes = {}) =>
            all.deliver('push', {
              ref,
              after: sha,
              head_commit: { id: sha },
              ...known,
              ...changes,
            }),
          async post(body) {
            const answer = await stage.ask('POST', '/v1/runs', body);
            if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
            return String(answer.body.id);
          },
          states: (deployment) =>
            github
              .statusesOf(deployment)
              .map(({ state }) => state)
              .toReversed(),
        };
        await play(all);
      },
      manners,
      operatorOf(github, settings),
    );
    github.assertClean();
  } finally {
    await github.close();
  }
}

/** Waits for something that shows by itself. */
export async function until(what: () => boolean, told: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (what()) return;
    await pause(50);
  }
  throw new Error(`it never was so: ${told()}`);
}
