import { createHmac } from 'node:crypto';
import type { Forge, Headers, Proof } from '../../src/hooks/hook.ts';

export const sha = 'a'.repeat(40);
export const tagObject = 'b'.repeat(40);
export const zeros = '0'.repeat(40);
export const now = Date.parse('2026-11-28T12:00:00Z');

export const hexOf = (key: string, body: string | Uint8Array): string =>
  createHmac('sha256', key).update(body).digest('hex');

/** As the vendors' pages show them, cut to what is read and some of what is not. */
export const bodies = {
  github: {
    deployment: {
      action: 'created',
      deployment: {
        id: 42,
        sha,
        ref: 'main',
        task: 'deploy',
        payload: {},
        environment: 'production',
        creator: { login: 'octocat' },
      },
      repository: { full_name: 'octo/hello', owner: { login: 'octo' } },
      sender: { login: 'octocat' },
    },
    push: {
      ref: 'refs/heads/main',
      before: zeros,
      after: sha,
      deleted: false,
      head_commit: { id: sha },
      repository: { full_name: 'octo/hello', owner: { name: 'octo', login: 'octo' } },
      sender: { login: 'octocat' },
    },
    ping: { zen: 'Keep it logically awesome.', hook_id: 1, hook: { type: 'Repository' } },
  },
  gitlab: {
    push: {
      object_kind: 'push',
      event_name: 'push',
      ref: 'refs/heads/main',
      after: sha,
      checkout_sha: sha,
      user_username: 'jsmith',
      project: { path_with_namespace: 'group/sub/hello' },
    },
    tag: {
      object_kind: 'tag_push',
      event_name: 'tag_push',
      ref: 'refs/tags/v1.0.0',
      after: tagObject,
      checkout_sha: sha,
      user_username: 'jsmith',
      project: { path_with_namespace: 'group/sub/hello' },
    },
  },
  bitbucket: {
    push: {
      actor: { display_name: 'Emma', nickname: 'emmap1' },
      repository: { full_name: 'team/hello', type: 'repository' },
      push: {
        changes: [
          {
            new: { type: 'branch', name: 'main', target: { hash: sha } },
            old: null,
            closed: false,
          },
          { new: null, old: { type: 'branch', name: 'gone', target: { hash: sha } }, closed: true },
          { new: { type: 'tag', name: 'v1', target: { hash: sha } }, old: null, closed: false },
        ],
      },
    },
  },
  diversion: {
    commit: {
      id: 'evt_2KtGQeeJhtF5qQ',
      timestamp: '2026-11-28T11:59:59.123Z',
      type: 'v1.repo.commit.created',
      data: {
        repository: {
          id: 'dv.repo.12345678-1234-1234-1234-123456789abc',
          name: 'my-project',
          owner_id: 'Google_12345678901234567890',
        },
        commit: {
          id: 'dv.commit.123456',
          url: 'https://app.diversion.dev/r/my-project/commit/dv.commit.123456',
          message: 'Add new feature',
          timestamp: '2026-11-28T11:59:58.567Z',
          branch: { id: 42, name: 'main' },
          author: { id: 'Google_1', name: 'John Doe', email: 'john.doe@example.com' },
          parents: ['dv.commit.123455'],
        },
        correlation_id: 'abc123-def456-ghi789',
      },
    },
  },
  gitea: {
    push: {
      ref: 'refs/heads/main',
      before: zeros,
      after: sha,
      head_commit: { id: sha },
      repository: { full_name: 'octo/hello' },
      pusher: { login: 'gitea' },
      sender: { login: 'gitea' },
    },
  },
} as const;

export type Delivery = {
  readonly forge: Forge;
  readonly proof: Proof;
  readonly body: Buffer;
  readonly headers: Headers;
};

const json = { 'content-type': 'application/json' };
const id = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

