import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SettingsError } from '../../errors.ts';

const pem = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/;

/** A private key as CI systems pass it on: PEM, base64 of it, line breaks as `\n` or as blanks. */
export function readAppKey(raw: string, name = 'github_app_private_key'): KeyObject {
  const text = raw.includes('-----BEGIN') ? raw : Buffer.from(raw, 'base64').toString('utf8');
  const [, label, body] = pem.exec(text.replaceAll('\\n', '\n').replaceAll('\\r', '')) ?? [];
  if (!label || body === undefined) {
    throw unusable(name, 'must be a private key in PEM, or base64 of it');
  }
  if (label.includes('ENCRYPTED') || body.includes('ENCRYPTED')) {
    throw unusable(name, 'must not be encrypted: GitHub hands out keys without a passphrase');
  }
  const key = parse(
    `-----BEGIN ${label}-----\n${body.replace(/\s+/g, '\n').trim()}\n-----END ${label}-----\n`,
  );
  if (key?.asymmetricKeyType !== 'rsa') {
    throw unusable(name, 'must be an RSA private key; this text is not one, or is cut short');
  }
  return key;
}

// The parser's own message may quote the key.
const parse = (text: string): KeyObject | undefined => {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
};

const unusable = (name: string, message: string): SettingsError =>
  new SettingsError([{ name, message }]);
