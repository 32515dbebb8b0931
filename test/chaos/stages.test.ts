/** The bounded form of what `npm run chaos` does with Spinnaker's stages: dist/slipway.mjs, real sockets, real kills. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drive } from './stages.ts';

const spinnaker = suite('stages of Spinnaker');

spinnaker('end as their runs do, whatever the server suffers', async () => {
  const { broken, verdicts } = await drive({
    ...{ stages: 30, atOnce: 30, replicas: 1, seed: 1, speed: 20 },
  });
  assert.equal(broken, []);
  assert.equal(verdicts, { SUCCEEDED: 18, TERMINAL: 6, CANCELED: 12 });
});

spinnaker.run();
