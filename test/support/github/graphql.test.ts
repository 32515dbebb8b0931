import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PARENT, SHA, withGithub } from './caller.ts';
import type { DeploymentState } from './world.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const MINUTE = 60_000;

const LOOK = `query ($owner: String!, $name: String!, $environments: [String!]) {
  rateLimit { remaining }
  repository(owner: $owner, name: $name) {
    deployments(first: 30, environments: $environments, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes {
        databaseId commitOid task environment originalEnvironment state payload description
        createdAt updatedAt creator { __typename login }
        latestStatus { state logUrl }
        statuses(last: 2) { totalCount nodes { state description createdAt } }
      }
    }
  }
}`;

const SHOP = { owner: 'acme', name: 'shop' };
const inShop = (fields: string): string =>
  `{ repository(owner: "acme", name: "shop") { ${fields} } }`;

const queries = suite('fake GitHub: GraphQL');

queries('shows the newest deployments of an environment with their statuses', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    const payload = { run: 'r1' };
    github.addDeployment({ ref: 'main', environment: 'qa' });
    const { id } = github.addDeployment({
      ref: 'main',
      environment: 'qa',
      payload,
      creator: 'ci[bot]',
    });
    github.addDeployment({ ref: 'main', environment: 'other' });
    github.addStatus(id, { state: 'queued' });
    github.addStatus(id, { state: 'pending' });
    github.addStatus(id, { state: 'in_progress', description: 'Going', log_url: 'https://l' });
    const { body } = await call.ask(LOOK, { ...SHOP, environments: ['qa'] });
    const { nodes } = body.data.repository.deployments;
    const at = '2026-11-21T12:00:00Z';
    assert.is(nodes.length, 2);
    assert.equal(nodes[0], {
      ...{ databaseId: id, commitOid: SHA, task: 'deploy', environment: 'qa' },
      ...{ originalEnvironment: 'qa', state: 'IN_PROGRESS', payload: '{"run":"r1"}' },
      ...{ description: '', createdAt: at, updatedAt: at },
      creator: { __typename: 'Bot', login: 'ci' },
      latestStatus: { state: 'IN_PROGRESS', logUrl: 'https://l' },
      statuses: {
        totalCount: 3,
        nodes: [
          { state: 'PENDING', description: '', createdAt: at },
          { state: 'IN_PROGRESS', description: 'Going', createdAt: at },
        ],
      },
    });
    assert.is(body.data.rateLimit.remaining, 5000);
    github.assertClean();
  }),
);

queries('shows statuses in either order, for GitHub promises none', () =>
  withGithub({ graphqlStatuses: 'newest-first' }, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    github.addStatus(id, { state: 'queued' });
    github.addStatus(id, { state: 'success' });
    const { body } = await call.ask(
      inShop('deployments(last: 1) { nodes { statuses(first: 1) { nodes { state } } } }'),
    );
    assert.is(body.data.repository.deployments.nodes[0].statuses.nodes[0].state, 'SUCCESS');
  }),
);

const STATES: readonly (readonly [string, readonly DeploymentState[], number, boolean])[] = [
  ['PENDING', [], 30, false],
  ['ABANDONED', [], 31, false],
  ['ABANDONED', ['pending'], 31, false],
  ['QUEUED', ['queued'], 600, false],
  ['IN_PROGRESS', ['in_progress'], 600, false],
  ['WAITING', ['waiting'], 600, false],
  ['ACTIVE', ['in_progress', 'success'], 600, false],
  ['FAILURE', ['failure'], 0, false],
  ['ERROR', ['success', 'error'], 0, false],
  ['INACTIVE', ['success', 'inactive'], 0, false],
  ['DESTROYED', ['success', 'inactive'], 0, true],
];

for (const [state, posted, minutes, transient_environment] of STATES) {
  queries(`calls ${posted.join(', ') || 'nothing'} after ${minutes} min ${state}`, async () => {
    let now = NOON;
    await withGithub({ now: () => now }, async (github, call) => {
      const { id } = github.addDeployment({ ref: 'main', transient_environment });
      for (const each of posted) github.addStatus(id, { state: each });
      now += minutes * MINUTE;
      const { body } = await call.ask(inShop('deployments(first: 1) { nodes { state } }'));
      assert.is(body.data.repository.deployments.nodes[0].state, state);
    });
  });
}

