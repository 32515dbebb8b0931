import type { suite } from 'uvu';
import type { Clock } from '../../../src/clock.ts';
import type { Process, Settings, Surroundings } from '../process.ts';
import { scaledClock } from '../scaled-clock.ts';
import { exchanged, playOn } from '../scene.ts';
import { type FakeGate, fakeGate, type Manners } from './fake-gate.ts';
import { startSpinnaker } from './process.ts';
import type { Pipeline, World } from './world.ts';

export type Scene = {
  readonly gate: FakeGate;
  readonly world: World;
  readonly clock: Clock;
  start(settings?: Settings, surroundings?: Partial<Surroundings>): Process;
  pipeline(name?: string): Pipeline;
  /** Resolves when so many exchanges have been dealt with. */
  exchanged(count: number): Promise<void>;
};

export type StageOptions = Manners & {
  /** How many times as fast as ours the world's time runs. */
  readonly factor?: number;
};

/** One test with a Spinnaker of its own, whose Gate has nothing to complain about. */
export function onGate(
  on: ReturnType<typeof suite>,
  title: string,
  options: StageOptions,
  play: (scene: Scene) => Promise<void>,
): void {
  on(title, async () => {
    const { factor = 50, ...manners } = options;
    const clock = scaledClock(factor);
    const gate = await fakeGate({ clock, ...manners });
    const { world } = gate;
    const processes: Process[] = [];
    const start: Scene['start'] = (settings = {}, surroundings = {}) => {
      const process = startSpinnaker(gate, settings, { clock, ...surroundings });
      processes.push(process);
      return process;
    };
    const pipeline: Scene['pipeline'] = (name = 'Deploy to live') => {
      const found = world.pipelines.find((each) => each.name === name);
      if (!found) throw new Error(`no pipeline ${name}`);
      return found;
    };
    const scene: Scene = {
      gate,
      world,
      clock,
      start,
      pipeline,
      exchanged: (count: number) => exchanged(gate, count),
    };
    await playOn(gate, processes, () => play(scene));
  });
}
