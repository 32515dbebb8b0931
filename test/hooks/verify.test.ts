import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Headers, Hook, Proof } from '../../src/hooks/hook.ts';
import { hooks } from '../../src/hooks/index.ts';
import { type Delivery, deliveries, hexOf, now } from './deliveries.ts';

const hookOf = (forge: string): Hook => {
  const found = hooks.find((hook) => hook.forge === forge);
  if (!found) throw new Error(`no hook of ${forge}`);
  return found;
};
const verify = (
  { forge, proof, body, headers }: Delivery,
  more: Partial<{ entries: Proof[]; at: number; headers: Headers; body: Uint8Array }> = {},
) =>
  hookOf(forge).verify(
    more.entries ?? [proof],
    more.body ?? body,
    more.headers ?? headers,
    more.at ?? now,
  );

const verifying = suite('verify');

for (const forge of ['diversion', 'gitlab']) {
  verifying(`${forge} does not believe a key that is left of a secret which is no base64`, () => {
    const value = 'whsec_$$-@-$$-@-$$-@-$$!!';
    const found = deliveries().find(
      (each) => each.forge === forge && 'webhook-signature' in each.headers,
    );
    if (!found) throw new Error('no delivery');
    const left = Buffer.from(value.slice('whsec_'.length), 'base64');
    const { 'webhook-id': id, 'webhook-timestamp': seconds } = found.headers;
    const seal = createHmac('sha256', left).update(`${id}.${seconds}.`).update(found.body);
    const headers = { ...found.headers, 'webhook-signature': `v1,${seal.digest('base64')}` };
    const entries = [{ ...found.proof, value }];
    assert.is(verify(found, { entries, headers }).ok, false);
  });
}

for (const [at, delivery] of deliveries().entries()) {
  const { forge, proof, headers } = delivery;
  const title = `${forge} by ${proof.kind} (${at})`;

  verifying(`${title} believes what is true, and says which entries do`, () => {
    assert.equal(verify(delivery), { ok: true, entries: [0] });
    const other = { ...proof, value: 'another' };
    assert.equal(verify(delivery, { entries: [other, proof, other, proof] }), {
      ok: true,
      entries: [1, 3],
    });
  });

  verifying(`${title} does not believe another secret, an empty one, or none`, () => {
    const wrong = (...values: string[]): boolean =>
      verify(delivery, { entries: values.map((value) => ({ ...proof, value })) }).ok;
    assert.not.ok(wrong('another'));
    assert.not.ok(wrong(''));
    assert.not.ok(wrong(proof.value.toLowerCase(), proof.value.slice(0, -4)));
    assert.not.ok(wrong());
  });

  verifying(`${title} does not believe an entry of another kind`, () => {
    for (const kind of ['secret', 'token', 'signing_token'] as const) {
      assert.is(verify(delivery, { entries: [{ ...proof, kind }] }).ok, kind === proof.kind, kind);
    }
  });

  verifying(`${title} does not believe it without its headers, and says what to set`, () => {
    const verified = verify(delivery, { headers: { 'content-type': 'application/json' } });
    assert.match(
      verified.ok ? '' : verified.why,
      /set the (?:secret|token) of this webhook at the forge/,
    );
  });

  verifying(`${title} does not believe a header that came twice`, () => {
    for (const name of Object.keys(headers)) {
      if (!/signature|token/.test(name)) continue;
      const value = String(headers[name]);
      const twice = { ...headers, [name]: [value, value] };
      const joined = { ...headers, [name]: `${value}, ${value}` };
      const counts = !verify(delivery, { headers: { ...headers, [name]: 'x' } }).ok;
      if (counts) assert.not.ok(verify(delivery, { headers: twice }).ok, name);
      // GitLab's is a list by itself.
      const isList = name === 'webhook-signature';
      if (counts) assert.is(verify(delivery, { headers: joined }).ok, isList, name);
    }
  });

  if (proof.kind !== 'token') {
    verifying(`${title} does not believe a body with one bit changed`, () => {
      for (const place of [0, 20, delivery.body.length - 1]) {
        const body = Buffer.from(delivery.body);
        body[place] = (body[place] ?? 0) ^ 1;
        assert.not.ok(verify(delivery, { body }).ok);
      }
      assert.not.ok(
        verify(delivery, { body: Buffer.concat([delivery.body, Buffer.from('\n')]) }).ok,
      );
      assert.not.ok(
        verify(delivery, { body: Buffer.from(delivery.body.toString('utf8'), 'utf16le') }).ok,
      );
    });
  }
}

