import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linesOf } from '../../src/server/follow.ts';
import { claim, finish, order, type Stage, staged, tokens } from './stage.ts';

const follow = suite('following');

const listening = (run: (stage: Stage, base: string) => Promise<void>) =>
  staged(async (stage) => {
    await run(stage, await stage.app.listen({ port: 0, host: '127.0.0.1' }));
  });
const headers = { authorization: `Bearer ${tokens.spinnaker}` };
const accept = async ({ call }: Stage): Promise<string> =>
  (await call('spinnaker', 'POST', '/v1/runs', { body: order })).json.id;

type Event = { readonly id?: string; readonly event: string; readonly data: unknown };
const eventsIn = (text: string): readonly Event[] =>
  text
    .split('\n\n')
    .filter((part) => part.includes('data: '))
    .map((part) => {
      const fields = Object.fromEntries(
        part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
      );
      return { ...fields, data: JSON.parse(fields.data ?? '') } as unknown as Event;
    });

/** Reads a stream piece by piece. */
async function open(url: string, more: Record<string, string> = {}) {
  const answer = await fetch(url, { headers: { ...headers, ...more } });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    answer,
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
        if (done) throw new Error(`ended after ${text}`);
        text += value;
      }
      return text;
    },
    async rest(): Promise<string> {
      for (;;) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
        if (done) return text;
        text += value;
      }
    },
    leave: () => reader?.cancel(),
  };
}

follow(
  'tells nothing more to whom slipway.yml or a new value of a token shuts out',
  listening(async (stage, base) => {
    const id = await accept(stage);
    const body = new URLSearchParams({ token: tokens.spinnaker });
    const entered = await fetch(`${base}/login`, { method: 'POST', body, redirect: 'manual' });
    const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? '';
    const streams = [
      await open(`${base}/v1/runs/${id}/events`),
      await open(`${base}/v1/runs/${id}/log?follow=1`),
      await open(`${base}/runs/${id}/live`, { authorization: '', cookie }),
    ];
    await streams[0]?.until('QUEUED');
    await streams[2]?.until('event: run');
    const lease = await claim(stage);
    await lease.log(Buffer.from('before\n'));
    await streams[1]?.until('before');
    stage.now.env.T_SPINNAKER = 'spinnaker-token-replaced';
    await lease.log(Buffer.from('after\n'));
    await lease.end('SUCCESS', { text: 'after all' });
    for (const stream of streams) assert.not.match(await stream.rest(), 'after');
  }),
);

follow(
  'tells what happens in a run as it happens, and its end',
  listening(async (stage, base) => {
    const id = await accept(stage);
    const stream = await open(`${base}/v1/runs/${id}/events`);
    assert.is(stream.answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    await stream.until('QUEUED');
    const lease = await claim(stage);
    await stream.until('claimed');
    await lease.tell({ progress: '1 of 3' });
    await stream.until('1 of 3');
    await lease.end('SUCCESS', { text: 'serves' });
    const events = eventsIn(await stream.rest());
    assert.equal(
      events.map(({ event }) => event),
      ['status', 'claimed', 'changed', 'status', 'end'],
    );
    assert.equal(
      events.slice(0, 4).map((event) => event.id),
      ['1', '2', '3', '4'],
    );
    assert.equal(Object.keys(events[1]?.data ?? {}), ['number', 'what', 'attempt', 'at']);
    assert.match(JSON.stringify(events[4]?.data), '"status":"SUCCESS"');
  }),
);

follow(
  'goes on where a connection was lost',
  listening(async (stage, base) => {
    const id = await accept(stage);
    const lease = await claim(stage);
    await lease.end('SUCCESS', { text: 'serves' });
    const stream = await open(`${base}/v1/runs/${id}/events`, { 'last-event-id': '2' });
    assert.equal(
      eventsIn(await stream.rest()).map((event) => event.id),
      ['3', undefined],
    );
  }),
);

follow(
  'gives the log so far, or all of it until the run is over',
  listening(async (stage, base) => {
    const id = await accept(stage);
    const url = `${base}/v1/runs/${id}/log`;
    const empty = await open(url);
    assert.is(await empty.rest(), '');
    const stream = await open(`${url}?follow=1`);
    const lease = await claim(stage);
    await lease.log(Buffer.from('one\n'));
    await stream.until('one\n');
    await lease.log(Buffer.from('two ü\nthr'));
    await stream.until('thr');
    const soFar = await open(url);
    assert.is(await soFar.rest(), 'one\ntwo ü\nthr');
    await lease.log(Buffer.from('ee'));
    await lease.end('SUCCESS', { text: 'serves' });
    assert.is(await stream.rest(), 'one\ntwo ü\nthree');
    assert.is((await fetch(`${url}?follow=maybe`, { headers })).status, 400);
  }),
);

follow(
  'says what of a long log was not kept',
  listening(async (stage, base) => {
    const id = await accept(stage);
    const lease = await claim(stage);
    for (let at = 0; at < 12; at += 1) await lease.log(Buffer.alloc(512 * 1024, `${at}\n`));
    await lease.end('SUCCESS', { text: 'serves' });
    const text = await (await open(`${base}/v1/runs/${id}/log`)).rest();
    const [, cut] = /\n\[(\d+) bytes of the log were not kept\]\n/.exec(text) ?? [];
    assert.ok(Number(cut) > 1024 * 1024);
    const note = `\n[${cut} bytes of the log were not kept]\n`.length;
    assert.is(text.length - note + Number(cut), 12 * 512 * 1024);
  }),
);

follow(
  'forgets whoever has left',
  listening(async (stage, base) => {
    const id = await accept(stage);
    for (let at = 0; at < 20; at += 1) {
      const stream = await open(`${base}/v1/runs/${id}/events`);
      await stream.until('QUEUED');
      await stream.leave();
    }
    await finish(stage);
    const last = await open(`${base}/v1/runs/${id}/events`);
    assert.match(await last.rest(), 'SUCCESS');
  }),
);

const piece = (text: string, more: object = {}) => {
  const bytes = Buffer.from(text);
  return { bytes, from: 0, next: bytes.length, size: bytes.length, cut: 0, ...more };
};
for (const [what, given, isLast, text, next] of [
  ['whole lines', piece('a\nb\n'), false, 'a\nb\n', 4],
  ['no line that goes on', piece('a\nb'), false, 'a\n', 2],
  ['nothing of a line that goes on', piece('abc'), false, '', 0],
  ['the last line when there is no more', piece('a\nb'), true, 'a\nb', 3],
  ['a line that is longer than a piece', piece('abc', { size: 9 }), false, 'abc', 3],
  ['what a bar was at its end', piece('1%\r50%\r100%\r\nx\n'), false, '100%\nx\n', 15],
  ['no colours and no bells', piece('\u001b[1;31mred\u001b[0m\u0007\n'), false, 'red\n', 16],
  [
    'what was cut',
    piece('b\n', { from: 9, cut: 9 }),
    false,
    '[9 bytes of the log were not kept]\nb\n',
    11,
  ],
] as const) {
  follow(`shows ${what}`, () => {
    assert.equal(linesOf(given, isLast), { text, next });
  });
}

follow('reads a line without end in no time', () => {
  const began = Date.now();
  linesOf(piece('x'.repeat(1024 * 1024)), true);
  linesOf(piece('\r'.repeat(1024 * 1024)), true);
  linesOf(piece('\u001b['.repeat(512 * 1024)), true);
  assert.ok(Date.now() - began < 1000);
});

follow.run();
