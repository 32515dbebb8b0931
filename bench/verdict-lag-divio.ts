import { fakeDivio } from '../test/support/divio/fake-divio.ts';
import { drawer, durationOf } from './draw.ts';
import type { Case, Rollout } from './verdict-lag.ts';

/** divio-cli 4.0.5, against a server on loopback: 3.2, 4.7 and 5.9 s late, with 11 requests in 30 s. */
const theirs = { medianMs: 4700, requests: 11 };
const goalMs = theirs.medianMs / 5;
const commit = 'c'.repeat(40);

/** Divio names stages and their percent; how evenly they go is not known, so they do not go evenly. */
function stagesOf(draw: () => number): (share: number) => number {
  const percents = [0, 5, 20, 35, 60, 80, 95];
  const weights = percents.map(() => 0.3 + draw() * 1.4);
  const total = weights.reduce((sum, weight) => sum + weight);
  return (share) => {
    let passed = 0;
    let percent = 0;
    for (const [n, weight] of weights.entries()) {
      if (share * total >= passed) percent = percents[n] ?? percent;
      passed += weight;
    }
    return percent;
  };
}

type Known = { readonly past: number; readonly hasPercent: boolean };

async function rollout({ past, hasPercent }: Known, round: number): Promise<Rollout> {
  const draw = drawer(round * 7919 + 17);
  for (let n = 0; n < 9; n += 1) draw();
  const percent = stagesOf(draw);
  const course = { lasts: durationOf(draw), percent: hasPercent ? percent : undefined };
  const divio = await fakeDivio({ course });
  const live = divio.world.environments.find(({ slug }) => slug === 'live')?.uuid ?? '';
  for (let n = past; n > 0; n -= 1) divio.world.remember(live, n * 3_600_000, durationOf(draw));
  divio.world.pull(commit);
  return {
    env: {
      ...{
        PLUGIN_TARGET: 'divio',
        PLUGIN_DIVIO_API_URL: divio.url,
        PLUGIN_DIVIO_TOKEN: divio.token,
      },
      ...{ PLUGIN_DIVIO_APPLICATION: 'hello', PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPORT: 'none' },
      ...{ PLUGIN_COMMIT: commit, PLUGIN_REPO: 'octo/hello' },
    },
    seen() {
      const { startedAt = Number.NaN, endedAt = Number.NaN } = divio.world.deployments.at(-1) ?? {};
      const { times: requests, looks, complaints } = divio;
      if (complaints.length > 0) throw new Error(complaints.join());
      return { beganAt: startedAt, doneAt: endedAt, requests, looks };
    },
    close: divio.close,
  };
}

export const divioRollouts = (): readonly Case[] => [
  {
    ...{ name: 'Divio: percent in stages, 8 deployments before', theirs, goalMs },
    rollout: (round) => rollout({ past: 8, hasPercent: true }, round),
  },
  {
    ...{ name: 'Divio: percent in stages, the first deployment', theirs, goalMs },
    rollout: (round) => rollout({ past: 0, hasPercent: true }, round),
  },
  {
    ...{ name: 'Divio: no percent, 8 deployments before', theirs, goalMs: undefined },
    rollout: (round) => rollout({ past: 8, hasPercent: false }, round),
  },
  {
    ...{ name: 'Divio: nothing known', theirs, goalMs: undefined },
    rollout: (round) => rollout({ past: 0, hasPercent: false }, round),
  },
];