queries('walks the history of a ref with its commit statuses', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    const link = { target_url: 'https://ci/1', description: 'Going' };
    github.addCommitStatus(PARENT, { state: 'success', context: 'slipway/qa', ...link });
    github.addCommitStatus(PARENT, { state: 'pending', context: 'slipway/qa', ...link });
    const { body } = await call.ask(
      inShop(`object(expression: "main") { ... on Commit { oid history(first: 100) { nodes {
        oid status { contexts { context state targetUrl description createdAt creator { login } } }
      } } } }`),
    );
    const context = {
      ...{ context: 'slipway/qa', state: 'PENDING', targetUrl: 'https://ci/1' },
      ...{ description: 'Going', createdAt: '2026-11-21T12:00:00Z', creator: { login: 'someone' } },
    };
    assert.equal(body.data.repository.object, {
      oid: SHA,
      history: {
        nodes: [
          { oid: SHA, status: null },
          { oid: PARENT, status: { contexts: [context] } },
        ],
      },
    });
    github.assertClean();
  }),
);

queries('pages a connection by its cursors', () =>
  withGithub({}, async (github, call) => {
    const ids = [1, 2, 3].map(() => github.addDeployment({ ref: 'main' }).id);
    const page = (args: string) =>
      inShop(`deployments(${args}) { nodes { databaseId } pageInfo { endCursor hasNextPage } }`);
    const one = (await call.ask(page('first: 2'))).body.data.repository.deployments;
    assert.equal(one.nodes, [{ databaseId: ids[0] }, { databaseId: ids[1] }]);
    assert.ok(one.pageInfo.hasNextPage);
    const two = await call.ask(page(`first: 2, after: "${one.pageInfo.endCursor}"`));
    const { nodes, pageInfo } = two.body.data.repository.deployments;
    assert.equal([nodes, pageInfo.hasNextPage], [[{ databaseId: ids[2] }], false]);
    github.assertClean();
  }),
);

const ANSWERS = [
  ['NOT_FOUND', '{ repository(owner: "acme", name: "gone") { id } }', {}],
  ['MISSING_PAGINATION_BOUNDARIES', inShop('deployments { totalCount }'), {}],
  ['EXCESSIVE_PAGINATION', inShop('deployments(first: 101) { totalCount }'), {}],
  ['FORBIDDEN', inShop('deployments(first: 1) { totalCount }'), { deployments: 'none' }],
  ['FORBIDDEN', inShop('object(expression: "main") { oid }'), { contents: 'none' }],
] as const;

for (const [type, query, permissions] of ANSWERS) {
  queries(`answers 200 with ${type} to ${query.slice(0, 70)}`, () =>
    withGithub({ permissions }, async (_github, call) => {
      const { status, body } = await call.ask(query);
      assert.equal([status, body.errors[0].type], [200, type]);
      assert.ok(body.errors[0].message);
    }),
  );
}

const WRONGS = [
  ['an unknown field', inShop('deploys'), {}, /deploys/],
  ['an unknown argument', inShop('deployments(firts: 1) { totalCount }'), {}, /firts/],
  ['text that is no query', '{ repository', {}, /Syntax Error/],
  ['a field that the fake has not', inShop('stargazerCount'), {}, /does not model/],
  ['a variable that is not declared', inShop('id'), { n: 1 }, /does not declare \$n/],
  [
    'a variable of the wrong type',
    'query ($n: Int!) { repository(owner: "acme", name: "shop") { deployments(first: $n) { totalCount } } }',
    { n: 'x' },
    /Int cannot represent/,
  ],
] as const;

for (const [title, query, variables, said] of WRONGS) {
  queries(`catches ${title}`, () =>
    withGithub({}, async (github, call) => {
      const { body } = await call.ask(query, variables);
      assert.ok(body.errors || Object.keys(variables).length > 0);
      assert.throws(() => github.assertClean(), said);
    }),
  );
}

queries('catches an unknown field of the request', () =>
  withGithub({}, async (github, call) => {
    assert.is((await call.ask(inShop('id'), {}, { extensions: {} })).status, 400);
    assert.throws(() => github.assertClean(), /extensions/);
  }),
);

queries('is refused where it is switched off', () =>
  withGithub({ graphql: false }, async (github, call) => {
    assert.is((await call.ask(inShop('id'))).status, 403);
    github.assertClean();
  }),
);

queries('has its own address and limit', () =>
  withGithub({ flavour: 'ghes' }, async (github, call) => {
    assert.match(github.graphqlUrl, /:\d+\/api\/graphql$/);
    const { body } = await call.ask('{ viewer { login } rateLimit { remaining } }');
    assert.equal(body.data, { viewer: { login: 'deployer' }, rateLimit: null });
    github.assertClean();
  }),
);

queries.run();
