import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SettingsError } from '../../errors.ts';
import { pemBlocks } from '../../pem.ts';

/** An app's private key, in whatever form CI passes it on. */
export function readAppKey(raw: string, name = 'github_app_private_key'): KeyObject {
  const [pem] = pemBlocks(raw);
  if (!pem) throw unusable(name, 'must be a private key in PEM, or base64 of it');
  if (pem.isEncrypted) {
    throw unusable(name, 'must not be encrypted: GitHub hands out keys without a passphrase');
  }
  const key = parse(pem.text);
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
