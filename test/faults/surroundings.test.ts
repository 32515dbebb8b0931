/** Clocks, disks, neighbours and people round dist/slipway.mjs. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fullDevice } from '../outputs/full-device.ts';
import { type Env, endByMona, forEach, isTerminal, minute, onStage, type Stage } from './stage.ts';

const Clock = suite('a clock that is wrong');

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

Clock('does not keep a GitHub App from its token', () =>
  forEach([-180, -15, 0, 15, 180], 5, (minutes) =>
    onStage(
      async (stage) => {
        stage.github.clockSkewMs = minutes * minute;
        const { code, log } = await stage.run({
          github_token: undefined,
          github_app_id: '77',
          github_app_private_key: pem,
        });
        const shown = `${minutes} min:\n${log}`;
        assert.is(code, 0, shown);
        const [only] = stage.deployments();
        assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'success'], shown);
        // Two refused signatures at most: one for the installation, and none once the clock is known.
        assert.ok(stage.github.requests.filter(({ status }) => status === 401).length < 3, shown);
      },
      { app: { id: 77, publicKeyPem, installationId: 7 } },
    ),
  ),
);

const Disk = suite('a disk that does not take it');

/** One run whose outputs cannot be written: the deploy stands, and the loss is said. */
async function unwritable(stage: Stage, file: string, reason: RegExp): Promise<void> {
  const { code, log } = await stage.run(
    { output_file: file },
    { env: { DRONE_OUTPUT: `${file}.env` } },
  );
  assert.is(code, 0, log);
  assert.match(log, reason);
  assert.match(log, /success after/);
  const [only] = stage.deployments();
  assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'success']);
}

Disk('because it is full', () =>
  onStage(async (stage) => {
    const device = fullDevice(stage.folder);
    await unwritable(stage, device, /output_file was not written to .*the disk is full \(ENOSPC\)/);
    assert.ok(statSync(device).isCharacterDevice());
  }),
);

Disk('because there is no such folder', () =>
  onStage(async (stage) => {
    const file = path.join(stage.folder, 'none', 'out');
    await unwritable(stage, file, /output_file was not written to .*its folder does not exist/);
    assert.equal(readdirSync(stage.folder), ['ran']);
  }),
);

Disk('because the workspace is read-only, which keeps no command from running', () =>
  onStage(async (stage) => {
    chmodSync(stage.folder, 0o555);
    const { code, log } = await stage.run(
      { command: 'echo "value=$(id -u)" >> "$SLIPWAY_OUTPUT"; echo ran', output_file: 'out.env' },
      { uid: 65534, env: { TMPDIR: stage.folder } },
    );
    chmodSync(stage.folder, 0o755);
    assert.is(code, 0, log);
    assert.match(log, /^ran$/m);
    assert.match(log, /output_file was not written to .*permission denied/);
    assert.equal(readdirSync(stage.folder), []);
    const [only] = stage.deployments();
    assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'success']);
  }),
);

const Neighbours = suite('two runs of one environment at once');

const build = (number: number, secondsAgo: number) => ({
  env: {
    DRONE_BUILD_NUMBER: String(number),
    DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - secondsAgo),
  },
});

Neighbours('of two builds: the newer one wins, the older one overrules its closure', () =>
  onStage(async (stage) => {
    const older = stage.start(
      { command: 'echo at work; while [ ! -e go ]; do sleep 0.1; done' },
      build(6, 60),
    );
    await older.says('at work');
    const newer = await stage.run({ command: ': > go; sleep 0.1' }, build(7, 5));
    assert.is(newer.code, 0, newer.log);
    assert.match(newer.log, /another run may be deploying right now/);
    const first = await older.ended;
    assert.is(first.code, 0, first.log);
    const told = stage.deployments().map(({ id }) => stage.states(id));
    assert.is(told.length, 2);
    for (const states of told) assert.is(states.at(-1), 'success', `${told}`);
    const late = await stage.run({ command: 'echo late > late' }, build(6, 60));
    assert.is(late.code, 5, late.log);
    assert.is(stage.left('late'), '');
  }),
);

Neighbours('of one build and key: one deployment, however they interleave', () =>
  forEach([0, 40, 120, 300], 4, (delay) =>
    onStage(
      async (stage) => {
        const command = 'echo at work; sleep 0.5';
        const one = stage.start({ command });
        await new Promise((resolve) => setTimeout(resolve, delay));
        const two = stage.start({ command });
        const [first, second] = [await one.ended, await two.ended];
        const shown = `${delay} ms\n${first.log}\n${second.log}`;
        assert.is(first.code, 0, shown);
        assert.is(second.code, 0, shown);
        const all = stage.deployments().map(({ id }) => stage.states(id));
        assert.is(all.filter((states) => !isTerminal(states.at(-1))).length, 0, shown);
        assert.is(all.filter((states) => states.at(-1) === 'success').length, 1, shown);
      },
      { latencyMs: 20 },
    ),
  ),
);

const Person = suite('a person who ends the deployment while it runs');

const moments: readonly { nth: number; settings: Env; states: readonly string[] }[] = [
  { nth: 1, settings: { settle: '4s' }, states: ['inactive', 'queued', 'failure'] },
  { nth: 2, settings: {}, states: ['queued', 'inactive', 'in_progress', 'failure'] },
];

Person('is obeyed also where our own next word came on top of theirs', () =>
  forEach(moments, moments.length, ({ nth, settings, states }) =>
    onStage(async (stage) => {
      const id = stage.adoptable('production', settings.settle ? 0 : minute);
      const meanwhile = (): void => endByMona(stage, id);
      stage.github.fail({ method: 'POST', path: /\/statuses$/, nth, meanwhile });
      const adopting = { deployment_id: String(id), final_status: 'slipway' };
      const { code, log } = await stage.run({ ...adopting, command: 'sleep 60', ...settings });
      assert.is(code, 130, log);
      assert.match(log, /Somebody ended deployment \d+ as inactive: not today/);
      assert.equal(stage.states(id), states, log);
    }),
  ),
);

Clock.run();
Disk.run();
Neighbours.run();
Person.run();
