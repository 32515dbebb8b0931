import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/clock.ts';
import { createBuildLog } from '../../../src/targets/convox/build-log.ts';
import { createExitMarker } from '../../../src/targets/convox/exit-marker.ts';
import { createLines } from '../../../src/targets/convox/lines.ts';
import type { Manners } from '../../support/convox/manners.ts';
import { test, texts, verdictIs } from './stage.ts';

const streams = suite('convox: the log of a build');
const alignment = suite('convox: lines that were told before');

const build = Array<string>(12).fill('running').concat('complete');
const ten = Array.from({ length: 10 }, (_, n) => `step ${n}\n`);
const all = ten.join('');
const waits = 'waiting for build pod to be scheduled...\n';

type Case = readonly [title: string, tell: NonNullable<Manners['tell']>, text?: string];
const cases: readonly Case[] = [
  ['is silent and never ends', () => {}, ''],
  [
    'never ends',
    async (talk) => {
      for (const line of ten) await talk.say(line);
    },
  ],
  [
    'ends early, and is whole only at last',
    async (talk, nth) => {
      await talk.say(ten.slice(0, nth * 4).join(''));
      await talk.eof();
    },
  ],
  [
    'is cut within a line, again and again',
    async (talk, nth) => {
      await talk.say(all.slice(0, nth * 25));
      if (nth * 25 > all.length) await talk.eof();
      else talk.cut();
    },
  ],
  [
    'repeats itself on each connection',
    async (talk) => {
      await talk.say(all);
      await talk.eof();
    },
  ],
  [
    'begins with fillers that the stored one lacks',
    async (talk, nth) => {
      if (nth === 1) await talk.say(waits + waits);
      await talk.say(nth === 1 ? ten.slice(0, 5).join('') : all);
      await talk.eof();
    },
    waits + all,
  ],
  [
    'was rotated meanwhile',
    async (talk, nth) => {
      await talk.say(nth === 1 ? ten.slice(0, 6).join('') : ten.slice(4).join(''));
      await talk.eof();
    },
  ],
  [
    'is not to be had at first',
    async (talk, nth) => {
      await talk.say(nth < 3 ? 'ERROR: unable to read logs for build: BNEWAAAA\n' : all);
      await talk.eof();
    },
  ],
  [
    'splits letters between frames',
    async (talk) => {
      for (const byte of Buffer.from('é日本\n')) await talk.say(Buffer.from([byte]));
      await talk.eof();
    },
    'é日本\n',
  ],
  [
    'is not UTF-8 at all, and has no last line break',
    async (talk) => {
      await talk.say(Buffer.from([0xff, 0xfe, 0x0a, 0xc3]));
      await talk.eof();
    },
    '\ufffd\ufffd\n\ufffd',
  ],
];
for (const [title, tell, text = all] of cases) {
  test(streams, `that ${title}`, { build, tell }, async ({ start }) => {
    const process = start({ promote: 'false' });
    verdictIs(await process.verdict, 'success');
    assert.is(process.recorded.text(), text);
    assert.equal(texts(process, 'warn'), []);
  });
}

