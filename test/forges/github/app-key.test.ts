import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SettingsError } from '../../../src/errors.ts';
import { readAppKey } from '../../../src/forges/github/app-key.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const reading = suite('readAppKey');
const good = [
  ['PEM', pkcs1],
  ['PKCS8', pkcs8],
  ['PEM with literal \\n', pkcs1.replaceAll('\n', '\\n')],
  ['PEM on one line', pkcs1.replaceAll('\n', ' ')],
  ['PEM with Windows line ends', pkcs1.replaceAll('\n', '\r\n')],
  ['base64 of PEM', Buffer.from(pkcs1).toString('base64')],
  [
    'base64 of PEM in lines',
    (
      Buffer.from(pkcs8)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\n'),
  ],
] as const;
for (const [title, text] of good) {
  reading(`reads ${title}`, () => assert.ok(readAppKey(text).equals(privateKey)));
}

const bad = [
  ['plain text', 'correct horse battery staple, and then some more of the same kind'],
  ['a key that was cut short', `${pkcs1.slice(0, 300)}\n-----END RSA PRIVATE KEY-----`],
  ['a public key', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  [
    'another kind of key',
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ],
  [
    'an encrypted key',
    privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
  ],
] as const;
for (const [title, text] of bad) {
  reading(`names the setting and not the key for ${title}`, () => {
    let fault: unknown;
    try {
      readAppKey(text);
    } catch (error) {
      fault = error;
    }
    assert.instance(fault, SettingsError);
    const { message } = fault as SettingsError;
    assert.match(message, /github_app_private_key must/);
    assert.not.ok(message.includes(text.slice(40, 60)));
  });
}
reading.run();
