import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leaveNote } from '../../../src/checkout/diversion/dv/remains.ts';
import { openManifest } from '../../../src/checkout/diversion/manifest.ts';
import { token } from '../stage.ts';
import { type Met, second, withProgram } from './program.ts';

const remains = suite('diversion: what a killed run has left of dv');

/** A run of its own process, in the middle of its clone. */
async function begin(met: Met, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const { scene, env, noted } = met;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fetch.ts'), scene.cwd], {
    env: { ...env, PLUGIN_DIVERSION_METHOD: 'dv', PLUGIN_DIVERSION_TOKEN: token, ...settings },
    stdio: 'ignore',
  });
  while (noted('agents').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return child;
}

/** Everything that has the name of a folder of ours, an hour later. */
function age(folder: string): void {
  for (const item of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (item.name === 'manifest') utimesSync(path, time / 1000 - 3600, time / 1000 - 3600);
  }
}

const folders = (met: Met): readonly string[] =>
  readdirSync(met.scene.cwd).filter((name) => name.startsWith('slipway-'));

for (const [where, path] of [
  ['a folder of its own', undefined],
  ['a folder that lasts', 'src'],
] as const) {
  remains(`is ended and removed by the next one: ${where}`, () =>
    withProgram({ clone: 'kill' }, async (met) => {
      const child = await begin(met, path ? { PLUGIN_DIVERSION_PATH: path } : {});
      child.kill('SIGKILL');
      await once(child, 'close');
      assert.is(met.workspaces().length, 1);
      met.plan({});
      age(met.scene.cwd);
      assert.equal(await met.fetch(path ? { diversion_path: path } : {}), second);
      assert.equal(met.workspaces(), []);
      assert.is(met.noted('deleted').length, 2);
      assert.equal(folders(met), []);
    }),
  );
}

remains('is left to a run that lives', () =>
  withProgram({ clone: 'kill' }, async (met) => {
    const child = await begin(met, {});
    met.plan({});
    age(met.scene.cwd);
    assert.equal(await met.fetch(), second);
    assert.is(met.workspaces().length, 1);
    assert.is(folders(met).length, 1);
    child.kill('SIGKILL');
    await once(child, 'close');
    await met.fetch();
    assert.equal(met.workspaces(), []);
  }),
);

remains('is left to a run that may just have begun', () =>
  withProgram({ clone: 'kill' }, async (met) => {
    const child = await begin(met, {});
    child.kill('SIGKILL');
    await once(child, 'close');
    met.plan({});
    await met.fetch();
    assert.is(folders(met).length, 1);
    age(met.scene.cwd);
    await met.fetch();
    assert.equal(met.workspaces(), []);
  }),
);

const theirs = 'dv.ws.11111111-2222-4333-8444-555555555555';
for (const [what, seal] of [
  ['another token', 'another-token'],
  ['another folder', token],
] as const) {
  remains(`is not believed where a repository has put it: sealed for ${what}`, () =>
    withProgram({}, async (met) => {
      const folder = join(met.scene.cwd, 'planted');
      const beside = join(folder, '.hello.slipway');
      mkdirSync(join(beside, 'parts/home/.diversion/ws'), { recursive: true });
      writeFileSync(join(beside, 'parts/home/.diversion/ws', theirs), '');
      openManifest(join(beside, 'manifest'), beside).close();
      leaveNote(beside, { mark: 'x', ids: [theirs] }, seal);
      const { cpSync, rmSync } = await import('node:fs');
      cpSync(folder, join(met.scene.cwd, 'slipway-tree-x'), { recursive: true });
      age(met.scene.cwd);
      assert.equal(await met.fetch(), second);
      assert.not(met.noted('deleted').includes(theirs));
      assert.equal(folders(met), ['slipway-tree-x']);
      rmSync(join(met.scene.cwd, 'slipway-tree-x'), { recursive: true });
    }),
  );
}

remains.run();
