import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import type { Forge } from '../../src/forges/forge.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import type { RunDeps } from '../../src/run/session.ts';
import { onStage, targetOf } from './stage.ts';

/** Takes every request, and answers none until `back` is called. */
function silent(required: boolean) {
  let isBack = false;
  const said: string[] = [];
  const answer = <T>(signal: AbortSignal, result: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const give = (): void => reject(new RemoteError('no answer', { kind: 'unavailable' }));
      if (isBack) resolve(result());
      else if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    });
  const forge: Forge = {
    ahead: () => 0,
    look: (signal) => answer(signal, () => ({ adopted: undefined, others: [] })),
    open: (_, signal) => answer(signal, () => opened),
    reread: (signal) => answer(signal, () => opened),
    survey: (_, signal) => answer(signal, () => []),
    close: (_, __, signal) => answer(signal, () => {}),
  };
  const reporter: Reporter = {
    ...{ id: 'silent', required, forge, check: async () => [] },
    post: ({ state }, signal) =>
      answer(signal, () => {
        said.push(state);
        return 'posted';
      }),
  };
  return {
    reporter,
    said,
    back(): void {
      isBack = true;
    },
  };
}

const opened = {
  ...{ id: '1', repo: 'octo/shop', environment: 'production', sha: '', task: 'deploy' },
  ...{ description: '', payload: {}, createdAt: 0, statuses: [], url: undefined },
  owner: undefined,
};

const seconds = 1000;

/** When the deploy began and when the run ended, in ms from its start; the deploy takes so long. */
async function play(
  { reporter, back }: ReturnType<typeof silent>,
  deps: Partial<RunDeps> = {},
  deployMs = 0,
) {
  const times = { begun: 0, ended: 0, exit: -1, lost: [] as readonly string[] };
  await onStage(async (stage) => {
    const target = targetOf(async () => {
      times.begun = stage.clock.now();
      await stage.clock.pause(deployMs / 2);
      if (deployMs > 0) back();
      await stage.clock.pause(deployMs / 2);
      return { outcome: 'success', description: '' };
    });
    const ended = await stage.go({}, { target, ...deps, reporters: [reporter] });
    const { startedAt, endedAt, exit, lost } = ended;
    times.begun -= startedAt;
    Object.assign(times, { ended: endedAt - startedAt, exit, lost });
  });
  return times;
}

const Deaf = suite('run: an audience that never answers');

Deaf('and that nobody requires adds its own time-out, and nothing else', async () => {
  for (const [httpTimeoutMs, begun, all] of [
    [5 * seconds, 2.5 * seconds, 5 * seconds],
    [10 * seconds, 7.5 * seconds, 10 * seconds],
    [60 * seconds, 10 * seconds, 15 * seconds],
  ] as const) {
    const times = await play(silent(false), { httpTimeoutMs });
    const wanted = { begun, ended: all, exit: 0, lost: ['silent'] };
    assert.equal(times, wanted, `${httpTimeoutMs}`);
  }
});

Deaf('and that has to hear keeps a run waiting for one look, and at the end', async () => {
  const times = await play(silent(true));
  assert.equal(times, { begun: 40 * seconds, ended: 100 * seconds, exit: 3, lost: ['silent'] });
});

Deaf('until it comes back hears what is said then, and the end at once', async () => {
  for (const required of [true, false]) {
    const audience = silent(required);
    const times = await play(audience, {}, 60 * seconds);
    const begun = (required ? 40 : 10) * seconds;
    assert.equal(times, { begun, ended: begun + 60 * seconds, exit: 0, lost: [] });
    assert.is(audience.said.at(-1), 'success');
  }
});

Deaf.run();
