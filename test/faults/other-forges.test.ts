import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forgeCases, onForgeStage } from './forge-cases.ts';
import { minute } from './stage.ts';

for (const [id, one] of Object.entries(forgeCases)) {
  const telling = suite(`a whole run that tells ${id}`);

  telling('says from begin to end how a deploy goes', () =>
    onForgeStage(one, async ({ forge, step }) => {
      const { code, log } = await step({ command: 'echo hello', run_key: 'build-1' }).ended;
      assert.is(code, 0, log);
      assert.match(log, `reports to ${id} (${id.replace('-', '_')}_token is set)`);
      assert.is(forge.taken.at(-1)?.state, one.done);
    }),
  );

  telling('says that a deploy failed', () =>
    onForgeStage(one, async ({ forge, step }) => {
      const { code } = await step({ command: 'exit 3', run_key: 'build-1' }).ended;
      assert.is(code, 1);
      assert.match(forge.taken.at(-1)?.state ?? '', /^fail/i);
    }),
  );

  telling('says that a run was stopped', () =>
    onForgeStage(one, async ({ step, shows }) => {
      const running = step({ command: 'echo begun; sleep 60', run_key: 'build-1' });
      await running.says('begun');
      await shows(one.begun);
      running.kill('SIGTERM');
      const { code, log } = await running.ended;
      assert.is(code, 143, log);
      await shows(one.cancelled);
    }),
  );

  telling('is swept by reap after kill -9', () =>
    onForgeStage(one, async ({ step, shows, forge, advance }) => {
      const running = step({ command: 'sleep 60', run_key: 'build-1', timeout: '1m' });
      await shows(one.begun);
      running.kill('SIGKILL');
      await running.ended;
      advance(30 * minute);
      const { code, log } = await step({ command: undefined }, ['reap']).ended;
      assert.is(code, 0, log);
      assert.is(forge.taken.at(-1)?.state, one.failed, log);
    }),
  );

  telling.run();
}
