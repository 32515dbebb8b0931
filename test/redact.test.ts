import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor } from '../src/redact.ts';

const redaction = suite('redact');

const token = 'ghp_9K+x/Qz7é&<b>"v\'(1)*!~';
const base64 = (s: string): string => Buffer.from(s).toString('base64');
const unpadded = (s: string): string => base64(s).replace(/=+$/, '');
const base64url = (s: string): string => Buffer.from(s).toString('base64url');
const lowerHex = (s: string): string => s.replace(/%[0-9A-F]{2}/g, (c) => c.toLowerCase());
const form = (s: string): string => new URLSearchParams({ q: s }).toString().slice(2);
const unicode = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
const json = (s: string): string => JSON.stringify(s).slice(1, -1);

const wholeForms: readonly (readonly [string, string])[] = [
  ['itself', token],
  ['encodeURIComponent', encodeURIComponent(token)],
  ['encodeURIComponent in lower-case hex', lowerHex(encodeURIComponent(token))],
  ['a form field', form(token)],
  ['a form field in lower-case hex', lowerHex(form(token))],
  ['encodeURI', encodeURI(token)],
  ['base64', base64(token)],
  ['base64 without padding', unpadded(token)],
  ['base64url', base64url(token)],
  ['JSON', json(token)],
  [
    'JSON as PHP writes it',
    json(token)
      .replaceAll('/', '\\/')
      .replace(/[\u0080-\uffff]/g, unicode),
  ],
  ['JSON as Python writes it', json(token).replace(/[\u0080-\uffff]/g, unicode)],
  ['JSON as Go writes it', json(token).replace(/[<>&]/g, unicode)],
];
for (const [name, shape] of wholeForms) {
  redaction(`masks a secret as ${name}`, () => {
    assert.is(createRedactor([token]).text(`[${shape}]`), '[***]');
  });
}

for (const user of ['', 'u', 'us', 'use', 'x-access-token']) {
  for (const encode of [base64, unpadded, base64url]) {
    redaction(`masks a secret behind "${user}:" in ${encode.name}`, () => {
      for (const secret of ['hunter2!', 'hunter23', 'hunter234', token]) {
        const whole = encode(`${user}:${secret}`);
        const masked = createRedactor([secret]).text(whole);
        // What precedes the secret is left, and with it at most the one digit that they share.
        const lead = Math.ceil(((user.length + 1) * 8) / 6);
        assert.is(masked, `${whole.slice(0, lead)}***`);
        assert.is(Buffer.from(masked, 'base64').includes(secret.slice(1)), false);
      }
    });
  }
}

redaction('masks a secret in base64 that goes on after it', () => {
  for (const lead of ['', 'a', 'ab']) {
    const masked = createRedactor(['hunter2!']).text(base64(`${lead}hunter2!:and more`));
    assert.match(masked, '***');
    assert.not(Buffer.from(masked.split('***')[0] ?? '', 'base64').includes('hu'));
  }
});

const pem = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(2)}\nBKcwggSjAgEAAoIBAQC7\nshort\n-----END PRIVATE KEY-----\n`;

redaction('masks a PEM whole', () => {
  const redactor = createRedactor([pem]);
  assert.is(redactor.text(`key: ${pem}done`), 'key: ***\ndone');
  assert.is(redactor.text(JSON.stringify({ key: pem })), '{"key":"***\\n"}');
  // What is left is the line break at its end.
  assert.is(redactor.text(base64(pem)), `***${base64(pem).slice(-2)}`);
});

redaction('masks each line of a PEM that has 8 characters or more', () => {
  const shown = createRedactor([pem]).text(
    pem
      .split('\n')
      .map((line, i) => `${i}: ${line}`)
      .join('\r\n'),
  );
  assert.equal(shown.split('\r\n'), ['0: ***', '1: ***', '2: ***', '3: short', '4: ***', '5: ']);
});

for (const width of [64, 76]) {
  redaction(`masks a key in base64 that is wrapped at ${width} columns`, () => {
    const lines = base64(pem.repeat(3)).match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
    const shown = createRedactor([pem.repeat(3)])
      .text(lines.join('\n'))
      .split('\n');
    assert.ok(lines.length > 5);
    assert.ok(
      shown.slice(0, -1).every((line) => line.startsWith('***') && line.length < 8),
      shown.join(' '),
    );
  });
}

redaction('masks what is left of a secret when a text is made one clean line', () => {
  const redactor = createRedactor([
    'correct  horse\nbattery\tstaple',
    'bell\u0007 and\u001b[1m bold',
  ]);
  assert.is(redactor.text('[correct horse battery staple]'), '[***]');
  assert.is(redactor.text('[bell and[1m bold]'), '[***]');
});

redaction('masks a secret in a link that was read as a URL', () => {
  const secret = "a b|c'd{e}^ü";
  const link = new URL(`https://example.com/${secret}?q=${secret}#${secret}`).href;
  assert.is(createRedactor([secret]).text(link), 'https://example.com/***?q=***#***');
});

redaction('masks a secret in JSON within JSON, and in the base64 of JSON', () => {
  const secret = 'say "hello\\world"';
  const redactor = createRedactor([secret]);
  assert.is(redactor.text(JSON.stringify(JSON.stringify({ k: secret }))), '"{\\"k\\":\\"***\\"}"');
  const masked = redactor.text(base64(JSON.stringify({ k: secret, more: 1 })));
  assert.not(Buffer.from(masked.split('***')[0] ?? '', 'base64').includes('hello'));
  assert.match(masked, '***');
});

redaction('leaves what is shorter than 4 characters', () => {
  const redactor = createRedactor(['on', '42', '', 'abc']);
  assert.is(redactor.text('on 42 abc'), 'on 42 abc');
});

redaction('masks a secret cut anywhere, at once with binary bytes', () => {
  const whole = Buffer.concat([Buffer.of(0, 255, 195), Buffer.from(token), Buffer.of(40, 254)]);
  const redactor = createRedactor([token]);
  for (let cut = 1; cut < whole.length; cut++) {
    const stream = redactor.stream();
    const out = [...stream.push(whole.subarray(0, cut)), ...stream.push(whole.subarray(cut))];
    assert.equal(
      [...Buffer.concat([...out, ...stream.end()])],
      [0, 255, 195, 42, 42, 42, 40, 254],
      `cut at ${cut}`,
    );
  }
});

redaction('survives half a surrogate', () => {
  assert.is(createRedactor(['abcd\ud800']).text('abcd\ud800'), '***');
});

redaction('is fast: 300 MB/s is asked for, a tenth of it is demanded of a busy machine', () => {
  const roll = (i: number): string =>
    Buffer.from(`${i * 7919}-${i}`)
      .toString('hex')
      .padEnd(20, 'q');
  const stream = createRedactor(Array.from({ length: 50 }, (_, i) => roll(i))).stream();
  const piece = Buffer.from(
    'Uploading layer 12 of 48 to the registry: done, 14.2 MB in 3 s\n'.repeat(1000),
  );
  const began = performance.now();
  let bytes = 0;
  for (let i = 0; i < 500; i++) for (const out of stream.push(piece)) bytes += out.length;
  assert.is(bytes, piece.length * 500);
  assert.ok(bytes / 1e3 / (performance.now() - began) > 30);
});

redaction.run();
