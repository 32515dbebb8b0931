import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isNewer,
  markedLink,
  markLink,
  payloadMarks,
  readLink,
  readPayload,
  runKey,
  unmarkLink,
} from '../src/identity.ts';

const marker = {
  key: '0123456789abcdef0123',
  seq: 1_700_000_000_000,
  expiry: 1_700_003_300_000,
  component: 'abc123',
  closure: true,
};

const linking = suite('identity: links');
for (const link of [
  'https://ci.example/1',
  'https://ci.example/1?a=b',
  'https://ci.example/1?a=b#step',
]) {
  linking(`round-trips through ${link}`, () => {
    const marked = markLink(link, marker);
    assert.equal(readLink(marked), marker);
    assert.is(unmarkLink(marked), link);
    assert.is(new URL(marked).hash, new URL(link).hash);
  });
}
linking('takes the first link that has room for the marker', () => {
  const long = `https://ci.example/${'x'.repeat(220)}`;
  assert.ok(
    markedLink([long, 'https://ci.example/1'], marker)?.startsWith('https://ci.example/1?'),
  );
  assert.is(markedLink([long], marker), undefined);
});
linking('reads no marker out of anything else', () => {
  for (const link of [
    undefined,
    '',
    'https://x/?slipway=',
    'https://x/?slipway=abc.1.2',
    'https://x/#slipway',
  ]) {
    assert.is(readLink(link), undefined);
  }
});
linking.run();

const paying = suite('identity: payloads');
paying('round-trips through a payload of flat texts', () => {
  const marks = payloadMarks(marker);
  assert.ok(Object.values(marks).every((value) => typeof value === 'string'));
  assert.equal(readPayload(marks), { ...marker, closure: false });
});
paying('believes no time that is none', () => {
  for (const expiry of ['-9007199254740991', 'soon', '9e15', '']) {
    if (expiry === '') continue;
    assert.is(readPayload({ ...payloadMarks(marker), slipway_expiry: expiry }), undefined, expiry);
  }
});
paying.run();

const keying = suite('identity: keys');
const parts = {
  host: 'drone.example',
  repo: 'o/r',
  execution: '7',
  environment: 'e',
  component: '',
};
keying('are 20 hex and differ with every part', () => {
  const keys = [parts, ...Object.keys(parts).map((name) => ({ ...parts, [name]: 'other' }))].map(
    runKey,
  );
  assert.ok(keys.every((key) => /^[0-9a-f]{20}$/.test(key)));
  assert.is(new Set(keys).size, keys.length);
  assert.is(runKey(parts), runKey({ ...parts }));
});
keying('decide at a tie of the time', () => {
  const other = { ...marker, key: 'f'.repeat(20) };
  assert.ok(isNewer(other, marker));
  assert.not.ok(isNewer(marker, other));
  assert.ok(isNewer({ ...marker, seq: marker.seq + 1 }, other));
});
keying.run();
