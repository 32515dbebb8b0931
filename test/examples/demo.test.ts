import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** The demo runs dist/slipway.mjs, which test/run.ts builds because it is named here. */
const demo = suite('examples/demo.ts');
const examples = path.join(import.meta.dirname, '../../examples');

demo('keeps what it promises, and says so', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(examples, 'demo.ts')], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  });
  assert.is(status, 0, stdout + stderr);
  assert.is(stdout.match(/^ {2}yes {2}/gm)?.length, 9);
  assert.match(stdout, /^ {2}│ success after /m);
  assert.match(stdout, /^ {2}\d\d:\d\d:\d\d {2}success +Site 7fd1a60b is live$/m);
});

demo('shows a deploy to Convox, and one that is undone', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(examples, 'demo.ts'), 'convox'],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' } },
  );
  assert.is(status, 0, stdout + stderr);
  assert.is(stdout.match(/^ {2}yes {2}/gm)?.length, 9);
  assert.match(
    stdout,
    /failure .*rolled release RNEWBAAA back to release ROLD: web: CrashLoopBack/,
  );
});

demo("deploys a tree of Diversion's, too", () => {
  const at = [path.join(examples, 'demo.ts'), 'diversion'];
  const { status, stdout, stderr } = spawnSync(process.execPath, at, {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  });
  assert.is(status, 0, stdout + stderr);
  assert.is(stdout.match(/^ {2}yes {2}/gm)?.length, 10);
  assert.match(stdout, /the tree has 203 files .* 203 of them fetched/);
});

demo('deploys by Divio, too', () => {
  const at = [path.join(examples, 'demo.ts'), 'divio'];
  const { status, stdout, stderr } = spawnSync(process.execPath, at, {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  });
  assert.is(status, 0, stdout + stderr);
  assert.is(stdout.match(/^ {2}yes {2}/gm)?.length, 11);
  assert.not.match(stdout, 'a-key-that-no-log-may-show');
});

demo('deploys by a pipeline in Spinnaker, too', () => {
  const at = [path.join(examples, 'demo.ts'), 'spinnaker'];
  const { status, stdout, stderr } = spawnSync(process.execPath, at, {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  });
  assert.is(status, 0, stdout + stderr);
  assert.is(stdout.match(/^ {2}yes {2}/gm)?.length, 9);
  assert.match(stdout, "waits for somebody's judgment at https://spinnaker.example.com/#/applic");
  assert.not.match(stdout, 'a-key-that-no-log-may-show');
});

demo('is the picture in the README, but for times and ports', () => {
  const picture = readFileSync(path.join(examples, '../docs/run.svg'), 'utf8');
  assert.match(picture.replaceAll('\u00a0', ' '), 'What was promised');
  assert.is(picture.match(/>yes</g)?.length, 9);
});

demo('deploys with a script that replaces the whole folder', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'deploy-'));
  const site = path.join(folder, 'site');
  const run = (sha: string) =>
    spawnSync(path.join(examples, 'deploy.sh'), {
      encoding: 'utf8',
      env: {
        ...{ PATH: process.env.PATH, SITE_DIR: site, DEPLOY_ENVIRONMENT: 'staging' },
        ...{ DEPLOY_SHA: sha, SLIPWAY_OUTPUT: path.join(folder, 'output') },
      },
    });
  for (const sha of ['a', 'b']) assert.is(run(sha.repeat(40)).status, 0);
  assert.match(readFileSync(path.join(site, 'index.html'), 'utf8'), '<code>bbbbbbbb</code>');
  assert.equal(readdirSync(folder).sort(), ['output', 'site']);
  rmSync(folder, { recursive: true });
});

demo.run();
