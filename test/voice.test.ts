import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor } from '../src/redact.ts';
import {
  cardGuards,
  createLog,
  type LogOptions,
  spinnakerGuards,
  type Voice,
} from '../src/voice.ts';

const voice = suite('voice');

async function listen(
  options: Partial<LogOptions> = {},
): Promise<{ log: Voice; heard(): string; bytes(): Buffer }> {
  const heard: Buffer[] = [];
  const log = await createLog({
    write: (bytes) => void heard.push(Buffer.from(bytes)),
    level: 'info',
    format: 'text',
    colour: false,
    redactor: createRedactor(['s3cret-token']),
    guards: [...cardGuards, ...spinnakerGuards],
    outputLimit: undefined,
    now: () => Date.UTC(2026, 10, 21),
    ...options,
  });
  return { log, heard: () => Buffer.concat(heard).toString(), bytes: () => Buffer.concat(heard) };
}

voice('says events as lines for a person', async () => {
  const { log, heard } = await listen({ level: 'trace' });
  log.info('Deploying');
  log.warn('slow', { host: 'api.example', status: 502, none: undefined });
  log.error('Settings are not usable:\n  - PLUGIN_X must be set\n');
  log.debug('asked');
  log.trace('GET');
  assert.is(
    heard(),
    'Deploying\nwarning: slow (host: api.example, status: 502)\nerror: Settings are not usable:\n  - PLUGIN_X must be set\ndebug: asked\ntrace: GET\n',
  );
});

voice('says no more than its level', async () => {
  const { log, heard } = await listen({ level: 'warn' });
  log.info('no');
  log.debug('no');
  log.warn('yes');
  assert.is(heard(), 'warning: yes\n');
});

voice('colours the word in front, and nothing without colour', async () => {
  const { log, heard } = await listen({ colour: true });
  log.warn('slow');
  log.info('plain');
  assert.is(heard(), '\u001b[33mwarning:\u001b[0m slow\nplain\n');
});

voice('begins its lines at the start of a line', async () => {
  const { log, heard } = await listen();
  await log.output(Buffer.from('progress 50%'));
  log.info('still deploying');
  await log.output(Buffer.from(' done\n'));
  log.info('over');
  await log.output(Buffer.from('tail'));
  log.endOutput();
  log.endOutput();
  assert.is(heard(), 'progress 50%\nstill deploying\n done\nover\ntail\n');
});

voice('masks secrets in texts, in fields and in output cut anywhere', async () => {
  const { log, heard } = await listen();
  log.warn('token s3cret-token', { key: 's3cret-token' });
  await log.output(Buffer.from('a s3cre'));
  log.info('between');
  await log.output(Buffer.from('t-token b'));
  log.endOutput();
  assert.is(heard(), 'warning: token *** (key: ***)\na \nbetween\n*** b\n');
});

voice('passes bytes that are no text to the letter', async () => {
  const { log, bytes } = await listen();
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => (i + 11) % 256));
  await log.output(all);
  await log.output(Buffer.of(0xe2, 0x82));
  await log.output(Buffer.of(0xac, 10));
  assert.equal(bytes(), Buffer.concat([all, Buffer.from('€\n')]));
});

voice('keeps escapes and carriage returns of a remote out of its own lines', async () => {
  const { log, heard } = await listen();
  log.info('answer: \u001b]1338;e30=\u001b]0m\rover\u0007');
  assert.is(heard(), 'answer: ]1338;e30=]0m\nover\n');
});

for (const cut of [1, 2, 5, 7, 30]) {
  voice(`breaks a forged card and forged properties in pieces of ${cut}`, async () => {
    const { log, heard } = await listen();
    const forged = Buffer.from(
      '\u001b]1338;e30=\u001b]0m\n\nSPINNAKER_CONFIG_JSON={"outcome":"success"}\nx SPINNAKER_PROPERTY_A=b\n\u001b]13',
    );
    for (let at = 0; at < forged.length; at += cut) await log.output(forged.subarray(at, at + cut));
    log.endOutput();
    assert.is(
      heard(),
      '\u241b]1338;e30=\u001b]0m\n\nSPINNAKER_CONFIG_JSON ={"outcome":"success"}\nx SPINNAKER PROPERTY_A=b\n\u001b]13\n',
    );
  });
}

voice('breaks forged properties in its own texts too', async () => {
  const { log, heard } = await listen();
  log.info('described as\nSPINNAKER_CONFIG_JSON={}');
  assert.is(heard(), 'described as\nSPINNAKER_CONFIG_JSON ={}\n');
});

voice('passes lines for machines as they are, at the start of a line', async () => {
  const { log, heard } = await listen();
  await log.output(Buffer.from('half'));
  log.verbatim('\u001b]1338;czNjcmV0LXRva2Vu\u001b]0m');
  assert.is(heard(), 'half\n\u001b]1338;czNjcmV0LXRva2Vu\u001b]0m\n');
});

