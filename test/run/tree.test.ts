import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkout, Fetching } from '../../src/checkout/checkout.ts';
import { CheckoutError, RemoteError } from '../../src/errors.ts';
import type { Order } from '../../src/order.ts';
import type { Job } from '../../src/targets/target.ts';
import { older, onStage, sha, succeeds, targetOf } from './stage.ts';

type Told = Checkout & { readonly orders: Order[]; released(): number };

/** A checkout that does what the test says. */
function checkoutOf(fetch: (order: Order, fetching: Fetching) => Promise<string>): Told {
  const orders: Order[] = [];
  let released = 0;
  return {
    id: 'scripted',
    orders,
    released: () => released,
    plan: () => [],
    check: async () => [],
    fetch: (order, fetching) => {
      orders.push(order);
      return fetch(order, fetching);
    },
    release: async () => {
      released += 1;
    },
  };
}

const never = new Promise<never>(() => {});

const fetching = suite('run: the tree');

fetching('is fetched after in_progress and before the target, and removed at the end', () =>
  onStage(async ({ go, github, states }) => {
    const seen: string[] = [];
    const checkout = checkoutOf(async (_, { progress }) => {
      const [latest] = github.deployments.map(({ id }) => states(id).at(-1));
      seen.push(`fetch at ${latest}`);
      progress('half of it');
      return '/the/tree';
    });
    const target = targetOf(async (job: Job) => {
      seen.push(`deploy ${job.tree}, released ${checkout.released()}`);
      return { outcome: 'success', description: '' };
    });
    const ended = await go({}, { checkout, target });
    assert.is(ended.outcome, 'success');
    assert.equal(seen, ['fetch at in_progress', 'deploy /the/tree, released 0']);
    assert.is(checkout.released(), 1);
  }),
);

for (const [what, error, exit] of [
  ['cannot be used', new CheckoutError('The archive holds "x", a path that leads out'), 1],
  ['cannot be seen', new RemoteError('no such commit', { kind: 'permission' }), 6],
  ['cannot be had now', new RemoteError('down', { kind: 'unavailable' }), 1],
  ['meets a conflict', new RemoteError('409', { kind: 'refused', status: 409 }), 1],
] as const) {
  fetching(`that ${what} ends the run, and nothing is deployed`, () =>
    onStage(async ({ go, github, states }) => {
      const checkout = checkoutOf(() => Promise.reject(error));
      const target = targetOf(async () => {
        throw new Error('nobody is to deploy');
      });
      const ended = await go({}, { checkout, target });
      assert.is(ended.outcome, 'error');
      assert.is(ended.exit, exit);
      assert.is(ended.description, error.message);
      const [deployment] = github.deployments;
      assert.equal(states(deployment?.id ?? 0), ['queued', 'in_progress', 'error']);
      assert.is(github.statusesOf(deployment?.id ?? 0)[0]?.description, error.message);
      assert.is(checkout.released(), 1);
    }),
  );
}

for (const kind of ['heeds', 'does not heed'] as const) {
  fetching(`whose checkout ${kind} a stop does not cost the last words`, () =>
    onStage(async ({ start, over, stop, clock, github, states }) => {
      const checkout = checkoutOf(async (_, { signal }) => {
        if (kind === 'does not heed') return never;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw new RemoteError('it was interrupted', { kind: 'unavailable' });
      });
      let deploys = 0;
      const target = targetOf(async () => {
        deploys += 1;
        return { outcome: 'success', description: '' };
      });
      const running = start({}, { checkout, target });
      while (checkout.orders.length === 0) await clock.advance(100);
      const stoppedAt = clock.now();
      stop({ kind: 'signal', name: 'SIGTERM' });
      const ended = await over(running);
      assert.is(ended.outcome, 'cancelled');
      assert.is(ended.exit, 143);
      assert.ok(ended.endedAt - stoppedAt < 6000);
      assert.is(deploys, 0);
      assert.is(checkout.released(), 1);
      assert.equal(states(github.deployments[0]?.id ?? 0).at(-1), 'failure');
    }),
  );
}

fetching('is of the commit of an adopted deployment', () =>
  onStage(async ({ go, github, clock }) => {
    const { id } = github.addDeployment({
      ref: older,
      environment: 'production',
      at: clock.now() - 30_000,
    });
    const checkout = checkoutOf(async () => '/tree');
    await go({ deploymentId: String(id) }, { checkout });
    assert.equal(
      checkout.orders.map(({ commit }) => commit),
      [older],
    );
    assert.is.not(older, sha);
  }),
);

fetching('is removed when the target breaks, too', () =>
  onStage(async ({ go }) => {
    const checkout = checkoutOf(async () => '/tree');
    const target = targetOf(async () => {
      throw new Error('a bug');
    });
    assert.is((await go({}, { checkout, target })).exit, 70);
    assert.is(checkout.released(), 1);
  }),
);

fetching('that takes for ever to remove does not keep the end from being told', () =>
  onStage(async ({ go, github, states }) => {
    const checkout = { ...checkoutOf(async () => '/tree'), release: () => never };
    const ended = await go({}, { checkout, target: succeeds });
    assert.is(ended.outcome, 'success');
    assert.is(states(github.deployments[0]?.id ?? 0).at(-1), 'success');
  }),
);

fetching('is not fetched for a run that a guard ends', () =>
  onStage(async ({ go, leave, order }) => {
    leave({ runKey: 'f'.repeat(20), seq: order.seq + 1 }, 'success');
    const checkout = checkoutOf(async () => '/tree');
    assert.is((await go({}, { checkout })).outcome, 'superseded');
    assert.equal(checkout.orders, []);
  }),
);

fetching.run();
