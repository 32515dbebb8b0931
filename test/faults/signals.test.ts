/** SIGTERM and SIGINT to dist/slipway.mjs, at every state of a run. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../support/github/fake-github.ts';
import {
  type Env,
  forEach,
  isTerminal,
  leaveAlive,
  minute,
  onStage,
  type Stage,
  sha,
} from './stage.ts';

const status = /\/statuses$/;
const endless = 'echo at work; exec sleep 60';
/** Everything is said within six seconds; starting and ending a process take their time on a busy machine. */
const longestMs = 8000;

type State = {
  readonly name: string;
  readonly settings?: Env;
  /** Brings the run into the state. */
  readonly reach: (stage: Stage, log: (text: string) => Promise<void>) => Promise<void>;
  /** A request that never comes back. */
  readonly stuck?: { readonly path: RegExp; readonly nth: number; readonly do: Fault };
  /** Where the run was over before it was told to stop, and only its last word was not. */
  readonly ends?: { readonly code: number; readonly states: readonly string[] };
};

const states: readonly State[] = [
  {
    name: 'before the first look is answered',
    stuck: { path: /graphql/, nth: 1, do: 'hang' },
    reach: (stage) => stage.arrived('POST', /graphql/),
  },
  ...(['hang', 'hang-after'] as const).flatMap((fault): readonly State[] => [
    {
      name: `while queued is posted (${fault})`,
      stuck: { path: status, nth: 1, do: fault },
      reach: (stage) => stage.arrived('POST', status),
    },
    {
      name: `while in_progress is posted (${fault})`,
      stuck: { path: status, nth: 2, do: fault },
      reach: (stage) => stage.arrived('POST', status, 2),
    },
    {
      name: `while success is posted (${fault})`,
      settings: { command: 'true' },
      stuck: { path: status, nth: 3, do: fault },
      reach: (stage) => stage.arrived('POST', status, 3),
      ends: { code: 0, states: ['queued', 'in_progress', 'success'] },
    },
  ]),
  { name: 'while the command runs', reach: (_stage, says) => says('at work') },
  {
    name: 'while it waits for its turn',
    settings: { when_busy: 'wait' },
    reach: (_stage, says) => says('waiting for'),
  },
  {
    name: 'while a fresh deployment settles',
    settings: { settle: '1m' },
    reach: (_stage, says) => says(': http'),
  },
];

const signals = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const;

const Signals = suite('a signal');

for (const state of states) {
  Signals(`ends a run truly ${state.name}`, async () => {
    await forEach(signals, 2, ([signal, code]) =>
      onStage(async (stage) => {
        const { name, settings = {}, stuck, ends } = state;
        if (settings.when_busy) {
          await leaveAlive(stage);
          stage.github.requests.length = 0;
        }
        const id = stage.adoptable('production', settings.settle ? 0 : minute);
        if (stuck) stage.github.fail({ method: 'POST', ...stuck });
        const adopting = { deployment_id: String(id), final_status: 'slipway' };
        const step = stage.start({ ...adopting, command: endless, ...settings });
        await state.reach(stage, step.says);
        const at = Date.now();
        step.kill(signal);
        const ended = await step.ended;
        const told = stage.states(id);
        const shown = `${name}, ${signal}: ${told}\n${ended.log}`;
        assert.ok(Date.now() - at < longestMs, `${shown}took ${Date.now() - at} ms`);
        assert.is(ended.code, ends?.code ?? code, shown);
        assert.is(told.filter(isTerminal).length, 1, shown);
        assert.is(told.at(-1), ends?.states.at(-1) ?? 'failure', shown);
      }),
    );
  });
}

const late = [50, 300, 900, 1500].flatMap((afterMs) => [
  { afterMs, nth: 1, report: 'github-deployment' },
  { afterMs, nth: 2, report: 'github-deployment' },
  { afterMs, nth: 2, report: 'github-status' },
]);

Signals('leaves the last word to the end, though an earlier status arrives after it', () =>
  forEach(late, 3, ({ afterMs, nth, report }) =>
    onStage(async (stage) => {
      const path = /\/statuses(?:\/c+)?$/;
      stage.github.fail({ method: 'POST', path, nth, do: { afterMs } });
      const step = stage.start({ report, command: 'sleep 30' });
      await stage.arrived('POST', path, nth);
      const at = Date.now();
      step.kill('SIGTERM');
      const { code, log } = await step.ended;
      const shown = `${report}, status ${nth} late by ${afterMs} ms: ${log}`;
      assert.is(code, 143, shown);
      assert.ok(Date.now() - at < longestMs, `${shown}took ${Date.now() - at} ms`);
      await pause(Math.max(0, at + afterMs + 300 - Date.now()));
      const deployment = stage.deployments()[0];
      const last = deployment
        ? stage.states(deployment.id).at(-1)
        : stage.github.commitStatuses(sha)[0]?.state;
      assert.is(last, report === 'github-status' ? 'error' : 'failure', shown);
    }),
  ),
);

const creations: readonly { readonly fault: Fault; readonly found: boolean }[] = [
  { fault: { afterMs: 700 }, found: true },
  { fault: 'hang-after', found: true },
  { fault: 'reset-after', found: true },
  { fault: { afterMs: 2500 }, found: true },
  { fault: { afterMs: 60_000 }, found: false },
];

Signals('leaves no deployment open that was being created, or says that there may be one', () =>
  forEach(creations, creations.length, ({ fault, found }) =>
    onStage(async (stage) => {
      stage.github.fail({ method: 'POST', path: /\/deployments$/, do: fault });
      const step = stage.start({ command: endless });
      await stage.arrived('POST', /\/deployments$/);
      const at = Date.now();
      step.kill('SIGTERM');
      const { code, log } = await step.ended;
      const shown = `${JSON.stringify(fault)}: ${log}`;
      assert.is(code, 143, shown);
      assert.ok(Date.now() - at < longestMs, `${shown}took ${Date.now() - at} ms`);
      assert.equal(
        stage.deployments().map(({ id }) => stage.states(id)),
        found ? [['failure']] : [],
        shown,
      );
      assert.is(/does not know whether there is one/.test(log), !found, shown);
    }),
  ),
);

Signals.run();
