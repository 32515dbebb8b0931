/** kill -9 to dist/slipway.mjs at 200 seeded random moments; then the next run, or `reap`, makes all of it true. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPayload } from '../../src/identity.ts';
import { type Env, forEach, isTerminal, minute, onStage, pause, type Stage, sha } from './stage.ts';

/** Numbers from 0 to 1, the same ones every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mode = 'created' | 'adopted' | 'commit';
const modeOf = (index: number): Mode =>
  index % 5 === 3 ? 'adopted' : index % 5 === 4 ? 'commit' : 'created';

/** Of the commit status that stands for an environment, oldest first. */
const toldOfCommit = (stage: Stage, environment: string): readonly string[] =>
  stage.github
    .commitStatuses(sha)
    .filter(({ context }) => context === `slipway/${environment}`)
    .map(({ state }) => state)
    .toReversed();

/** What we have opened for one environment and nobody has closed, by what GitHub itself keeps. */
function openIn(stage: Stage, environment: string): readonly (number | string)[] {
  const open = stage
    .deployments(environment)
    .filter(({ statuses }) => !isTerminal(statuses.at(-1)?.state))
    .filter(({ statuses, payload }) => statuses.length > 0 || keyOf(payload));
  const pending = toldOfCommit(stage, environment).at(-1) === 'pending';
  return [...open.map(({ id }) => id), ...(pending ? [environment] : [])];
}

/** How far a killed run had come: so many exchanges, and whether its command ran. */
type Depth = 'nothing' | 'created' | 'queued' | 'in_progress' | 'ended';
function depthOf(stage: Stage, environment: string): Depth {
  const commit = toldOfCommit(stage, environment);
  if (commit.length > 0) return depthsOfCommit[commit.length - 1] ?? 'ended';
  const last = stage.deployments(environment).at(-1);
  if (!last) return 'nothing';
  const state = last.statuses.at(-1)?.state;
  if (state === undefined) return 'created';
  return isTerminal(state) ? 'ended' : (state as Depth);
}

const depthsOfCommit: readonly Depth[] = ['queued', 'in_progress', 'ended'];

const atOnce = 6;
const latencyMs = 25;
const command = 'sleep 0.25';
const settingsOf = (environment: string): Env => ({ environment, command });
function settingsFor(stage: Stage, mode: Mode, environment: string): Env {
  const settings = settingsOf(environment);
  if (mode === 'commit') return { ...settings, create_deployment: 'false' };
  if (mode === 'created') return settings;
  const id = stage.adoptable(environment);
  return { ...settings, deployment_id: String(id), final_status: 'slipway' };
}

/** How long a run lives when as many others run: what the random moments are spread over. */
async function measure(stage: Stage): Promise<number> {
  const took: number[] = [];
  await forEach(Array.from({ length: atOnce * 2 }), atOnce, async (_, index) => {
    const { code, ms, log } = await stage.run(settingsOf(`measure-${index}`));
    assert.is(code, 0, log);
    took.push(ms);
  });
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.75)] ?? 1000;
}

/** Starts a run and kills it at the moment. */
async function killAt(
  stage: Stage,
  environment: string,
  ms: number,
  settings: Env,
): Promise<Depth> {
  const step = stage.start(settings);
  await pause(ms);
  step.kill('SIGKILL');
  await step.ended;
  // What was on its way still arrives.
  await pause(latencyMs * 2);
  return depthOf(stage, environment);
}

/** Random moments are worth something only where they hit everything. */
function assertSpread(depths: readonly Depth[]): void {
  const counts = new Map<Depth, number>();
  for (const depth of depths) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  for (const depth of ['nothing', 'queued', 'in_progress', 'ended'] as const) {
    assert.ok((counts.get(depth) ?? 0) > 0, `${depth}: ${JSON.stringify([...counts])}`);
  }
}

const moments = (count: number, seed: number): readonly number[] =>
  Array.from({ length: count }, seeded(seed));

const Killed = suite('kill -9');

Killed('at 100 moments is made good by the next run of the same key', () =>
  onStage(
    async (stage) => {
      const life = await measure(stage);
      const depths: Depth[] = [];
      await forEach(moments(100, 20261121), atOnce, async (share, index) => {
        const environment = `again-${index}`;
        const mode = modeOf(index);
        const settings = settingsFor(stage, mode, environment);
        depths.push(await killAt(stage, environment, share * life, settings));
        assert.ok(openIn(stage, environment).length <= 1);
        const before = stage.deployments(environment).length;
        const { code, log } = await stage.run(settings);
        const shown = `${depths.at(-1)} in ${environment}:\n${log}`;
        assert.is(code, 0, shown);
        const all = stage.deployments(environment);
        assert.equal(openIn(stage, environment), [], shown);
        assert.ok(new Set(all.map(({ payload }) => keyOf(payload))).size <= 1, 'one key');
        // A second one is made only after the first has ended.
        assert.ok(before < 2 && all.length <= before + 1, shown);
        const created = all.at(-1)?.statuses.map(({ state }) => state) ?? [];
        const last = mode === 'commit' ? toldOfCommit(stage, environment) : created;
        assert.is(last.at(-1), 'success', shown);
        if (mode === 'created') assert.is(last.filter(isTerminal).length, 1, shown);
      });
      assertSpread(depths);
    },
    { latencyMs },
  ),
);

const keyOf = (payload: string | Readonly<Record<string, unknown>>): string | undefined =>
  typeof payload === 'string' ? undefined : readPayload(payload)?.key;

Killed('at 100 moments is closed by reap after its time, and nobody living is', () =>
  onStage(
    async (stage) => {
      const { github } = stage;
      const life = await measure(stage);
      const depths: Depth[] = [];
      const dead: string[] = [];
      await forEach(moments(100, 11262021), atOnce, async (share, index) => {
        const environment = `dead-${index}`;
        dead.push(environment);
        // Its time is over after the timeout and five minutes.
        const settings = { ...settingsFor(stage, modeOf(index), environment), timeout: '1m' };
        depths.push(await killAt(stage, environment, share * life, settings));
      });
      assertSpread(depths);
      const open = dead.flatMap((environment) => openIn(stage, environment));
      assert.ok(open.length > 10, `${open.length} are open`);

      const living = ['living-1', 'living-2'].map((environment) => {
        const long = { environment, timeout: '50m', command: 'echo at work; exec sleep 60' };
        return { environment, step: stage.start(long) };
      });
      for (const { step } of living) await step.says('at work');

      const reap = { command: undefined, create_deployment: undefined };
      const reaper = { args: ['reap'], env: { DRONE_DEPLOY_TO: undefined } };
      const early = await stage.run(reap, reaper);
      assert.match(early.log, /no orphans/);
      assert.is(early.code, 0);

      github.clockSkewMs = 10 * minute;
      const { code, log } = await stage.run(reap, { ...reaper, laterMs: 10 * minute });
      assert.is(code, 0, log);
      assert.match(log, new RegExp(`${open.length} orphans closed`));
      for (const id of open) {
        const told = typeof id === 'number' ? stage.states(id) : toldOfCommit(stage, id);
        assert.is(told.at(-1), 'error');
      }
      assert.equal(
        dead.flatMap((environment) => openIn(stage, environment)),
        [],
      );
      for (const { environment, step } of living) {
        assert.is(openIn(stage, environment).length, 1, 'a living run was closed');
        step.kill('SIGTERM');
        assert.is((await step.ended).code, 143);
        const [only] = stage.deployments(environment);
        assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'failure']);
      }
    },
    { latencyMs },
  ),
);

Killed.run();