/** GitLab's signature, by a token that is written as Standard Webhooks writes a key, or as any other. */
export function sealOf(token: string, seconds: string, body: Uint8Array): string {
  const isKey = token.startsWith('whsec_');
  const key = isKey ? Buffer.from(token.slice('whsec_'.length), 'base64') : token;
  const sum = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body);
  return `v1,${sum.digest('base64')}`;
}

/** One true delivery of every kind of proof; `at` in ms since the epoch. */
export function deliveries(secret = 'It is a secret', at = now): readonly Delivery[] {
  const github = Buffer.from(JSON.stringify(bodies.github.deployment));
  const gitlab = Buffer.from(JSON.stringify(bodies.gitlab.push));
  const bitbucket = Buffer.from(JSON.stringify(bodies.bitbucket.push));
  const gitea = Buffer.from(JSON.stringify(bodies.gitea.push));
  const seconds = String(Math.floor(at / 1000));
  const whsec = `whsec_${Buffer.from(`${secret}, 24 bytes of it`).toString('base64')}`;
  const diversion = Buffer.from(JSON.stringify(bodies.diversion.commit));
  // The secret as it stands, as Diversion's own page takes it.
  const plain = createHmac('sha256', whsec).update(`${id}.${seconds}.`).update(diversion);
  const signed = { kind: 'secret', value: secret } as const;
  const gitlabHeaders = { ...json, 'x-gitlab-event': 'Push Hook' };
  const seal = { 'webhook-id': id, 'webhook-timestamp': seconds };
  return [
    {
      forge: 'github',
      proof: signed,
      body: github,
      headers: {
        ...json,
        'x-github-event': 'deployment',
        'x-github-delivery': id,
        'x-hub-signature': `sha1=${'0'.repeat(40)}`,
        'x-hub-signature-256': `sha256=${hexOf(secret, github)}`,
      },
    },
    {
      forge: 'gitlab',
      proof: { kind: 'token', value: secret },
      body: gitlab,
      headers: { ...gitlabHeaders, 'x-gitlab-token': secret, 'idempotency-key': id },
    },
    {
      forge: 'gitlab',
      proof: { kind: 'signing_token', value: secret },
      body: gitlab,
      headers: { ...gitlabHeaders, ...seal, 'webhook-signature': sealOf(secret, seconds, gitlab) },
    },
    {
      forge: 'gitlab',
      proof: { kind: 'signing_token', value: whsec },
      body: gitlab,
      headers: {
        ...gitlabHeaders,
        ...seal,
        'webhook-signature': `v1,${'A'.repeat(43)}= ${sealOf(whsec, seconds, gitlab)}`,
      },
    },
    {
      forge: 'diversion',
      proof: { kind: 'secret', value: whsec },
      body: diversion,
      headers: { ...json, ...seal, 'webhook-signature': `v1,${plain.digest('base64')}` },
    },
    {
      forge: 'diversion',
      proof: { kind: 'secret', value: whsec },
      body: diversion,
      headers: {
        ...json,
        ...seal,
        'webhook-signature': sealOf(whsec, seconds, diversion),
      },
    },
    {
      forge: 'bitbucket',
      proof: signed,
      body: bitbucket,
      headers: {
        ...json,
        'x-event-key': 'repo:push',
        'x-request-uuid': id,
        'x-hub-signature': `sha256=${hexOf(secret, bitbucket)}`,
      },
    },
    {
      forge: 'gitea',
      proof: signed,
      body: gitea,
      headers: {
        ...json,
        'x-gitea-event': 'push',
        'x-gitea-delivery': id,
        'x-gitea-signature': hexOf(secret, gitea),
      },
    },
    {
      forge: 'gitea',
      proof: signed,
      body: gitea,
      headers: {
        ...json,
        'x-forgejo-event': 'push',
        'x-forgejo-delivery': id,
        'x-forgejo-signature': hexOf(secret, gitea),
        'x-gitea-signature': hexOf(secret, gitea),
      },
    },
    {
      forge: 'gitea',
      proof: signed,
      body: gitea,
      headers: {
        ...json,
        'x-github-event': 'push',
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${hexOf(secret, gitea)}`,
      },
    },
  ];
}
