import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Forge } from '../../src/hooks/hook.ts';
import { attack } from '../hooks/attack.ts';
import { bodies, deliveries } from '../hooks/deliveries.ts';
import { seeded } from '../support/random.ts';
import { claim, hookSecret, type Stage, sha, slipwayYml, staged } from './stage.ts';

const hooks = suite('/hooks');

type Delivered = { readonly event?: string; readonly id?: string; readonly secret?: string };

const github = (
  { call }: Stage,
  body: object,
  { event = 'deployment', id = 'd-1', secret = hookSecret }: Delivered = {},
) => {
  const text = JSON.stringify(body);
  return call(undefined, 'POST', '/hooks/github', {
    body: text,
    headers: {
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
    },
  });
};
const count = async ({ store }: Stage): Promise<number> => (await store.runs.list({})).runs.length;

hooks(
  'starts what slipway.yml names for a deployment, and says which run it is',
  staged(async (stage) => {
    const { status, json } = await github(stage, bodies.github.deployment);
    assert.is(status, 202);
    const [run] = json.runs;
    assert.is(json.runs.length, 1);
    assert.is(run.deployment, 'hello-production');
    assert.is(run.deployment_id, '42');
    assert.is(run.source, 'github');
    assert.is(run.actor, 'octocat');
    const { request } = await claim(stage);
    assert.equal(request.settings, {});
    assert.equal(
      (request.event as { identity: string }).identity,
      'github octo/hello deployment 42',
    );
  }),
);

hooks(
  'gives a delivery that comes again the same answer, and another delivery of one event the same run',
  staged(async (stage) => {
    const first = await github(stage, bodies.github.deployment);
    await (await claim(stage)).end('SUCCESS', { text: 'serves' });
    const again = await github(stage, bodies.github.deployment);
    assert.is(again.status, 202);
    assert.equal(again.json, first.json);
    const other = await github(stage, bodies.github.deployment, { id: 'd-2' });
    assert.is(other.status, 202);
    assert.is(other.json.runs[0].id, first.json.runs[0].id);
    assert.is(other.json.runs[0].status, 'SUCCESS');
    assert.is(await count(stage), 1);
  }),
);

hooks(
  'makes one run of many deliveries of one event at once',
  staged(async (stage) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        github(stage, bodies.github.deployment, { id: `d-${at % 3}` }),
      ),
    );
    assert.is(new Set(answers.map(({ json }) => json.runs[0].id)).size, 1);
    assert.is(await count(stage), 1);
  }),
);

const pushes: readonly (readonly [Forge, object, Record<string, string>, readonly string[]])[] = [
  ['github', bodies.github.push, { 'x-github-event': 'push' }, ['hello-staging']],
  ['gitlab', bodies.gitlab.push, { 'x-gitlab-event': 'Push Hook' }, ['hello-group']],
  ['gitlab', bodies.gitlab.tag, { 'x-gitlab-event': 'Tag Push Hook' }, ['hello-group']],
  [
    'bitbucket',
    bodies.bitbucket.push,
    { 'x-event-key': 'repo:push' },
    ['hello-team', 'hello-team'],
  ],
  ['gitea', bodies.gitea.push, { 'x-gitea-event': 'push' }, ['hello-gitea']],
];
for (const [forge, body, headers, names] of pushes) {
  hooks(
    `starts ${names.length} by a push of ${forge}: ${headers['x-gitlab-event'] ?? 'push'}`,
    staged(async ({ call }) => {
      const text = JSON.stringify(body);
      const hex = createHmac('sha256', hookSecret).update(text).digest('hex');
      const answer = await call(undefined, 'POST', `/hooks/${forge}`, {
        body: text,
        headers: {
          ...headers,
          'x-hub-signature': `sha256=${hex}`,
          'x-hub-signature-256': `sha256=${hex}`,
          'x-gitea-signature': hex,
          'x-gitlab-token': hookSecret,
        },
      });
      assert.is(answer.status, 202, answer.text);
      assert.equal(
        answer.json.runs.map((run: { deployment: string }) => run.deployment),
        names,
      );
      for (const run of answer.json.runs) {
        assert.is(run.commit, sha);
        assert.is(run.source, forge);
      }
    }),
  );
}

hooks(
  'answers what starts nothing with the reason, and 200',
  staged(async (stage) => {
    const push = { ...bodies.github.push, ref: 'refs/heads/other' };
    const status = { ...bodies.github.deployment, deployment_status: { state: 'success' } };
    const elsewhere = { ...bodies.github.push, repository: { full_name: 'octo/unknown' } };
    for (const [body, event, why] of [
      [bodies.github.ping, 'ping', 'is a ping'],
      [push, 'push', 'no rule starts by this push'],
      [status, 'deployment', 'is a status'],
      [elsewhere, 'push', 'no deployment has this repository'],
      [{ action: 'opened' }, 'pull_request', 'is pull_request, which starts nothing'],
    ] as const) {
      const answer = await github(stage, body, { event });
      assert.is(answer.status, 200, answer.text);
      assert.match(answer.json.ignored, why);
    }
    assert.is(await count(stage), 0);
  }),
);

