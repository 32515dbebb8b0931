import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { constants, deflateRawSync, gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGzip } from '../../../../src/targets/convox/archive/gzip.ts';
import { isNoise } from '../../../../src/targets/convox/archive/noise.ts';
import { testByGzip } from '../../../support/archive/readers.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const packing = suite('archive: gzip');

async function pack(bytes: Uint8Array, isBusy = false): Promise<Buffer> {
  const packed: Buffer[] = [];
  let taken = 0;
  const gzip = createGzip(async (pieces) => {
    taken += 1;
    if (isBusy && taken % 3 > 0) await pause(taken % 4);
    // Its memory is used again once this resolves.
    packed.push(...pieces.map((piece) => Buffer.from(piece)));
  });
  for (let at = 0; at < bytes.length; at += 100_000) {
    if (isBusy && at % 7 === 0) await pause(1);
    await gzip.put(bytes.subarray(at, at + 100_000));
  }
  await gzip.end();
  await gzip.close();
  return Buffer.concat(packed);
}

const words = (bytes: number): Buffer =>
  Buffer.alloc(bytes, Array.from({ length: 5000 }, (_, at) => `${at * 7919} word${at} `).join(''));

const piece = 256 * 1024;
/** Each takes a sixteenth of the output buffer, to the byte: every sixteenth of a lane is ended twice. */
function sixteenths(count: number): Buffer {
  for (let length = 2000; ; ) {
    const one = Buffer.alloc(piece);
    randomBytes(length).copy(one);
    const packed = deflateRawSync(one, { level: 1, finishFlush: constants.Z_SYNC_FLUSH });
    if (packed.length === 4096) return Buffer.concat(Array(count).fill(one));
    length += Math.sign(4096 - packed.length) * Math.ceil(Math.abs(4096 - packed.length) / 2);
  }
}

const contents: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('a'),
  'one piece to the byte': words(piece),
  'one piece and a byte': words(piece + 1),
  'many pieces': words(20 * piece + 77),
  noise: randomBytes(3 * piece + 5),
  'noise of just a stored block': randomBytes(65_535),
  'noise between text': Buffer.concat([words(piece), randomBytes(2 * piece), words(piece)]),
  'pieces that fill the buffer': sixteenths(120),
  zeros: Buffer.alloc(5 * piece),
};
for (const [name, bytes] of Object.entries(contents)) {
  packing(`packs ${name} into one member, the same however busy the machine is`, async () => {
    const packed = await pack(bytes);
    assert.ok(gunzipSync(packed).equals(bytes));
    testByGzip(packed);
    assert.equal(packed.subarray(0, 4), Buffer.from([0x1f, 0x8b, 8, 0]));
    assert.ok(packed.equals(await pack(bytes, true)));
  });
}

packing('does not make noise larger, and not slowly', async () => {
  const bytes = randomBytes(8 * piece);
  assert.ok((await pack(bytes)).length < bytes.length * 1.0002);
});

packing('tells noise from what can be packed', () => {
  assert.ok(isNoise(randomBytes(piece)));
  assert.not(isNoise(words(piece)));
  assert.not(isNoise(Buffer.from(randomBytes(piece).toString('base64'))));
  assert.not(isNoise(Buffer.alloc(piece)));
  // Too little to judge by.
  assert.not(isNoise(randomBytes(1000)));
});

packing('ends with the error of whoever takes it, and lets nothing go on', async () => {
  let taken = 0;
  const gzip = createGzip(async () => {
    taken += 1;
    if (taken === 3) throw new Error('no more');
  });
  const error = await rejectionOf(gzip.put(words(100 * piece)));
  assert.is(error.message, 'no more');
  assert.is((await rejectionOf(gzip.end())).message, 'no more');
  await gzip.close();
  assert.is(taken, 3);
});

packing('waits for whoever takes it slowly', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gzip = createGzip(() => gate);
  let isOver = false;
  const putting = gzip.put(words(50 * piece)).then(() => {
    isOver = true;
  });
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.not(isOver);
  open();
  await putting;
  await gzip.end();
  await gzip.close();
});

packing.run();
