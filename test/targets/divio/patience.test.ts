import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../src/clock.ts';
import { RemoteError } from '../../../src/errors.ts';
import { patiently } from '../../../src/targets/divio/patience.ts';
import { onDivio, type Scene } from '../../support/divio/stage.ts';
import { createNotes, recordJob } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';

const patience = suite('divio: patience');
const apart = suite('divio: many clients come apart');

const unavailable = (message: string, retryAfter?: string): RemoteError =>
  new RemoteError(message, {
    kind: 'unavailable',
    answer: { status: 503, headers: { 'retry-after': retryAfter }, body: '' },
  });

/** Reads under a clock that takes no time and remembers how long it was to pause. */
function patient(read: (nth: number) => Promise<string>, signal?: AbortSignal) {
  const pauses: number[] = [];
  let at = 0;
  const clock: Clock = {
    now: () => at,
    pause: async (ms) => {
      pauses.push(ms);
      at += ms;
    },
  };
  const { log } = createNotes();
  const deps = { clock, log, cwd: '/', env: {}, http: undefined as never };
  let nth = 0;
  const run = () => {
    nth += 1;
    return read(nth);
  };
  return { pauses, result: patiently({ deps, job: recordJob().job }, run, signal) };
}

patience('bears ten troubles in a row, and ten minutes of them', async () => {
  const { pauses, result } = patient((nth) => Promise.reject(unavailable(`trouble ${nth}`)));
  const { message } = await rejectionOf(result);
  const [, nth] = /(\d+)$/.exec(message) ?? [];
  assert.ok(Number(nth) >= 10, message);
  const waited = pauses.reduce((sum, ms) => sum + ms, 0);
  assert.ok(waited >= 600_000 && waited < 610_000, `${waited}`);
});

for (const [what, most, retryAfter] of [
  ['a hundred troubles within ten minutes', 100, '1'],
  ['three of them that take an hour', 3, '1200'],
] as const) {
  patience(`bears ${what}`, async () => {
    const { pauses, result } = patient((nth) =>
      nth <= most ? Promise.reject(unavailable('trouble', retryAfter)) : Promise.resolve('x'),
    );
    assert.is(await result, 'x');
    assert.is(pauses.length, most);
  });
}

patience('believes a no that is said three times', async () => {
  const refusals = ['refused', 'refused', 'unavailable', 'refused', 'refused', 'refused'] as const;
  const { result } = patient((nth) =>
    Promise.reject(new RemoteError(`no ${nth}`, { kind: refusals[nth - 1] ?? 'refused' })),
  );
  assert.is((await rejectionOf(result)).message, 'no 6');
});

patience('gives what failed as the reason, not that there was no more time', async () => {
  const over = new AbortController();
  const { result } = patient((nth) => {
    if (nth === 2) over.abort();
    return Promise.reject(unavailable(nth === 1 ? 'answered 503' : 'no answer in time'));
  }, over.signal);
  assert.is((await rejectionOf(result)).message, 'answered 503');
});

patience('waits as long as it is told to, and a little longer', async () => {
  const { pauses, result } = patient((nth) =>
    nth < 20 ? Promise.reject(unavailable('busy', '30')) : Promise.resolve('x'),
  );
  await result;
  assert.ok(
    pauses.every((ms) => ms >= 30_000 && ms <= 34_500),
    `${pauses}`,
  );
  assert.ok(new Set(pauses).size > 1, 'who was told the same comes back at another moment');
});

/** How long each of several processes pauses, of all pauses at least so long. */
async function pausesOf({ clock, start }: Scene, least: number, most: number): Promise<number[]> {
  const pauses: number[] = [];
  const noting: Clock = {
    now: clock.now,
    pause: (ms, signal) => {
      if (ms >= least && ms <= most) pauses.push(ms);
      return clock.pause(ms, signal);
    },
  };
  const processes = [1, 2, 3, 4].map(() => start({ verify: 'off' }, { clock: noting }));
  await Promise.all(processes.map(({ verdict }) => verdict));
  return pauses;
}

onDivio(apart, 'while they wait for the same deployment', {}, async (scene) => {
  scene.world.deploy(scene.live, 'AUTO', { lasts: 20_000 });
  const pauses = await pausesOf(scene, 5000.1, 5750);
  assert.ok(new Set(pauses).size > 4, `${pauses}`);
});

onDivio(apart, 'from their first looks on', { busy: 'queue' }, async (scene) => {
  const pauses = await pausesOf(scene, 1000.1, 1999.9);
  assert.ok(new Set(pauses).size >= 4, `${pauses}`);
});

patience.run();
apart.run();