test(streams, 'that cannot be had at all', { build, forbidden: ['logs'] }, async ({ start }) => {
  const process = start();
  verdictIs(await process.verdict, 'success');
  assert.is(process.recorded.text(), '');
  assert.match(texts(process, 'debug').join('\n'), /does not tell the build's log: you are unauth/);
});

const million = 1_000_000;
test(
  streams,
  'that floods: a million lines, each once, in flat memory',
  {
    build: ['running', 'complete'],
    tell: async (talk) => {
      for (let line = 0; line < million; ) {
        let text = '';
        for (let n = 0; n < 500; n += 1, line += 1) text += `line ${line} of a long build log\n`;
        await talk.say(text);
      }
      await talk.eof();
    },
  },
  async ({ start }) => {
    let breaks = 0;
    let bytes = 0;
    let peak = 0;
    // Once everything is warm: the heap of a whole test run has its own ups and downs before.
    let early = Number.POSITIVE_INFINITY;
    const output = async (piece: Uint8Array): Promise<void> => {
      bytes += piece.length;
      for (const byte of piece) breaks += byte === 10 ? 1 : 0;
      const now = process.memoryUsage().rss;
      if (breaks < million / 5) early = now;
      peak = Math.max(peak, now);
    };
    const { verdict } = start({ promote: 'false' }, { output });
    verdictIs(await verdict, 'success');
    assert.is(breaks, million);
    assert.ok(bytes > 30_000_000);
    // Both ends live in this process; a million kept lines would be more.
    assert.ok(peak - early < 60 * 2 ** 20, `${(peak - early) / 2 ** 20} MiB more`);
  },
  // What is left of a log has half a minute, and this one is told twice.
  systemClock,
);

const say = (log: ReturnType<typeof createBuildLog>, text: string, isWhole = true): string => {
  log.begin();
  return log.take(Buffer.from(text)).toString() + log.end(isWhole).toString();
};
alignment('goes on after the last line, wherever a connection ended', () => {
  const log = createBuildLog();
  assert.is(say(log, 'a\nb\nc', false), 'a\nb\n');
  assert.is(say(log, 'a\nb\nccc\nd\n', false), 'ccc\nd\n');
  assert.is(say(log, 'a\nb\nccc\nd\ne'), 'e');
  assert.is(log.count(), 5);
});
alignment('tells again rather than not at all', () => {
  const log = createBuildLog();
  say(log, 'a\nb\nc\n');
  assert.is(say(log, 'a\nB\nc\n'), 'B\nc\n');
  assert.is(say(log, 'new\nlog\n'), 'new\nlog\n');
});
alignment('knows equal lines from repeated ones', () => {
  const log = createBuildLog();
  assert.is(say(log, 'x\nx\nx\n'), 'x\nx\nx\n');
  assert.is(say(log, 'x\nx\nx\nx\ny\n'), 'x\ny\n');
});
alignment('keeps the line that says why', () => {
  const log = createBuildLog();
  say(log, 'a\nERROR: exit 7\ncleaning up\n');
  assert.is(log.cause(), 'exit 7');
  const other = createBuildLog();
  assert.is(say(other, 'ERROR: invalid authentication\n'), '');
  assert.equal([other.complaint(), other.cause()], ['invalid authentication', undefined]);
  assert.is(say(other, 'ERROR: open convox.yml\n'), 'ERROR: open convox.yml\n');
  assert.is(other.cause(), 'open convox.yml');
});
alignment('cuts a line without end at the same places', () => {
  const long = Buffer.alloc(200_000, 'y');
  const whole = createLines().push(long);
  const lines = createLines();
  const pieces = [long.subarray(0, 70_001), long.subarray(70_001)].flatMap((part) => [
    ...lines.push(part),
  ]);
  assert.equal(
    pieces.map(({ length }) => length),
    whole.map(({ length }) => length),
  );
  assert.is(lines.rest()?.length, 200_000 % 65_536);
});

alignment('finds an exit code wherever it is cut', () => {
  const text = 'output F1E4 more\nF1E49A85-0AD7-4AEF-A618-C249C6E6568D:17\n';
  for (let at = 0; at <= text.length; at += 1) {
    const marker = createExitMarker();
    const parts = [text.slice(0, at), text.slice(at)].map((part) =>
      marker.push(Buffer.from(part)).toString(),
    );
    assert.is(parts.join('') + marker.rest().toString(), 'output F1E4 more\n', `cut at ${at}`);
    assert.is(marker.code(), 17);
  }
  const none = createExitMarker();
  assert.is(none.push(Buffer.from('just output\n')).toString() + none.rest(), 'just output\n');
  assert.is(none.code(), undefined);
});

alignment('takes the exit code of the last marker, and passes on what only looks like one', () => {
  const id = 'F1E49A85-0AD7-4AEF-A618-C249C6E6568D:';
  const text = `${id}0\n${id}none\nfailed\n${id}17\n`;
  for (let at = 0; at <= text.length; at += 1) {
    const marker = createExitMarker();
    const parts = [text.slice(0, at), text.slice(at)].map((part) => marker.push(Buffer.from(part)));
    assert.is(Buffer.concat([...parts, marker.rest()]).toString(), `${id}none\nfailed\n`);
    assert.is(marker.code(), 17, `cut at ${at}`);
  }
});

streams.run();
alignment.run();
