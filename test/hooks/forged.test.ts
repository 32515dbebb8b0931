import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Headers, Hook } from '../../src/hooks/hook.ts';
import { hooks } from '../../src/hooks/index.ts';
import { type Random, seeded } from '../support/random.ts';
import { type Delivery, deliveries, now } from './deliveries.ts';

type Forgery = { readonly body: Buffer; readonly headers: Headers; readonly at: number };
type Trick = (delivery: Delivery, random: Random) => Forgery | undefined;

const proofs = /signature|token/;
/** Headers with their proof changed, where there is one. */
const withProof = (headers: Headers, change: (text: string) => string): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      proofs.test(name) ? change(String(value)) : value,
    ]),
  );
const same = { at: now };
const signs = ({ proof }: Delivery): boolean => proof.kind !== 'token';

/** What somebody without the secret can do; a token that is sent along covers nothing, so these change it as well. */
const tricks: Readonly<Record<string, Trick>> = {
  'a byte changed': (d, random) => {
    if (!signs(d)) return undefined;
    const body = Buffer.from(d.body);
    const at = random.int(body.length);
    body[at] = (body[at] ?? 0) ^ (1 + random.int(255));
    return { ...d, body, ...same };
  },
  truncated: (d, random) =>
    signs(d) ? { ...d, body: d.body.subarray(0, random.int(d.body.length)), ...same } : undefined,
  'with more behind': (d, random) =>
    signs(d)
      ? { ...d, body: Buffer.concat([d.body, random.bytes(1 + random.int(9))]), ...same }
      : undefined,
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
    return { ...d, body, ...same };
  },
  'signed by another secret': (d, random) => {
    const key = random.bytes(1 + random.int(40));
    const hex = createHmac('sha256', key).update(d.body).digest('hex');
    const seal = createHmac('sha256', key).update('id.0.').update(d.body).digest('base64');
    const headers = withProof(d.headers, (text) => {
      if (text.startsWith('v1,')) return `v1,${seal}`;
      return text.startsWith('sha256=') ? `sha256=${hex}` : hex;
    });
    return { ...d, headers, ...same };
  },
  'with a proof that is nearly right': (d, random) => {
    const headers = withProof(d.headers, (text) => {
      const from = text.lastIndexOf(',') + 1;
      const at = Math.max(from, text.indexOf('=') === 6 ? 7 : from) + random.int(20);
      const old = text[at] ?? '';
      const changed = random.pick([...'0123456789abcdef'].filter((c) => c !== old.toLowerCase()));
      return text.slice(0, at) + changed + text.slice(at + 1);
    });
    return { ...d, headers, ...same };
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
    return { ...d, headers: withProof(d.headers, () => random.pick(odd)), ...same };
  },
  'without a proof': (d) => {
    const headers = Object.entries(d.headers).filter(([name]) => !proofs.test(name));
    return { ...d, headers: Object.fromEntries(headers), ...same };
  },
  'with the proof of another body': (d, random) => {
    if (!signs(d)) return undefined;
    const body = Buffer.from(JSON.stringify({ ref: 'refs/heads/evil', n: random.int(1e9) }));
    return { ...d, body, ...same };
  },
  'replayed too late, or too early': (d, random) => {
    if (d.proof.kind !== 'signing_token') return undefined;
    const late = (5 * 60 + 1 + random.int(1e6)) * 1000;
    return { ...d, at: now + (random.int(2) ? late : -late) };
  },
  'replayed with a new time or id': (d, random) => {
    if (d.proof.kind !== 'signing_token') return undefined;
    const change = random.int(2)
      ? { 'webhook-timestamp': String(now / 1000 + 1 + random.int(200)) }
      : { 'webhook-id': `replay-${random.int(1e9)}` };
    return { ...d, headers: { ...d.headers, ...change }, ...same };
  },
};

const hookOf = (forge: string): Hook => {
  const hook = hooks.find((each) => each.forge === forge);
  if (!hook) throw new Error(`no hook of ${forge}`);
  return hook;
};

const forged = suite('forged deliveries');

forged('of 10,000 none is accepted, and of the true ones all are', () => {
  const random = seeded(20_261_128);
  const originals = deliveries('correct horse battery staple');
  const seen = new Map<string, number>();
  let tried = 0;
  while (tried < 10_000) {
    const delivery = random.pick(originals);
    const title = random.pick(Object.keys(tricks));
    const forgery = tricks[title]?.(delivery, random);
    if (!forgery) continue;
    tried += 1;
    seen.set(title, (seen.get(title) ?? 0) + 1);
    const { verify, read, deliveryId } = hookOf(delivery.forge);
    const entries = [{ ...delivery.proof, value: 'an older one' }, delivery.proof];
    const verified = verify(entries, forgery.body, forgery.headers, forgery.at);
    assert.not.ok(verified.ok, `${delivery.forge} ${title}: ${JSON.stringify(forgery.headers)}`);
    // Read by nobody, but nothing that comes in may throw.
    read(forgery.body, forgery.headers);
    deliveryId(forgery.headers);
    if (tried % 100 === 0) {
      assert.ok(verify(entries, delivery.body, delivery.headers, now).ok, delivery.forge);
    }
  }
  assert.equal([...seen.keys()].sort(), Object.keys(tricks).sort());
  for (const [title, count] of seen) assert.ok(count > 100, `${title}: ${count}`);
});

forged.run();
