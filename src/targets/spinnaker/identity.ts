import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Identity } from '../../http/http.ts';
import { pemBlocks } from '../../pem.ts';

const dayMs = 24 * 3_600_000;

type Values = {
  readonly spinnakerGateUrl: string;
  readonly spinnakerClientCert?: string | undefined;
  readonly spinnakerClientKey?: string | undefined;
};
type Found = readonly [key: keyof Values, message: string];
type Read = { readonly identity?: Identity; readonly faults: readonly Found[] };

/** The client certificate, where there is one and nothing is wrong with it. */
export const identityOf = (values: Values, now: number): Identity | undefined =>
  read(values, now).identity;

export const identityFaults = (values: Values, now: number): readonly Found[] =>
  read(values, now).faults;

function read(values: Values, now: number): Read {
  const { spinnakerClientCert: rawCert, spinnakerClientKey: rawKey, spinnakerGateUrl } = values;
  if (rawCert === undefined && rawKey === undefined) return { faults: [] };
  const fault = (key: Found[0], message: string): Read => ({ faults: [[key, message]] });
  if (rawCert === undefined) {
    return fault('spinnakerClientCert', 'is required with spinnaker_client_key');
  }
  if (rawKey === undefined) {
    return fault('spinnakerClientKey', 'is required with spinnaker_client_cert');
  }
  if (!spinnakerGateUrl.startsWith('https:')) {
    return fault('spinnakerGateUrl', 'must be https: over http no client certificate is shown');
  }
  const chain = pemBlocks(rawCert).filter(({ label }) => label === 'CERTIFICATE');
  const [first] = chain;
  const certificate = first && quietly(() => new X509Certificate(first.text));
  if (!certificate) {
    return fault('spinnakerClientCert', 'must be a certificate in PEM, or base64 of it');
  }
  const pem = pemBlocks(rawKey).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (pem?.isEncrypted) {
    return fault('spinnakerClientKey', 'must not be encrypted: take its passphrase away');
  }
  const key: KeyObject | undefined = pem && quietly(() => createPrivateKey(pem.text));
  if (!pem || !key) {
    return fault('spinnakerClientKey', 'must be a private key in PEM, or base64 of it');
  }
  if (!certificate.checkPrivateKey(key)) {
    return fault('spinnakerClientKey', 'does not belong to the first spinnaker_client_cert');
  }
  // A clock that is a little behind is Gate's to judge.
  if (Date.parse(certificate.validFrom) > now + dayMs) {
    return fault('spinnakerClientCert', `is not valid before ${certificate.validFrom}`);
  }
  if (Date.parse(certificate.validTo) < now) {
    return fault('spinnakerClientCert', `has expired on ${certificate.validTo}`);
  }
  const cert = chain.map(({ text }) => text).join('');
  return { identity: { cert, key: pem.text }, faults: [] };
}

/** The parser's own message may quote the key. */
function quietly<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