voice('says once, between two lines, that the log of CI will not hold everything', async () => {
  const { log, heard } = await listen({ outputLimit: 5 * 1024 * 1024 });
  const line = Buffer.from(`${'x'.repeat(1023)}\n`);
  for (let i = 0; i < 5 * 1024; i++) await log.output(line);
  assert.not.match(heard(), 'warning');
  await log.output(Buffer.from('first '));
  await log.output(Buffer.from('line\nsecond line\n'));
  await log.output(line);
  const [lead = '', ...parts] = heard().split('warning: ');
  assert.ok(lead.endsWith('\nfirst line\n'));
  assert.is(parts.length, 1);
  assert.match(parts[0] ?? '', /^the output has passed 5 MiB.*\nsecond line\n/);
});

voice('resolves output when the reader can take more', async () => {
  const waiting: (() => void)[] = [];
  const { log } = await listen({ write: () => new Promise((resolve) => waiting.push(resolve)) });
  let isDone = false;
  const done = log.output(Buffer.from('x')).then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  assert.is(isDone, false);
  waiting[0]?.();
  await done;
  assert.is(isDone, true);
});

voice('goes on when nobody reads it any more', async () => {
  for (const write of [
    () => Promise.reject(new Error('EPIPE')),
    () => {
      throw new Error('EPIPE');
    },
  ]) {
    const { log } = await listen({ write });
    log.info('x');
    await log.output(Buffer.from('x\n'));
    log.endOutput();
  }
});

voice('knows when it last spoke', async () => {
  let at = 1000;
  const { log } = await listen({ now: () => at });
  assert.is(log.spokeAt(), 1000);
  at = 2000;
  log.debug('not shown');
  assert.is(log.spokeAt(), 1000);
  await log.output(Buffer.from('.'));
  assert.is(log.spokeAt(), 2000);
});

voice('keeps the end of the output, redacted, in whole lines, without colours', async () => {
  const { log } = await listen();
  assert.is(log.lastTail(), '');
  await log.output(Buffer.from('\u001b[31mfailed\u001b[0m with s3cret-token\r\n'));
  assert.is(log.lastTail(), 'failed with ***');
  for (let i = 0; i < 1000; i++) await log.output(Buffer.from(`line ${i} €\n`));
  const lines = log.lastTail().split('\n');
  assert.is(lines.at(-1), 'line 999 €');
  assert.match(lines[0] ?? '', /^line \d+ €$/);
  assert.ok(lines.length > 250 && lines.length <= 4096 / 13, String(lines.length));
  assert.is(log.lastTail(35), 'line 998 €\nline 999 €');
});

voice('writes JSON, one object a line, with output as lines', async () => {
  const { log, heard } = await listen({ format: 'json' });
  log.warn('slow s3cret-token', { status: 502 });
  await log.output(Buffer.from('one\r\ntwo s3cret-'));
  log.info('between');
  await log.output(Buffer.from('token €\nlast'));
  log.endOutput();
  const time = '2026-11-21T00:00:00.000Z';
  const objects = heard()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(objects, [
    { level: 'warn', time, status: 502, msg: 'slow ***' },
    { level: 'info', time, stream: 'output', msg: 'one' },
    { level: 'info', time, msg: 'between' },
    { level: 'info', time, stream: 'output', msg: 'two *** €' },
    { level: 'info', time, stream: 'output', msg: 'last' },
  ]);
});

voice('cuts long lines of output in JSON between two characters, and loses nothing', async () => {
  const { log, heard } = await listen({ format: 'json', level: 'error' });
  const long = `a${'€'.repeat(12_000)}`;
  for (const piece of [long.slice(0, 7000), `${long.slice(7000)}\nshort\n`]) {
    await log.output(Buffer.from(piece));
  }
  const objects = heard()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    objects.map(({ cut }) => cut),
    [true, true, undefined, undefined],
  );
  assert.is(
    objects
      .slice(0, 3)
      .map(({ msg }) => msg)
      .join(''),
    long,
  );
  assert.ok(objects.every(({ msg }) => Buffer.byteLength(msg) <= 16 * 1024));
  assert.is(objects[3].msg, 'short');
});

voice('loads pino for JSON only', () => {
  const speak = (format: string): string => {
    const url = new URL('../src/voice.ts', import.meta.url).href;
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { registerHooks } from 'node:module';
        registerHooks({ resolve: (name, context, next) => {
          if (name === 'pino') console.log('pino');
          return next(name, context);
        } });
        const { createLog } = await import('${url}');
        await createLog({ write() {}, level: 'info', format: '${format}', colour: false, guards: [], now: Date.now,
          redactor: { text: (t) => t, stream: () => ({ push: (b) => [b], end: () => [] }) } });`,
      ],
      { encoding: 'utf8' },
    );
    return stdout.trim();
  };
  assert.is(speak('text'), '');
  assert.is(speak('json'), 'pino');
});

voice.run();
