import { createHmac } from 'node:crypto';
import type { Headers } from '../../src/hooks/hook.ts';
import type { Random } from '../support/random.ts';
import { type Delivery, sealOf } from './deliveries.ts';

type Trick = (delivery: Delivery, random: Random) => Delivery | undefined;

const proofs = /signature|token/;
/** Headers with their proof changed, where there is one. */
const withProof = (headers: Headers, change: (text: string) => string): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      proofs.test(name) ? change(String(value)) : value,
    ]),
  );
const secondsOf = ({ headers }: Delivery): number => Number(headers['webhook-timestamp']);
const signs = ({ proof }: Delivery): boolean => proof.kind !== 'token';

/** What somebody without the secret can do; a token that is sent along covers nothing, so these change it as well. */
export const tricks: Readonly<Record<string, Trick>> = {
  'a byte changed': (d, random) => {
    if (!signs(d)) return undefined;
    const body = Buffer.from(d.body);
    const at = random.int(body.length);
    body[at] = (body[at] ?? 0) ^ (1 + random.int(255));
    return { ...d, body };
  },
  truncated: (d, random) =>
    signs(d) ? { ...d, body: d.body.subarray(0, random.int(d.body.length)) } : undefined,
  'with more behind': (d, random) =>
    signs(d) ? { ...d, body: Buffer.concat([d.body, random.bytes(1 + random.int(9))]) } : undefined,
  're-encoded': (d, random) => {
    if (!signs(d)) return undefined;
    const text = d.body.toString();
    const body = random.pick([
      () => Buffer.from(text, 'utf16le'),
      () => Buffer.from(`\uFEFF${text}`),
      () => Buffer.from(JSON.stringify(JSON.parse(text), undefined, 1 + random.int(4))),
      () => Buffer.from(text.replaceAll('"', '\\u0022')),
      () => Buffer.from(`payload=${encodeURIComponent(text)}`),
      () => Buffer.from(text.replace('{', '{"ref":"refs/heads/evil",')),
      () => Buffer.from(d.body.toString('base64')),
    ])();
    return { ...d, body };
  },
  'signed by another secret': (d, random) => {
    const key = random.bytes(1 + random.int(40));
    const hex = createHmac('sha256', key).update(d.body).digest('hex');
    const seal = createHmac('sha256', key).update('id.0.').update(d.body).digest('base64');
    const headers = withProof(d.headers, (text) => {
      if (text.startsWith('v1,')) return `v1,${seal}`;
      return text.startsWith('sha256=') ? `sha256=${hex}` : hex;
    });
    return { ...d, headers };
  },
  'with a proof that is nearly right': (d, random) => {
    const headers = withProof(d.headers, (text) => {
      const from = text.lastIndexOf(',') + 1;
      const at = Math.max(from, text.indexOf('=') === 6 ? 7 : from) + random.int(20);
      const old = text[at] ?? '';
      const changed = random.pick([...'0123456789abcdef'].filter((c) => c !== old.toLowerCase()));
      return text.slice(0, at) + changed + text.slice(at + 1);
    });
    return { ...d, headers };
  },
  'with an odd proof': (d, random) => {
    const odd = [
      '',
      ' ',
      'sha256=',
      'sha256',
      'v1,',
      'v1,=',
      'null',
      'undefined',
      '0'.repeat(64),
      `sha256=${'g'.repeat(64)}`,
      `sha1=${'0'.repeat(40)}`,
      'ü'.repeat(64),
    ];
    return { ...d, headers: withProof(d.headers, () => random.pick(odd)) };
  },
  'without a proof': (d) => {
    const headers = Object.entries(d.headers).filter(([name]) => !proofs.test(name));
    return { ...d, headers: Object.fromEntries(headers) };
  },
  'with the proof of another body': (d, random) => {
    if (!signs(d)) return undefined;
    const body = Buffer.from(JSON.stringify({ ref: 'refs/heads/evil', n: random.int(1e9) }));
    return { ...d, body };
  },
  'replayed too late, or too early': (d, random) => {
    if (d.proof.kind !== 'signing_token') return undefined;
    const late = 5 * 60 + 10 + random.int(1e6);
    const seconds = String(secondsOf(d) + (random.int(2) ? late : -late));
    const seal = sealOf(d.proof.value, seconds, d.body);
    const headers = { 'webhook-timestamp': seconds, 'webhook-signature': seal };
    return { ...d, headers: { ...d.headers, ...headers } };
  },
  'replayed with a new time or id': (d, random) => {
    if (d.proof.kind !== 'signing_token') return undefined;
    const change = random.int(2)
      ? { 'webhook-timestamp': String(secondsOf(d) + 1 + random.int(200)) }
      : { 'webhook-id': `replay-${random.int(1e9)}` };
    return { ...d, headers: { ...d.headers, ...change } };
  },
};

export type Forgery = Delivery & { readonly trick: string };

/** So many, of all kinds. */
export function* forgeries(
  originals: readonly Delivery[],
  count: number,
  random: Random,
): Generator<Forgery> {
  for (let made = 0; made < count; ) {
    const trick = random.pick(Object.keys(tricks));
    const forgery = tricks[trick]?.(random.pick(originals), random);
    if (!forgery) continue;
    made += 1;
    yield { ...forgery, trick };
  }
}
