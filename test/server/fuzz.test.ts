import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../support/random.ts';
import { hookSecret, order, sha, stageBody, staged, tokens } from './stage.ts';
import { besiege } from './strangers/siege.ts';

/* The bounded form of what `npm run chaos -- strangers` does. */
const fuzz = suite('what strangers send');

fuzz(
  'is answered in JSON, whatever it is',
  staged(async (stage) => {
    await stage.app.listen({ port: 0, host: '127.0.0.1' });
    const { json } = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order });
    const { statuses, broken } = await besiege({
      port: (stage.app.server.address() as AddressInfo).port,
      known: {
        ...{ hookSecret, runs: [json.id], tokens: Object.values(tokens) },
        orders: [
          order,
          stageBody,
          { deployment: 'hello-staging', commit: sha, payload: { a: 1 }, timeout: '5m' },
          { owner: 'octo', repo: 'hello', deployment_id: 1, state: 'success' },
          { key: 'k', reason: 'x' },
        ],
      },
      ...{ requests: 1500, connections: 500, random: seeded(20_261_128) },
    });
    assert.equal(broken, []);
    // It has been everywhere.
    for (const status of [200, 202, 303, 400, 401, 403, 404, 405, 413, 415, 422]) {
      assert.ok(statuses[status], `${status} is missing: ${JSON.stringify(statuses)}`);
    }
  }),
);

fuzz.run();
