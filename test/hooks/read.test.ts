import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bitbucket } from '../../src/hooks/bitbucket.ts';
import { diversion } from '../../src/hooks/diversion.ts';
import { gitea } from '../../src/hooks/gitea.ts';
import { github } from '../../src/hooks/github.ts';
import { gitlab } from '../../src/hooks/gitlab.ts';
import type { Headers, Hook, HookEvent, Reading } from '../../src/hooks/hook.ts';
import { bodies, deliveries, sha, tagObject, zeros } from './deliveries.ts';

const json = { 'content-type': 'application/json; charset=utf-8' };
const headersOf: Readonly<Record<string, Headers>> = {
  github: { ...json, 'x-github-event': 'push' },
  gitlab: { ...json, 'x-gitlab-event': 'Push Hook' },
  bitbucket: { ...json, 'x-event-key': 'repo:push' },
  diversion: json,
  gitea: { ...json, 'x-gitea-event': 'push' },
};
const read = (hook: Hook, body: unknown, headers: Headers = {}): Reading =>
  hook.read(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), {
    ...headersOf[hook.forge],
    ...headers,
  });
const eventsOf = (reading: Reading): readonly HookEvent[] => {
  if (reading.kind !== 'events') throw new Error(JSON.stringify(reading));
  return reading.events;
};
const asDeployment = { 'x-github-event': 'deployment' };

const reading = suite('read');

reading('a deployment at GitHub', () => {
  assert.equal(eventsOf(read(github, bodies.github.deployment, asDeployment)), [
    {
      forge: 'github',
      kind: 'deployment',
      repository: 'octo/hello',
      ref: 'main',
      sha,
      deploymentId: '42',
      environment: 'production',
      actor: 'octocat',
      identity: 'github octo/hello deployment 42',
    },
  ]);
});

const push = { kind: 'push', ref: 'main', sha, deploymentId: undefined, environment: undefined };
for (const [hook, body, expected] of [
  [github, bodies.github.push, { forge: 'github', repository: 'octo/hello', actor: 'octocat' }],
  [gitlab, bodies.gitlab.push, { forge: 'gitlab', repository: 'group/sub/hello', actor: 'jsmith' }],
  [gitea, bodies.gitea.push, { forge: 'gitea', repository: 'octo/hello', actor: 'gitea' }],
] as const) {
  reading(`a push at ${hook.forge}`, () => {
    const identity = `${expected.forge} ${expected.repository} refs/heads/main ${sha}`;
    assert.equal(eventsOf(read(hook, body)), [{ ...push, ...expected, identity }]);
  });
}

reading('a commit at Diversion, by the id of its repository and the name of its branch', () => {
  assert.equal(eventsOf(read(diversion, bodies.diversion.commit)), [
    {
      ...{ ...push, forge: 'diversion', sha: 'dv.commit.123456', actor: 'John Doe' },
      repository: 'dv.repo.12345678-1234-1234-1234-123456789abc',
      repositoryName: 'my-project',
      identity: 'diversion dv.repo.12345678-1234-1234-1234-123456789abc main dv.commit.123456',
    },
  ]);
});

for (const [what, change] of Object.entries({
  'another event': { type: 'v1.repo.branch.created' },
  'no repository': { data: { ...bodies.diversion.commit.data, repository: { name: 'x' } } },
  'a commit that is none': {
    data: { ...bodies.diversion.commit.data, commit: { id: 'dv.commit.1/../2', branch: {} } },
  },
  'a branch with a line break': {
    data: {
      ...bodies.diversion.commit.data,
      commit: { id: 'dv.commit.1', branch: { name: 'main\nevil' } },
    },
  },
})) {
  reading(`nothing of Diversion's that names ${what}`, () => {
    const found = read(diversion, { ...bodies.diversion.commit, ...change });
    assert.is(found.kind, 'ignored');
  });
}

reading('every branch and tag that one push at Bitbucket moves', () => {
  const events = eventsOf(read(bitbucket, bodies.bitbucket.push));
  assert.equal(
    events.map(({ kind, ref, sha: commit, repository, actor }) => [
      kind,
      ref,
      commit,
      repository,
      actor,
    ]),
    [
      ['push', 'main', sha, 'team/hello', 'emmap1'],
      ['tag', 'v1', sha, 'team/hello', 'emmap1'],
    ],
  );
});

reading("a tag's commit, not the tag itself", () => {
  const tag = { ref: 'refs/tags/v1', after: tagObject };
  for (const [hook, body] of [
    [github, { ...bodies.github.push, ...tag }],
    [gitlab, bodies.gitlab.tag],
    [gitea, { ...bodies.gitea.push, ...tag }],
  ] as const) {
    const [event] = eventsOf(read(hook, body));
    assert.equal([event?.kind, event?.sha], ['tag', sha], hook.forge);
  }
});

