import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createApp } from '../../src/server/app.ts';
import type { ServerDeps, StatusOrder, StatusPosted } from '../../src/server/deps.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import { openStore } from '../../src/store/open.ts';
import type { RunEnd } from '../../src/store/run.ts';
import type { Ending, Lease, Store } from '../../src/store/store.ts';
import { catalog } from '../../src/verbs/owners.ts';
import { configOf, secretsOf } from '../deployments/stage.ts';
import { type Notes, takeNotes } from '../support/notes.ts';

export const sha = 'a'.repeat(40);
export const publicUrl = 'https://deploys.example.com';

/** Hunted in everything that leaves. */
export const tokens = {
  spinnaker: 'spinnaker-token-0001',
  reader: 'reader-token-00000002',
  reporter: 'reporter-token-000003',
  stranger: 'stranger-token-000004',
  operator: 'operator-token-000005',
  writer: 'writer-token-00000006',
} as const;
export type Who = keyof typeof tokens;
export const hookSecret = 'hook-secret-000000007';

export const slipwayYml = (
  options: { readonly page?: string; readonly metrics?: string } = {},
): string => `
tokens:
  - { name: spinnaker, value: { env: T_SPINNAKER }, may: [deploy, read], deployments: ['hello-*'] }
  - { name: reader, value: { env: T_READER }, may: [read], deployments: ['hello-*'] }
  - { name: reporter, value: { env: T_REPORTER }, may: [status], deployments: ['hello-*'] }
  - { name: stranger, value: { env: T_STRANGER }, may: [deploy, read], deployments: ['other*'] }
  - { name: operator, value: { env: T_OPERATOR }, may: [admin], deployments: ['*'] }
  - { name: writer, value: { env: T_WRITER }, may: [deploy], deployments: ['hello-*'] }
webhooks:
  - { forge: github, secret: { env: HOOK }, repositories: ['octo/*'] }
  - { forge: gitlab, token: { env: HOOK }, repositories: ['group/*'] }
  - { forge: bitbucket, secret: { env: HOOK }, repositories: ['team/*'] }
  - { forge: gitea, forge_url: 'https://git.example.com', secret: { env: HOOK }, repositories: ['octo/*'] }
page: { access: ${options.page ?? 'token'} }
metrics: { access: ${options.metrics ?? 'token'} }
deployments:
  - name: hello-production
    repository: octo/hello
    environment: production
    on: { api: true, deployment: true }
    target: webhook
    settings: { environment_url: 'https://hello.example.com' }
    secrets: { webhook_url: { env: DEPLOY_URL } }
  - name: hello-staging
    repository: octo/hello
    environment: staging
    on: { api: true, push: [main], tag: ['v*'] }
    busy: latest
    target: command
    settings: { command: 'true' }
  - name: hello-refuse
    repository: octo/hello
    environment: refuse
    on: { api: true, push: [refuse] }
    busy: refuse
    target: command
    settings: { command: 'true' }
  - name: hello-tree
    repository: octo/tree
    environment: production
    target: command
    settings: { command: 'true' }
    secrets: { github_token: { env: HOOK } }
  - name: other-hello
    repository: octo/hello
    environment: other
    target: command
    settings: { command: 'true' }
  - name: hello-group
    forge: gitlab
    repository: group/sub/hello
    environment: production
    on: { push: [main], tag: ['v*'] }
    target: command
    settings: { command: 'true' }
  - name: hello-team
    forge: bitbucket
    repository: team/hello
    environment: production
    on: { push: [main], tag: ['v*'] }
    target: command
    settings: { command: 'true' }
  - name: hello-gitea
    forge: gitea
    forge_url: https://git.example.com
    repository: octo/hello
    environment: gitea
    on: { push: [main] }
    target: command
    settings: { command: 'true' }
`;

const secretEnv = {
  ...Object.fromEntries(
    Object.entries(tokens).map(([who, value]) => [`T_${who.toUpperCase()}`, value]),
  ),
  HOOK: hookSecret,
  DEPLOY_URL: 'https://deploy.example.com/hello?key=deploy-secret-0008',
};

