import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { map, prose, secretUrl, text } from '../../src/settings/rules.ts';
import { secretTexts } from '../../src/settings/secrets.ts';

const table = {
  name: { is: text, about: 'Name.' },
  token: { is: text, about: 'Token.', secret: true },
  headers: { is: map, about: 'Headers.', secret: true },
  rack: { is: secretUrl, about: 'Rack.', secret: true },
  key: { is: prose, about: 'Key.', secret: true },
} as const;

const hiding = suite('secretTexts');
hiding('holds the secrets and nothing else', () => {
  assert.equal(secretTexts(table, { name: 'shop', token: 't0k', rack: undefined }), ['t0k']);
});
hiding('holds each value of a map', () => {
  assert.equal(secretTexts(table, { headers: { A: 'one', B: 'two', C: '' } }), ['one', 'two']);
});
hiding('holds user and password of a URL, encoded and plain', () => {
  const rack = 'https://convox:p%40ss@rack.example.com';
  assert.equal(secretTexts(table, { rack }), [rack, 'convox', 'p%40ss', 'p@ss']);
});
hiding('holds the lines of a key, but not short ones', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nabc\n-----END KEY-----';
  assert.equal(secretTexts(table, { key }), [
    key,
    '-----BEGIN KEY-----',
    'MIIEvQIBADANBg',
    '-----END KEY-----',
  ]);
});
hiding.run();
