import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diversion } from '../../../src/checkout/diversion.ts';
import { RemoteError, SettingsError } from '../../../src/errors.ts';
import type { Order } from '../../../src/order.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { inScene, token } from '../stage.ts';
import { onGround } from './ground.ts';
import { elsewhere, second, trees, withProgram } from './program.ts';

const program = suite('diversion: by the program dv');

program('has the tree, and has deleted its workspace before anything is deployed', () =>
  withProgram({}, async ({ fetch, noted, workspaces, scene, said }) => {
    assert.equal(await fetch(), second);
    assert.equal(scene.found, [{ repo: 'hello', commit: 'dv.commit.2', ref: 'main' }]);
    assert.is(noted('deleted').length, 1);
    assert.equal(workspaces(), []);
    assert.match(said(), /the tree of dv\.commit\.2 has 4 files, cloned by dv/);
    assert.match(said(), /1 link is left out/);
  }),
);

const wanted: readonly (readonly [Partial<Order>, string, string | undefined])[] = [
  [{ ref: 'side' }, 'dv.commit.1', 'side'],
  [{ commit: 'dv.commit.1' }, 'dv.commit.1', 'main'],
  [{ ref: 'v1' }, 'dv.commit.1', 'v1'],
];
for (const [changes, commit, ref] of wanted) {
  program(`checks out ${JSON.stringify(changes)}`, () =>
    withProgram({}, async ({ fetch, scene }) => {
      assert.equal(await fetch({}, changes), trees['dv.commit.1']);
      assert.equal(scene.found, [{ repo: 'hello', commit, ...(ref ? { ref } : {}) }]);
    }),
  );
}

program('stays at one commit while the branch moves on', () =>
  withProgram({ status: 'move' }, async ({ fetch, scene }) => {
    // It had moved before it was pinned, and moves no more.
    assert.equal(await fetch(), trees['dv.commit.3']);
    assert.is(scene.found[0]?.commit, 'dv.commit.3');
  }),
);

const failures: Readonly<Record<string, readonly [string, RegExp, 'credentials' | 'refused']>> = {
  authenticate: [
    'Error: invalid token',
    /dv authenticate failed \(exit 0\): Error: invalid token/,
    'credentials',
  ],
  clone: [
    'Failed to clone: quota',
    /dv clone failed \(exit 0\): Failed to clone: quota/,
    'refused',
  ],
  status: ['Error: sync failed', /dv status failed \(exit 0\): Error: sync failed/, 'refused'],
  checkout: ['exit 1', /dv checkout failed \(exit 1\)/, 'refused'],
  'workspace pause': [
    'No credentials found',
    /dv workspace pause failed \(exit 0\)/,
    'credentials',
  ],
};
for (const [command, [fault, says, kind]] of Object.entries(failures)) {
  program(`is not deceived by ${command} that fails`, () =>
    withProgram({ [command]: fault }, async ({ fetch, workspaces }) => {
      const error = (await rejectionOf(fetch())) as RemoteError;
      assert.instance(error, RemoteError);
      assert.match(error.message, says);
      assert.is(error.kind, kind);
      assert.equal(workspaces(), []);
    }),
  );
}

program('sees that it did not sign in, though nothing is said', () =>
  withProgram({ authenticate: 'quiet' }, async ({ fetch }) => {
    assert.match(
      (await rejectionOf(fetch())).message,
      /left no credentials: diversion_token is wrong/,
    );
  }),
);

program('shows no token that the program quotes', () =>
  withProgram({}, async ({ fetch }) => {
    const { message } = await rejectionOf(fetch({ diversion_token: 'another-token' }));
    assert.match(message, /Error: invalid token \*\*\*/);
  }),
);

program('deletes the workspace of a clone that was stopped half-way', () =>
  withProgram(
    { clone: 'kill' },
    async ({ open, scene, noted, workspaces }) => {
      const checkout = open();
      const fetching = rejectionOf(checkout.fetch(order, scene.fetching));
      while (noted('agents').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      scene.stop({ kind: 'signal', name: 'SIGTERM' });
      assert.match((await fetching).message, /dv clone was interrupted/);
      await checkout.release();
      assert.equal(workspaces(), []);
      assert.is(noted('deleted').length, 1);
    },
    1,
  ),
);

program('deploys nothing of a tree that vanished with its workspace', () =>
  withProgram({ 'workspace delete': 'wipe' }, async ({ fetch }) => {
    const { message } = await rejectionOf(fetch());
    assert.match(message, /dv changed the tree while its workspace was deleted/);
  }),
);

program('waits for no command that hangs', () =>
  withProgram({ version: 'hang', authenticate: 'hang' }, async ({ fetch }) => {
    assert.match((await rejectionOf(fetch())).message, /dv authenticate did not end within 60 s/);
  }),
);

program('names the workspace that it could not delete', () =>
  withProgram({ 'workspace delete': 'Error: try again' }, async ({ fetch, said }) => {
    // The API is not there either.
    const nowhere = 'http://127.0.0.1:9';
    await fetch({ diversion_api_url: nowhere, diversion_auth_url: nowhere });
    assert.match(
      said(),
      /workspace dv\.ws\.[0-9a-f-]{36} stays at Diversion .*: delete it with dv workspace delete/,
    );
  }),
);

program('deletes the workspace by the API where the program does not', () =>
  onGround({ files: {} }, ({ fake }) =>
    withProgram({ 'workspace delete': 'Error: try again' }, async ({ fetch, said }) => {
      await fetch({ diversion_api_url: fake.url, diversion_auth_url: fake.authUrl });
      assert.is(fake.deleted.size, 1);
      assert.not.match(said(), /stays at Diversion/);
    }),
  ),
);

program('fills a folder that lasts, and what comes next knows what is its own', () =>
  onGround({ files: { 'a.txt': 'rest' } }, ({ fake }) =>
    withProgram({}, async ({ fetch, scene }) => {
      const path = { diversion_path: 'src' };
      assert.equal(await fetch(path), second);
      assert.equal(await fetch(path, { ref: 'side' }), trees['dv.commit.1']);
      const rest = { diversion_api_url: fake.url, diversion_auth_url: fake.authUrl };
      const by = { ...path, ...rest, diversion_method: 'rest' };
      assert.equal(await fetch(by), { 'a.txt': 'rest' });
      assert.equal(readdirSync(scene.cwd).sort(), ['.src.slipway', 'README.md', 'src']);
    }),
  ),
);

program('checks the program and the token, and clones nothing', () =>
  withProgram({}, async ({ open, scene, noted }) => {
    const findings = await open().check(order, scene.fetching.signal);
    assert.equal(
      findings.map(({ ok }) => ok),
      [true, 'not provable'],
    );
    assert.match(findings[0]?.text ?? '', /^dv version 1\.6\.386 takes the token$/);
    assert.equal(
      noted('calls').map((call) => JSON.parse(call)[0]),
      ['version', 'authenticate'],
    );
    const wrong = await open({ diversion_token: 'wrong' }).check(order, scene.fetching.signal);
    assert.is(wrong[0]?.ok, false);
    assert.equal(scene.left(), []);
  }),
);

program('is named where it is not there', () =>
  inScene(async (scene) => {
    const settings = { diversion_method: 'dv', diversion_repo: 'a', diversion_token: token };
    const env = { PATH: '/nowhere', HOME: '/nowhere' };
    try {
      scene.open(settings, elsewhere, diversion, { env });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, SettingsError);
      assert.match(
        (error as Error).message,
        /DIVERSION_METHOD is dv, and there is no such program/,
      );
    }
  }),
);

program.run();