hooks(
  'takes a delivery again whose rule was missing',
  staged(async (stage) => {
    const push = { ...bodies.github.push, ref: 'refs/heads/next' };
    assert.is((await github(stage, push, { event: 'push' })).status, 200);
    stage.now.yml = slipwayYml().replace('push: [main], tag', 'push: [next], tag');
    assert.is((await github(stage, push, { event: 'push' })).status, 202);
    stage.now.yml = slipwayYml();
    assert.is(
      (await github(stage, push, { event: 'push' })).status,
      202,
      'the answer is remembered',
    );
    assert.is((await github(stage, push, { event: 'push', id: 'd-2' })).status, 200);
  }),
);

hooks(
  'believes nobody without a proof, and tells strangers nothing of why',
  staged(async (stage) => {
    const wrong = await github(stage, bodies.github.deployment, { secret: 'other' });
    const none = await stage.call(undefined, 'POST', '/hooks/github', { body: {} });
    const empty = await stage.call(undefined, 'POST', '/hooks/gitea');
    for (const answer of [wrong, none, empty]) {
      assert.is(answer.status, 401);
      assert.equal(answer.json, wrong.json);
    }
    assert.is(await count(stage), 0);
    assert.match(stage.notes.at('warn').join('\n'), 'that no secret of slipway.yml gives');
    assert.match(
      stage.metrics.text([]),
      'slipway_webhook_rejections_total{forge="github",reason="not_proven"} 2',
    );
  }),
);

hooks(
  'lets each entry speak for its own repositories alone',
  staged(async (stage) => {
    stage.now.yml = slipwayYml().replace(
      "repositories: ['octo/*'] }\n  - { forge: gitlab",
      "repositories: ['other/*'] }\n  - { forge: gitlab",
    );
    const answer = await github(stage, bodies.github.deployment);
    assert.is(answer.status, 200);
    assert.match(answer.json.ignored, 'no deployment has this repository');
  }),
);

const gitlabToken = "token: { env: HOOK }, repositories: ['group/*'] }";
const diversionSigned =
  "  - { forge: diversion, secret: { env: WHSEC }, repositories: ['dv.repo.*'] }";
const ofDiversion = `  - name: hello-diversion
    forge: diversion
    repository: ${bodies.diversion.commit.data.repository.id}
    environment: production
    on: { push: [main] }
    target: command
    settings: { command: 'true' }
`;
const gitlabSigned = ['HOOK', 'WHSEC'].map(
  (name) => `  - { forge: gitlab, signing_token: { env: ${name} }, repositories: ['group/*'] }`,
);

hooks(
  'shows the answer to a delivery to nobody whose secret is for other repositories',
  staged(
    async (stage) => {
      const secret = 'secret-of-the-others-09';
      stage.now.env.OTHERS = secret;
      const mine = await github(stage, bodies.github.deployment, { id: 'd-9' });
      assert.is(mine.status, 202);
      const theirs = await github(stage, bodies.github.deployment, { id: 'd-9', secret });
      assert.equal(theirs.json, { ignored: 'no deployment has this repository' });
      const again = await github(stage, bodies.github.deployment, { id: 'd-9' });
      assert.equal(again.json, mine.json);
    },
    {
      yml: slipwayYml().replace(
        'webhooks:',
        "webhooks:\n  - { forge: github, secret: { env: OTHERS }, repositories: ['others/*'] }",
      ),
    },
  ),
);

hooks(
  'accepts none of 1,000 forged deliveries, and no true one twice',
  staged(
    async (stage) => {
      const originals = deliveries(hookSecret, Date.now());
      const sealed = originals.filter(({ proof }) => proof.kind === 'signing_token');
      stage.now.env.WHSEC = sealed.at(-1)?.proof.value ?? '';
      const broken = await attack(
        {
          async deliver({ forge, body, headers }) {
            const given = headers as Record<string, string>;
            const answer = await stage.call(undefined, 'POST', `/hooks/${forge}`, {
              body,
              headers: given,
            });
            const ids = answer.json.runs?.map((run: { id: string }) => run.id) ?? [];
            return { status: answer.status, ids };
          },
          runs: () => count(stage),
        },
        originals,
        1000,
        seeded(5),
      );
      assert.equal(broken, []);
    },
    {
      yml: slipwayYml()
        .replace(gitlabToken, [gitlabToken, ...gitlabSigned, diversionSigned].join('\n'))
        .replace('deployments:\n', `deployments:\n${ofDiversion}`),
    },
  ),
);

hooks(
  'says that a deployment is busy which does not queue',
  staged(async (stage) => {
    const push = (commit: string) => ({
      ...bodies.github.push,
      ref: 'refs/heads/refuse',
      head_commit: { id: commit },
    });
    const first = await github(stage, push(sha), { event: 'push', id: 'a' });
    assert.is(first.status, 202);
    const second = await github(stage, push('b'.repeat(40)), { event: 'push', id: 'b' });
    assert.is(second.status, 409);
    assert.match(second.json.message, first.json.runs[0].id);
  }),
);

hooks(
  'takes deliveries while the process drains, for no forge sends them again',
  staged(async (stage) => {
    stage.now.ready = false;
    assert.is((await github(stage, bodies.github.deployment)).status, 202);
  }),
);

hooks(
  'takes large deliveries, and none that are larger',
  staged(async (stage) => {
    const large = { ...bodies.github.deployment, filler: 'x'.repeat(1024 * 1024) };
    assert.is((await github(stage, large)).status, 202);
    const answer = await stage.call(undefined, 'POST', '/hooks/github', {
      body: Buffer.alloc(25 * 1024 * 1024 + 1, 'x'),
    });
    assert.is(answer.status, 413);
    assert.is(answer.json.error, 'too_large');
  }),
);

hooks.run();
