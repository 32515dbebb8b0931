import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../src/clock.ts';
import { SettingsError } from '../../../src/errors.ts';
import type { Verdict } from '../../../src/targets/target.ts';
import { type FakeRack, startRack } from '../../support/convox/fake-rack.ts';
import type { Manners } from '../../support/convox/manners.ts';
import {
  makeTree,
  type Process,
  type Settings,
  startProcess,
  swiftClock,
} from '../../support/convox/process.ts';
import { rejectionOf } from '../../support/rejection.ts';

export type Scene = {
  readonly rack: FakeRack;
  readonly tree: string;
  start(settings?: Settings, changes?: Parameters<typeof startProcess>[2]): Process;
};

/** One test with a rack of its own, which has nothing to complain about. */
export function test(
  on: ReturnType<typeof suite>,
  title: string,
  manners: Manners,
  run: (scene: Scene) => Promise<void>,
  clock: Clock = swiftClock,
): void {
  on(title, async () => {
    const rack = await startRack(manners);
    const tree = makeTree();
    const processes: Process[] = [];
    const start: Scene['start'] = (settings, changes) => {
      const process = startProcess(rack, settings, { tree: tree.folder, ...changes }, { clock });
      processes.push(process);
      return process;
    };
    try {
      await run({ rack, tree: tree.folder, start });
      assert.equal(rack.complaints, []);
    } finally {
      for (const process of processes) process.kill();
      await rack.close();
      tree.remove();
    }
  });
}

export const verdictIs = (
  verdict: Verdict,
  outcome: Verdict['outcome'],
  said: RegExp = /\S/,
): void => {
  assert.is(verdict.outcome, outcome, JSON.stringify(verdict));
  assert.match(verdict.description, said);
};

/** Of a deploy that ends because of a setting: exit 2. */
export async function settingsFault(process: Process, said: RegExp): Promise<void> {
  const error = await rejectionOf<Error>(process.verdict);
  assert.instance(error, SettingsError);
  assert.match(error.message, said);
}

export const texts = (process: Process, level?: string): string[] =>
  process.lines.filter((line) => !level || line.level === level).map(({ text }) => text);
