import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSparing } from '../../src/server/sparing.ts';
import { manualClock } from '../support/manual-clock.ts';
import { takeNotes } from '../support/notes.ts';
import { openStage, staged } from './stage.ts';

const sparing = suite('what callers make the server write');

sparing('is a few lines of a kind a minute, and how many more there were', async () => {
  const clock = manualClock();
  const notes = takeNotes();
  const { say, end } = createSparing(notes, clock);
  for (let time = 0; time < 500; time += 1) say('warn', '/hooks/github', `refused ${time}`);
  say('error', '/v1/runs', 'no room');
  assert.is(notes.at('warn').length, 10);
  assert.equal(notes.at('error'), ['no room']);
  await clock.advance(60_000);
  assert.is(
    notes.at('warn').at(-1),
    '/hooks/github: 490 more lines of the last minute are left out',
  );
  assert.is(notes.at('error').length, 1);
  say('warn', '/hooks/github', 'refused again');
  assert.is(notes.at('warn').length, 12);
  for (let time = 0; time < 20; time += 1) say('warn', '/hooks/github', 'refused');
  end();
  await clock.advance(1);
  assert.match(notes.at('warn').at(-1) ?? '', '11 more lines');
});

sparing('does not grow with the deliveries that a stranger sends', async () => {
  const stage = await openStage();
  for (let time = 0; time < 100; time += 1) {
    const { status } = await stage.call(undefined, 'POST', '/hooks/github', { body: { time } });
    assert.is(status, 401);
  }
  assert.is(stage.notes.at('warn').length, 10);
  await stage.end();
  assert.match(stage.notes.at('warn').at(-1) ?? '', '/hooks/github: 90 more lines');
});

sparing(
  'says which request it refused and for which settings, without what was sent',
  staged(async (stage) => {
    const body = { deployment: 'hello-production', commit: 'a'.repeat(40), colour: 's3cret' };
    assert.is((await stage.call('spinnaker', 'POST', '/v1/runs', { body })).status, 400);
    assert.is((await stage.call(undefined, 'GET', '/v1/runs')).status, 401);
    assert.is((await stage.call(undefined, 'GET', '/nothing')).status, 404);
    const said = stage.notes.at('warn');
    assert.equal(said, [
      'POST /v1/runs was refused: 400 invalid (colour)',
      'GET /v1/runs was refused: 401 unauthorized',
    ]);
  }),
);

sparing(
  'does not grow with requests without a key',
  staged(async (stage) => {
    for (let time = 0; time < 30; time += 1) {
      await stage.call('spinnaker', 'POST', '/spinnaker/v1/runs', {
        body: { deployment: 'hello-production', commit: 'a'.repeat(40) },
      });
    }
    assert.is(stage.notes.at('warn').length, 10);
  }),
);

sparing.run();
