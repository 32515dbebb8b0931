import { getHeapSpaceStatistics } from 'node:v8';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSweep } from '../../src/checkout/tree/sweep.ts';

const mebibyte = 1024 * 1024;
const sweeping = suite('sweep');

sweeping('lets no buffers lie about, as a download leaves them', async () => {
  const sweep = createSweep();
  let most = 0;
  for (let made = 0; made < 512 * mebibyte; made += 65_536) {
    Buffer.allocUnsafeSlow(65_536);
    sweep();
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    // As pieces of a download come; memory is given back in the background.
    if (made % mebibyte === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(most < 32 * mebibyte, `${Math.round(most / mebibyte)} MiB lay about`);
});

sweeping('lets nothing gather among the old, as pages of a tree do that outlive a little', () => {
  const sweep = createSweep();
  const oldBytes = (): number =>
    getHeapSpaceStatistics()
      .filter(({ space_name: name }) => name === 'old_space')
      .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
  const before = oldBytes();
  let page: object[] = [];
  let most = 0;
  for (let item = 0; item < 1_000_000; item += 1) {
    page.push({ path: `folder/${item}`, hash: item * 1.5 });
    if (page.length === 20_000) page = [];
    if (item % 100 === 0) sweep();
    if (item % 5000 === 0) most = Math.max(most, oldBytes() - before);
  }
  assert.ok(most < 16 * mebibyte, `${Math.round(most / mebibyte)} MiB gathered`);
});

sweeping.run();
