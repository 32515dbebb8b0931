import type { suite } from 'uvu';
import type { Clock } from '../../../src/clock.ts';
import { order } from '../job.ts';
import { scaledClock } from '../scaled-clock.ts';
import { exchanged, playOn } from '../scene.ts';
import { type FakeDivio, fakeDivio, type Manners } from './fake-divio.ts';
import { type Process, type Settings, type Surroundings, startDivio } from './process.ts';
import type { World } from './world.ts';

export { texts, verdictIs } from '../process.ts';

export const commit = order.commit ?? '';

export type Scene = {
  readonly fake: FakeDivio;
  readonly world: World;
  readonly clock: Clock;
  /** The uuid of the environment that is deployed. */
  readonly live: string;
  start(settings?: Settings, surroundings?: Partial<Surroundings>): Process;
  /** Resolves when so many exchanges have been dealt with. */
  exchanged(count: number): Promise<void>;
};

export type StageOptions = Manners & {
  /** How many times as fast as ours the world's time runs. */
  readonly factor?: number;
  /** Divio has not heard of the ordered commit. */
  readonly isBehind?: true;
};

/** One test with a Divio of its own, which has nothing to complain about. */
export function onDivio(
  on: ReturnType<typeof suite>,
  title: string,
  options: StageOptions,
  play: (scene: Scene) => Promise<void>,
): void {
  on(title, async () => {
    const { factor = 50, isBehind, ...manners } = options;
    const clock = scaledClock(factor);
    const fake = await fakeDivio({ clock, ...manners });
    const { world } = fake;
    if (!isBehind) world.pull(commit);
    const live = world.environments.find(({ slug }) => slug === 'live')?.uuid ?? '';
    const processes: Process[] = [];
    const start: Scene['start'] = (settings = {}, surroundings = {}) => {
      const process = startDivio(fake, settings, { clock, ...surroundings });
      processes.push(process);
      return process;
    };
    const scene: Scene = {
      fake,
      world,
      clock,
      live,
      start,
      exchanged: (count: number) => exchanged(fake, count),
    };
    await playOn(fake, processes, () => play(scene));
  });
}
