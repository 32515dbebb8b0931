/** One exchange with a forge goes wrong, or is the last that a killed run had: what the forge shows is true all the same. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../support/faulty.ts';
import { type ForgeCase, type ForgeStage, forgeCases, onForgeStage } from './forge-cases.ts';
import { type Ended, forEach, minute, pause } from './stage.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const atOnce = 4;
const faults: readonly Fault[] = [
  'cut after',
  'empty',
  'strange list after',
  'strange object after',
];
const settings = { command: 'true', run_key: 'build-1', http_timeout: '2s', timeout: '1m' };

async function countOf(one: ForgeCase): Promise<number> {
  let count = 0;
  await onForgeStage(one, async ({ forge, step }) => {
    const { code, log } = await step(settings).ended;
    assert.is(code, 0, log);
    count = forge.requests.length;
  });
  return count;
}

const isOver = (one: ForgeCase, state: string | undefined): boolean =>
  [one.done, one.failed, one.cancelled, 'FAILED', 'failed', 'failure', 'error'].includes(
    state ?? '',
  );

/** What stands open in a run's name when no run goes on. */
function assertOver(one: ForgeCase, { forge }: ForgeStage, shown: string): void {
  const open = one.deployments(forge).filter((state) => !isOver(one, state));
  assert.equal(open, [], `${shown}\n${forge.requests.join('\n')}`);
  const last = forge.taken.at(-1)?.state;
  assert.ok(forge.taken.length === 0 || isOver(one, last), `${last}: ${shown}`);
}

/** Kills a run when the forge has dealt with its nth request. */
async function killAt({ forge, step }: ForgeStage, nth: number): Promise<void> {
  const run = step(settings);
  forge.onExchange = (each) => {
    if (each === nth) run.kill('SIGKILL');
  };
  await run.ended;
  forge.onExchange = () => {};
  await pause(50);
}

for (const [id, one] of Object.entries(forgeCases)) {
  const Exchanges = suite(`${id}, exchange by exchange`);
  const each = async (play: (stage: ForgeStage, nth: number) => Promise<void>): Promise<void> => {
    const count = await countOf(one);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    await forEach(numbers, atOnce, (nth) => onForgeStage(one, (stage) => play(stage, nth)));
  };

  for (const fault of faults) {
    Exchanges(`survives one that goes wrong: ${fault}`, () =>
      each(async (stage, nth) => {
        stage.forge.failAt(nth, fault);
        const { code, log }: Ended = await step(stage);
        const shown = `exchange ${nth}, exit ${code}:\n${log}`;
        assert.is(code, 0, shown);
        assert.is(stage.forge.taken.at(-1)?.state, one.done, shown);
        assert.ok(one.deployments(stage.forge).length <= 1, shown);
        assertOver(one, stage, shown);
      }),
    );
  }

  Exchanges('is made good by the next run of the same key after kill -9', () =>
    each(async (stage, nth) => {
      await killAt(stage, nth);
      const before = one.deployments(stage.forge).filter((state) => !isOver(one, state)).length;
      const { code, log } = await step(stage);
      const shown = `killed at ${nth}, exit ${code}:\n${log}`;
      assert.is(code, 0, shown);
      assert.is(stage.forge.taken.at(-1)?.state, one.done, shown);
      assertOver(one, stage, shown);
      if (before > 0) assert.is(one.deployments(stage.forge).length, 1, shown);
    }),
  );

  Exchanges('is made good by reap after kill -9', () =>
    each(async (stage, nth) => {
      await killAt(stage, nth);
      stage.advance(30 * minute);
      const { code, log } = await stage.step({}, ['reap']).ended;
      const shown = `killed at ${nth}, exit ${code}:\n${log}`;
      assert.is(code, 0, shown);
      assertOver(one, stage, shown);
    }),
  );

  Exchanges.run();
}

const step = (stage: ForgeStage): Promise<Ended> => stage.step(settings).ended;
