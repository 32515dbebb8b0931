/** The bounded form of `npm run chaos -- strangers`: dist/slipway.mjs, by real sockets. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { besieged, forge } from './strangers.ts';

const strangers = suite('strangers');

strangers('get none of their forged deliveries believed', async () => {
  assert.equal((await forge(500, 1)).broken, []);
});

strangers('get an answer in JSON, and no server down', async () => {
  assert.equal((await besieged(1000, 300, 1)).broken, []);
});

strangers.run();
