import { fakeGate } from '../test/support/gate/fake-gate.ts';
import { drawer, durationOf } from './draw.ts';
import type { Case, Rollout } from './verdict-lag.ts';

/** Spinnaker has no client that follows an execution: as often as a script asks that sleeps for 3 s. */
const theirs = { medianMs: undefined, requests: 12 };

async function rollout(past: number, round: number): Promise<Rollout> {
  const draw = drawer(round * 7919 + 17);
  for (let n = 0; n < 9; n += 1) draw();
  const lasts = durationOf(draw);
  const gate = await fakeGate({
    course: {
      stages: [
        { name: 'Bake', lasts: lasts / 3 },
        { name: 'Deploy', lasts: (lasts * 2) / 3 },
      ],
    },
  });
  const { world } = gate;
  const [pipeline] = world.pipelines;
  if (!pipeline) throw new Error('the fake has no pipeline');
  for (let n = past; n > 0; n -= 1) world.remember(pipeline, n * 3_600_000, durationOf(draw));
  return {
    env: {
      ...{ PLUGIN_TARGET: 'spinnaker', PLUGIN_SPINNAKER_GATE_URL: gate.url },
      ...{ PLUGIN_SPINNAKER_TOKEN: gate.token, PLUGIN_SPINNAKER_APPLICATION: 'hello' },
      ...{ PLUGIN_SPINNAKER_PIPELINE: pipeline.name, PLUGIN_SPINNAKER_PARAMETERS: 'tag=v1' },
      ...{ PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPORT: 'none', PLUGIN_REPO: 'octo/hello' },
    },
    seen() {
      const { startedAt = Number.NaN, endedAt = Number.NaN } = world.executions.at(-1) ?? {};
      const { times: requests, looks, complaints } = gate;
      if (complaints.length > 0) throw new Error(complaints.join());
      return { beganAt: startedAt, doneAt: endedAt, requests, looks };
    },
    close: gate.close,
  };
}

export const spinnakerRollouts = (): readonly Case[] => [
  {
    ...{ name: 'Spinnaker: 8 executions before', theirs, goalMs: 1000 },
    rollout: (round) => rollout(8, round),
  },
  {
    ...{ name: 'Spinnaker: the first execution', theirs, goalMs: undefined },
    rollout: (round) => rollout(0, round),
  },
];