verifying('believes nothing by a secret that is empty, though it be signed by that', () => {
  for (const delivery of deliveries('')) {
    if (!delivery.proof.value) assert.not.ok(verify(delivery).ok, delivery.forge);
  }
});

verifying('believes no signature of GitLab without an id, which would be replayed for ever', () => {
  const signed = deliveries().find(({ proof }) => proof.kind === 'signing_token');
  if (!signed) throw new Error('no delivery');
  const seconds = signed.headers['webhook-timestamp'];
  const seal = createHmac('sha256', signed.proof.value)
    .update(`.${seconds}.`)
    .update(signed.body)
    .digest('base64');
  const sealed = { 'webhook-id': undefined, 'webhook-signature': `v1,${seal}` };
  const headers = { ...signed.headers, ...sealed };
  assert.not.ok(verify(signed, { headers }).ok);
});

verifying('takes no SHA-1, though it may be right', () => {
  const [github] = deliveries();
  if (!github) throw new Error('no delivery');
  const { 'x-hub-signature-256': _, ...old } = github.headers;
  assert.not.ok(verify(github, { headers: old }).ok);
});

verifying('takes the signature of GitHub in either case, and nothing around it', () => {
  const [github] = deliveries();
  if (!github) throw new Error('no delivery');
  const hex = hexOf(github.proof.value, github.body);
  const signed = (text: string): boolean =>
    verify(github, { headers: { ...github.headers, 'x-hub-signature-256': text } }).ok;
  assert.ok(signed(`sha256=${hex.toUpperCase()}`));
  for (const text of [
    hex,
    `sha256=${hex}0`,
    `sha256=${hex.slice(1)}`,
    `sha512=${hex}`,
    `sha256=${hex},x`,
  ]) {
    assert.not.ok(signed(text), text);
  }
});

verifying("goes by Forgejo's own signature where there is one", () => {
  const forgejo = deliveries().find(({ headers }) => headers['x-forgejo-signature']);
  if (!forgejo) throw new Error('no delivery');
  const headers = { ...forgejo.headers, 'x-forgejo-signature': '0'.repeat(64) };
  assert.not.ok(verify(forgejo, { headers }).ok);
});

verifying('believes a time of GitLab for five minutes, before and after', () => {
  const signed = deliveries().filter(({ proof }) => proof.kind === 'signing_token');
  assert.is(signed.length, 2);
  for (const delivery of signed) {
    for (const [minutes, good] of [
      [0, true],
      [5, true],
      [-5, true],
      [5.01, false],
      [-5.01, false],
      [60 * 24, false],
    ] as const) {
      assert.is(verify(delivery, { at: now + minutes * 60_000 }).ok, good, `${minutes}`);
    }
    const late = verify(delivery, { at: now + 6 * 60_000 });
    assert.match(late.ok ? '' : late.why, /more than 5 minutes ago/);
    for (const time of ['', 'now', '1e9', `${now / 1000}.5`, `-${now / 1000}`, ` ${now / 1000}x`]) {
      assert.not.ok(
        verify(delivery, { headers: { ...delivery.headers, 'webhook-timestamp': time } }).ok,
      );
    }
    assert.not.ok(
      verify(delivery, { headers: { ...delivery.headers, 'webhook-id': 'another' } }).ok,
    );
  }
});

verifying('never says a secret, whatever it refuses', () => {
  for (const delivery of deliveries('hunter2-hunter2')) {
    for (const headers of [{}, { ...delivery.headers, 'x-gitlab-token': 'x' }]) {
      const verified = verify(delivery, { headers, at: now + 3_600_000 });
      assert.not.match(JSON.stringify(verified), 'hunter2');
    }
  }
});

verifying.run();
