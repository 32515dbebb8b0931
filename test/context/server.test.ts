import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ServerFacts, serverContext } from '../../src/context/server.ts';
import { makeOrder } from '../../src/verbs/order.ts';
import { manualClock } from '../support/manual-clock.ts';

const facts: ServerFacts = {
  runId: '01JRUN',
  createdAt: 1_795_000_000_000,
  publicUrl: 'https://deploy.example.com/base/',
  forge: 'github',
  forgeUrl: 'https://git.example.com/',
  repository: 'octo/hello',
  source: 'spinnaker',
  actor: 'spinnaker',
};
const sha = 'A'.repeat(40);

const server = suite('serverContext');

server('links to the page of the run, and knows the forge by its site', () => {
  const context = serverContext(facts);
  assert.is(context.stepUrl, 'https://deploy.example.com/base/runs/01JRUN');
  assert.is(context.buildUrl, undefined);
  assert.is(context.repoUrl, 'https://git.example.com/octo/hello');
  assert.equal([context.host, context.execution], ['deploy.example.com', '01JRUN']);
  assert.equal(
    [context.deploys, context.startedByForge, context.postsTerminal],
    [true, false, false],
  );
  assert.not.ok(context.openEnvironment || context.openRepoUrl || context.isPullRequest);
});

server('is started by the forge where an event of its own did it', () => {
  const sources = ['api', 'page', 'spinnaker', 'deployment', 'push', 'tag'] as const;
  assert.equal(
    sources.map((source) => serverContext({ ...facts, source }).startedByForge),
    [false, false, false, true, true, true],
  );
});

server('takes no short commit and no merge ref for the head', () => {
  const context = serverContext({ ...facts, commit: 'abc123', ref: 'refs/pull/1/merge' });
  assert.equal([context.commit, context.ref], [undefined, undefined]);
  const whole = serverContext({ ...facts, commit: sha, ref: 'refs/heads/main' });
  assert.equal([whole.commit, whole.ref], [sha.toLowerCase(), 'main']);
});

server('makes orders whose key is the run, on every machine', () => {
  const order = (runId: string) => {
    const context = serverContext({ ...facts, runId });
    const values = { environment: 'production', repo: 'octo/hello', timeout: 60_000 };
    const settings = {
      values: values as never,
      origins: new Map(),
      fromContext: new Set<string>(),
    };
    return makeOrder(settings, context, manualClock()).order;
  };
  assert.is(order('a').runKey, order('a').runKey);
  assert.is.not(order('a').runKey, order('b').runKey);
  assert.is(order('a').seq, facts.createdAt);
  assert.equal(order('a').logUrls, ['https://deploy.example.com/base/runs/a']);
});

server.run();