export type Stage = {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly dataDir: string;
  readonly notes: Notes;
  readonly metrics: Metrics;
  /** Statuses that were to be posted. */
  readonly posted: StatusOrder[];
  /** What the next posts come to, and what the server is told of itself. */
  readonly now: {
    ready: boolean;
    opened: boolean;
    env: Record<string, string>;
    status: StatusPosted;
    yml: string;
  };
  readonly call: (
    who: Who | undefined,
    method: string,
    url: string,
    more?: More,
  ) => Promise<Answer>;
  end(): Promise<void>;
};
type More = {
  readonly body?: object | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
};
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of a JSON answer
  readonly json: any;
};

type Options = {
  readonly yml?: string;
  readonly clock?: Clock;
  readonly publicUrl?: string;
  /** Another process' on the same data. */
  readonly store?: Store;
};

export async function openStage(options: Options = {}): Promise<Stage> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-server-'));
  const notes = takeNotes();
  const clock = options.clock ?? systemClock;
  const metrics = createMetrics();
  const storeDeps = { clock: systemClock, log: notes, ended: metrics.ended };
  const store = options.store ?? (await openStore({ dataDir }, storeDeps));
  const posted: StatusOrder[] = [];
  const now: Stage['now'] = {
    ready: true,
    opened: true,
    env: { ...secretEnv },
    status: { outcome: 'posted', text: 'told octo/hello#42 success' },
    yml: options.yml ?? slipwayYml(),
  };
  let known = '';
  let config = configOf(now.yml);
  const current = () => {
    if (known !== now.yml) config = configOf(now.yml);
    known = now.yml;
    return config;
  };
  const deps: ServerDeps = {
    store: () => (now.opened ? store : undefined),
    config: current,
    secrets: () => secretsOf(current(), now.env),
    catalog,
    publicUrl: options.publicUrl ?? publicUrl,
    version: '1.2.3',
    clock,
    log: notes,
    metrics,
    ready: () => now.ready,
    postStatus: async (order) => {
      posted.push(order);
      return now.status;
    },
  };
  const app = await createApp(deps);
  return {
    ...{ app, store, dataDir, notes, metrics, posted, now },
    call: (who, method, url, more = {}) => call(app, who, method, url, more),
    async end() {
      await app.close();
      if (!options.store) await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function call(
  app: FastifyInstance,
  who: Who | undefined,
  method: string,
  url: string,
  { body, headers = {}, key }: More,
): Promise<Answer> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const answer = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: {
      ...(who ? { authorization: `Bearer ${tokens[who]}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }),
  });
  const { statusCode: status, payload: text } = answer;
  const isJson = answer.headers['content-type'] === 'application/json';
  for (const secret of [...Object.values(secretEnv)]) assert.not.match(text, secret);
  return {
    status,
    headers: answer.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  };
}

/** One test with a stage of its own. */
export const staged =
  (run: (stage: Stage) => Promise<void>, options: Options = {}) =>
  async (): Promise<void> => {
    const stage = await openStage(options);
    try {
      await run(stage);
      assert.equal(stage.notes.at('error'), []);
    } finally {
      await stage.end();
    }
  };

/** The engine's part: takes the next run. */
export async function claim({ store }: Stage): Promise<Lease> {
  const lease = await store.claim('test');
  if (!lease) throw new Error('there is no run to claim');
  return lease;
}
export const finish = async (
  stage: Stage,
  status: RunEnd = 'SUCCESS',
  words: Partial<Ending> = {},
): Promise<void> => {
  await (await claim(stage)).end(status, { text: 'the new version serves', ...words });
};

export const order = { deployment: 'hello-production', commit: sha } as const;
/** As Orca sends it. */
export const stageBody = {
  owner: 'octo',
  repo: 'hello',
  deployment_id: 42,
  environment: 'production',
  ref: null,
  description: '',
  spinnaker: { application: 'shop', pipeline: 'Deploy', execution_id: '01J', stage_id: '01K' },
} as const;
