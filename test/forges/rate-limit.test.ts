import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rateLimitWait } from '../../src/forges/rate-limit.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const date = new Date(now).toUTCString();
const wait = (status: number, headers: Record<string, string>, body = '', earlier = 0) =>
  rateLimitWait({ status, headers, body }, earlier, now + 600_000);

const limits = suite('rateLimitWait');

limits('obeys Retry-After before all else', () => {
  const headers = { 'retry-after': '17', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' };
  assert.is(wait(403, headers), 17_000);
  assert.is(wait(429, { 'retry-after': '0' }), 1000);
});

limits('waits for the reset by the clock of the server, and a second more', () => {
  const headers = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(now / 1000 + 40),
    date,
  };
  assert.is(wait(403, headers), 41_000);
});

limits('waits a minute after a secondary limit, then twice as long each time', () => {
  const body = '{"message":"You have exceeded a secondary rate limit."}';
  assert.is(wait(403, {}, body), 60_000);
  assert.is(wait(403, {}, body, 1), 120_000);
  assert.is(wait(429, {}), 60_000);
});

limits('takes a missing permission for what it is, even with the last allowed request', () => {
  const body = '{"message":"Resource not accessible by integration"}';
  assert.is(wait(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9' }, body), undefined);
  assert.is(wait(403, { 'x-ratelimit-remaining': '12' }), undefined);
  assert.is(wait(500, { 'retry-after': '5' }), undefined);
});

limits.run();
