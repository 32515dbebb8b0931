import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Table } from '../../src/settings/define.ts';
import { map, secretUrl, text } from '../../src/settings/rules.ts';
import { secretTexts } from '../../src/settings/secrets.ts';

const hiding = suite('secretTexts');
const base64 = (s: string): string => Buffer.from(s).toString('base64');

const table = {
  apiToken: { is: text, about: 'A.', secret: true },
  hook: { is: secretUrl, about: 'B.', secret: true },
  headers: { is: map, about: 'C.', secret: true },
  name: { is: text, about: 'D.' },
  unset: { is: text, about: 'E.', secret: true },
} as const satisfies Table;

hiding('takes the values of secret settings, and only theirs', () => {
  const values = {
    apiToken: 'tok-1',
    name: 'shop',
    headers: { a: 'one-secret', b: 'true', c: '' },
  };
  assert.equal(secretTexts(table, values), ['tok-1', 'one-secret']);
});

hiding('takes user info, path and query of a secret URL', () => {
  const hook = 'https://bob:p%40ss@hooks.example/services/T0/B1?key=v%2F1';
  const texts = secretTexts(table, { hook });
  for (const part of [hook, 'p%40ss', 'p@ss', '/services/T0/B1', 'key=v%2F1', 'v/1']) {
    assert.ok(texts.includes(part), part);
  }
  assert.not(texts.includes('bob'));
  assert.not(texts.includes('hooks.example'));
  assert.ok(secretTexts(table, { hook: 'https://t0ken@a.example/' }).includes('t0ken'));
});

hiding('takes the credential out of a header, and the password out of basic credentials', () => {
  const headers = { a: 'Bearer abc.def', b: `Basic ${base64('bob:s3cret!')}` };
  const texts = secretTexts(table, { headers });
  for (const part of ['abc.def', base64('bob:s3cret!'), 'bob:s3cret!', 's3cret!']) {
    assert.ok(texts.includes(part), part);
  }
});

hiding('takes the key behind its base64', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
  assert.ok(secretTexts(table, { apiToken: base64(pem) }).includes(pem));
});

hiding('leaves out what of a map stands in a text that everybody sees, but no whole secret', () => {
  const values = {
    apiToken: 'production',
    headers: { a: 'prod', b: 'production', c: 'pr0duction' },
  };
  assert.equal(secretTexts(table, values, ['production']), ['production', 'pr0duction']);
});

hiding('takes what looks like a credential out of JSON, a cookie and a template', () => {
  const headers = {
    a: '{"type":"service_account","key":"r4nd0m-inner-value"}',
    b: 'sid=c00kie-value-here; theme=dark',
  };
  const texts = secretTexts(table, { headers });
  for (const part of ['r4nd0m-inner-value', 'c00kie-value-here']) assert.ok(texts.includes(part));
  assert.not(texts.includes('service_account'));
  assert.not(texts.includes('dark'));
});

hiding.run();