reading('gives one event one name, whatever its delivery and the case of its repository', () => {
  const one = (full_name: string, ref = 'refs/heads/main'): string | undefined =>
    eventsOf(read(github, { ...bodies.github.push, ref, repository: { full_name } }))[0]?.identity;
  assert.is(one('octo/hello'), one('Octo/Hello'));
  assert.is.not(one('octo/hello'), one('octo/hallo'));
  assert.is.not(one('octo/hello'), one('octo/hello', 'refs/heads/x'));
  assert.is.not(one('octo/hello'), one('octo/hello', 'refs/tags/main'));
});

/** What starts nothing, and is no fault of the forge's. */
const ignored: readonly (readonly [string, Hook, unknown, Headers, RegExp])[] = [
  [
    'a deleted branch at GitHub',
    github,
    { ...bodies.github.push, deleted: true, after: zeros, head_commit: null },
    {},
    /deletion of a branch/,
  ],
  [
    'a deleted tag at GitHub',
    github,
    { ...bodies.github.push, ref: 'refs/tags/v1', deleted: true, after: zeros },
    {},
    /deletion of a tag/,
  ],
  [
    'a deleted branch at GitLab',
    gitlab,
    { ...bodies.gitlab.push, after: zeros, checkout_sha: null },
    {},
    /deletion of a branch/,
  ],
  [
    'a deleted branch at Gitea',
    gitea,
    { ...bodies.gitea.push, after: zeros, head_commit: null },
    {},
    /deletion of a branch/,
  ],
  [
    'a deleted branch at Bitbucket',
    bitbucket,
    { ...bodies.bitbucket.push, push: { changes: [bodies.bitbucket.push.push.changes[1]] } },
    {},
    /deletion of a branch/,
  ],
  [
    'a push without changes',
    bitbucket,
    { ...bodies.bitbucket.push, push: { changes: [] } },
    {},
    /names no change/,
  ],
  [
    'a status of a deployment',
    github,
    { ...bodies.github.deployment, deployment_status: {} },
    { 'x-github-event': 'deployment_status' },
    /starts nothing/,
  ],
  [
    'a status that another header makes a deployment',
    github,
    { ...bodies.github.deployment, deployment_status: { state: 'success' } },
    asDeployment,
    /status of a deployment/,
  ],
  [
    'a push that another header makes a deployment',
    github,
    bodies.github.push,
    asDeployment,
    /not just created/,
  ],
  [
    'a deployment that another header makes a push',
    github,
    bodies.github.deployment,
    {},
    /neither a branch nor a tag/,
  ],
  [
    'a deployment that was not just created',
    github,
    { ...bodies.github.deployment, action: 'deleted' },
    asDeployment,
    /not just created/,
  ],
  [
    'a deployment without an id',
    github,
    { ...bodies.github.deployment, deployment: { environment: 'x' } },
    asDeployment,
    /names no deployment/,
  ],
  [
    'a deployment whose id is a text',
    github,
    { ...bodies.github.deployment, deployment: { id: '../1', environment: 'x' } },
    asDeployment,
    /names no deployment/,
  ],
  [
    'an unknown event at GitHub',
    github,
    { action: 'opened' },
    { 'x-github-event': 'issues' },
    /starts nothing/,
  ],
  ['no event at all', github, { action: 'opened' }, { 'x-github-event': '' }, /starts nothing/],
  [
    'a note at GitLab',
    gitlab,
    { object_kind: 'note' },
    { 'x-gitlab-event': 'Note Hook' },
    /starts nothing/,
  ],
  [
    'a system hook of GitLab',
    gitlab,
    { event_name: 'push', ref: 'refs/heads/main' },
    {},
    /starts nothing/,
  ],
  [
    'a tag push of a branch',
    gitlab,
    { ...bodies.gitlab.tag, ref: 'refs/heads/main' },
    {},
    /names no tag/,
  ],
  ['a fork at Bitbucket', bitbucket, {}, { 'x-event-key': 'repo:fork' }, /starts nothing/],
  [
    'a push of the Data Center',
    bitbucket,
    {},
    { 'x-event-key': 'repo:refs_changed' },
    /starts nothing/,
  ],
  [
    'a creation at Gitea',
    gitea,
    { ref: 'v1', ref_type: 'tag' },
    { 'x-gitea-event': 'create' },
    /starts nothing/,
  ],
  [
    'notes and other refs',
    github,
    { ...bodies.github.push, ref: 'refs/notes/commits' },
    {},
    /neither a branch nor a tag/,
  ],
  ['no repository', github, { ...bodies.github.push, repository: {} }, {}, /names no repository/],
  [
    'a repository that is a path',
    github,
    { ...bodies.github.push, repository: { full_name: '../../x y' } },
    {},
    /names no repository/,
  ],
  [
    'a repository that is a list',
    github,
    { ...bodies.github.push, repository: ['octo/hello'] },
    {},
    /names no repository/,
  ],
  [
    'a commit that is none',
    github,
    { ...bodies.github.push, head_commit: null, after: 'main' },
    {},
    /names no commit/,
  ],
];
for (const [title, hook, body, headers, why] of ignored) {
  reading(`ignores ${title}`, () => {
    const found = read(hook, body, headers);
    assert.is(found.kind, 'ignored', JSON.stringify(found));
    assert.match(found.kind === 'ignored' ? found.why : '', why);
  });
}

