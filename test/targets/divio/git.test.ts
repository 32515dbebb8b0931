import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { historyOf } from '../../../src/targets/divio/git.ts';
import { onDivio, texts, verdictIs } from '../../support/divio/stage.ts';
import { order } from '../../support/job.ts';

const git = suite('divio: what a checkout tells');
const folder = mkdtempSync(path.join(tmpdir(), 'divio-git-'));
const env = { PATH: process.env.PATH };
const when = '2026-11-21T10:00:00Z';

const run = (...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: {
      ...env,
      ...{ GIT_AUTHOR_NAME: 'Mona', GIT_AUTHOR_EMAIL: 'm@example.com', GIT_AUTHOR_DATE: when },
      ...{ GIT_COMMITTER_NAME: 'Mona', GIT_COMMITTER_EMAIL: 'm@example.com' },
      ...{ GIT_COMMITTER_DATE: when, GIT_CONFIG_GLOBAL: '/dev/null' },
    },
  }).trim();
const make = (text: string): string => {
  run('commit', '--allow-empty', '-qm', text);
  return run('rev-parse', 'HEAD');
};
run('init', '-q', '-b', 'main');
const first = make('first');
const second = make('second');
run('checkout', '-q', '-b', 'other', first);
const aside = make('aside');
const unheard = 'f'.repeat(40);

git('is which commit contains which', async () => {
  const { contains } = historyOf(folder, env);
  assert.is(await contains(second, first), true);
  assert.is(await contains(second, second), true);
  assert.is(await contains(first, second), false);
  assert.is(await contains(aside, second), false);
});

git('is nothing of a commit that it does not have', async () => {
  const { contains, madeAt } = historyOf(folder, env);
  assert.is(await contains(unheard, first), undefined);
  assert.is(await contains(second, unheard), undefined);
  assert.is(await madeAt(unheard), undefined);
});

git('is when a commit was made', async () => {
  assert.is(await historyOf(folder, env).madeAt(second), Date.parse(when));
});

git('is nothing without a tree, a repository, or the program', async () => {
  for (const history of [
    historyOf(undefined, env),
    historyOf(tmpdir(), { ...env, GIT_CEILING_DIRECTORIES: '/' }),
    historyOf('/nowhere/at/all', env),
    historyOf(folder, { PATH: '/nowhere' }),
    historyOf(folder, {}),
  ]) {
    assert.is(await history.contains(second, first), undefined);
  }
});

git('is asked with commits, and with nothing that is none', async () => {
  const { contains, madeAt } = historyOf(folder, env);
  assert.is(await contains('--help', first), undefined);
  assert.is(await contains('main', first), undefined);
  assert.is(await madeAt('HEAD'), undefined);
});

git('starts no program of a relative path', async () => {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'git'), '#!/bin/sh\nexit 0\n');
  chmodSync(path.join(bin, 'git'), 0o755);
  assert.is(await historyOf(folder, { PATH: 'bin:.' }).contains(first, second), undefined);
});

const job = (commit: string) => ({ job: { tree: folder, order: { ...order, commit } }, env });
const untimed = { pull_delay: '0s' };

onDivio(git, 'takes a newer commit that contains ours for ours', {}, async ({ world, start }) => {
  world.pull(second);
  const process = start({ verify: 'require' }, job(first));
  verdictIs(await process.verdict, 'success', /with a newer commit that contains the ordered one$/);
  assert.is(world.deployments.length, 1);
  assert.is(process.recorded.results.get('deployed_commit'), second);
});

for (const [what, deployed, said] of [
  ['an older one', first, /^Divio deployed \w{7}, not \w{7}: webhook/],
  ['one of another branch', aside, /^Divio deployed \w{7}, not \w{7}:/],
  ['one that it does not have', unheard, /^Divio deployed f{7} \(maybe newer\), not/],
] as const) {
  onDivio(git, `takes ${what} for what it is`, {}, async ({ world, start }) => {
    world.pull(deployed);
    const process = start({ verify: 'require', verify_retries: '1' }, job(second));
    verdictIs(await process.verdict, 'failure', said);
    assert.is(world.deployments.length, 2);
  });
}

onDivio(git, 'keeps a queue from deploying what is there', {}, async ({ world, live, start }) => {
  world.pull(second);
  world.deploy(live, 'AUTO', { lasts: 20_000 });
  const process = start(untimed, job(first));
  verdictIs(await process.verdict, 'success', /newer commit/);
  assert.is(world.deployments.length, 1);
  assert.match(texts(process).join(), /nothing is left to deploy/);
});

git.after(() => rmSync(folder, { recursive: true }));
git.run();
