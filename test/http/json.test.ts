import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { jsonOf } from '../../src/http/json.ts';
import { rejectionOf } from '../support/rejection.ts';

const reading = suite('jsonOf');
const answer = (type: string, body: string) => ({
  status: 200,
  headers: { 'content-type': type },
  body,
  url: 'https://deploy.example.com/x',
});

reading('reads JSON whatever its type says', () => {
  assert.equal(jsonOf(answer('text/plain', '{"a":[1]}'), 'GET x'), { a: [1] });
});

reading('says that a login page is not an answer, without quoting it', async () => {
  const page = answer('text/html; charset=utf-8', '<html>session=s3cr3t</html>');
  const error = await rejectionOf<RemoteError>((async () => jsonOf(page, 'GET x'))());
  assert.is(
    error.message,
    'GET x failed: the answer is text/html, not JSON; is there a proxy or a login page in between?',
  );
  assert.is(error.kind, 'unavailable');
  assert.not.match(inspect(error), /s3cr3t|<html/);
});

reading('does not take half an answer for one', async () => {
  const half = answer('application/json', '{"a":');
  const error = await rejectionOf((async () => jsonOf(half, 'GET x'))());
  assert.match(error.message, /is application\/json, not JSON/);
});
reading.run();