reading('pings', () => {
  assert.equal(read(github, bodies.github.ping, { 'x-github-event': 'ping' }), { kind: 'ping' });
  assert.equal(read(bitbucket, { test: true }, { 'x-event-key': 'diagnostics:ping' }), {
    kind: 'ping',
  });
});

/** What is no delivery, or set up wrongly. */
const refused: readonly (readonly [string, unknown, Headers, number, RegExp])[] = [
  ['no JSON', '{"ref":', {}, 400, /not a JSON object/],
  ['a list', '[]', {}, 400, /not a JSON object/],
  ['nothing', '', {}, 400, /not a JSON object/],
  ['a text', 'hello', { 'content-type': 'text/plain' }, 415, /choose that as the content type/],
  ['no content type', '{}', { 'content-type': undefined }, 415, /choose that/],
];
for (const hook of [github, gitlab, bitbucket, gitea, diversion]) {
  for (const [title, body, headers, status, why] of refused) {
    reading(`${hook.forge} refuses ${title}`, () => {
      const found = read(hook, body, headers);
      if (found.kind !== 'refused') throw new Error(JSON.stringify(found));
      assert.is(found.status, status);
      assert.match(found.why, why);
    });
  }
  reading(
    `${hook.forge} refuses what is not UTF-8, and does not stumble over depth or size`,
    () => {
      const headers = headersOf[hook.forge] ?? {};
      const latin1 = hook.read(Buffer.from('{"ref":"ü"}', 'latin1'), headers);
      assert.equal(
        [latin1.kind, latin1.kind === 'refused' && latin1.why],
        ['refused', 'is not UTF-8'],
      );
      assert.is(hook.read(Buffer.from('{"a":1}', 'utf16le'), headers).kind, 'refused');
      const deep = `{"repository":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
      assert.ok(['ignored', 'refused'].includes(read(hook, deep).kind));
      const large = { x: 'y'.repeat(8_000_000) };
      assert.ok(['ignored', 'refused'].includes(read(hook, large).kind));
    },
  );
}

reading('takes a form from GitHub, whose page offers it first; from nobody else', () => {
  const form = `payload=${encodeURIComponent(JSON.stringify(bodies.github.push)).replaceAll('%20', '+')}`;
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.is(eventsOf(read(github, form, type))[0]?.sha, sha);
  assert.is(read(github, 'payload=x', type).kind, 'refused');
  assert.is(read(github, `other=${form}`, type).kind, 'refused');
  for (const hook of [gitlab, bitbucket, gitea]) assert.is(read(hook, form, type).kind, 'refused');
});

reading('takes the last of two keys, as every later look does', () => {
  const text = JSON.stringify(bodies.github.push).replace('{', '{"ref":"refs/heads/evil",');
  assert.is(eventsOf(read(github, text))[0]?.ref, 'main');
  const inherited =
    '{"__proto__":{"repository":{"full_name":"octo/evil"}},"ref":"refs/heads/main"}';
  assert.is(read(github, inherited).kind, 'ignored');
});

reading('keeps ids that are ids', () => {
  for (const { forge, headers } of deliveries()) {
    const hook = { github, gitlab, bitbucket, gitea, diversion }[forge];
    const id = hook.deliveryId(headers);
    if (headers['x-gitlab-token']) assert.is(id, headers['idempotency-key']);
    assert.is(id, '72d3162e-cc78-11e3-81ab-4c9367dc0958');
  }
  assert.is(github.deliveryId({ 'x-github-delivery': 'x'.repeat(200) }), undefined);
  assert.is(github.deliveryId({ 'x-github-delivery': '<script>' }), undefined);
  assert.is(github.deliveryId({ 'x-github-delivery': ['a', 'b'] }), undefined);
  assert.is(bitbucket.deliveryId({ 'x-request-uuid': '{a-b}' }), '{a-b}');
  assert.is(gitlab.deliveryId({}), undefined);
});

reading.run();
