import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readHead } from '../../src/verbs/head.ts';
import { drone, onStage, otherSha, sha } from './stage.ts';

const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@octo.example'];
const gitIn =
  (cwd: string) =>
  (...args: string[]): string =>
    execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' }).trim();

function inRepository(play: (folder: string, git: ReturnType<typeof gitIn>) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'head-'));
  const git = gitIn(folder);
  try {
    git('init', '-q', '-b', 'main');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    play(folder, git);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reading = suite('readHead');

reading('reads a branch, a detached head, and from a folder below', () =>
  inRepository((folder, git) => {
    const head = git('rev-parse', 'HEAD');
    assert.is(readHead(folder), head);
    git('checkout', '-q', '--detach');
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    assert.is(readHead(join(folder, 'a/b')), head);
  }),
);

reading('reads packed branches and linked worktrees', () =>
  inRepository((folder, git) => {
    const first = git('rev-parse', 'HEAD');
    git('branch', 'main-old');
    git('commit', '-q', '--allow-empty', '-m', 'second');
    git('pack-refs', '--all');
    assert.is(readHead(folder), git('rev-parse', 'HEAD'));
    git('worktree', 'add', '-q', join(folder, 'linked'), 'main-old');
    assert.is(readHead(join(folder, 'linked')), first);
  }),
);

reading('says nothing of what it cannot read', () =>
  inRepository((folder, git) => {
    git('checkout', '-q', '--orphan', 'unborn');
    assert.is(readHead(folder), undefined);
    writeFileSync(join(folder, '.git/HEAD'), 'ref: ../../etc/passwd');
    assert.is(readHead(folder), undefined);
    writeFileSync(join(folder, '.git/HEAD'), 'abc');
    assert.is(readHead(folder), undefined);
  }),
);

reading.run();

const adopting = suite('an adopted deployment and the checked-out tree');

const builds = [
  ['of another commit than the tree: refused', { head: sha, exit: 5 }],
  ['with checkout: none: the tree is not what is deployed', { head: sha, exit: 0, none: true }],
  ['over a merge that CI made: nobody can say', { head: 'e'.repeat(40), exit: 0 }],
  ['where CI checked out its commit', { head: otherSha, exit: 0 }],
  ['without a readable checkout', { head: undefined, exit: 0 }],
] as const;
for (const [name, { head, exit: expected, ...rest }] of builds) {
  adopting(name, () =>
    onStage(async ({ slipway, github, access, cwd }) => {
      const at = Date.now() - 60_000;
      const { id } = github.addDeployment({ ref: otherSha, environment: 'production', at });
      if (head) {
        mkdirSync(join(cwd, '.git'));
        writeFileSync(join(cwd, '.git/HEAD'), `${head}\n`);
      }
      const env = {
        ...drone,
        ...access,
        DRONE_DEPLOY_ID: String(id),
        PLUGIN_COMMAND: 'echo "of $DEPLOY_SHA"',
        ...('none' in rest ? { PLUGIN_CHECKOUT: 'none' } : {}),
      };
      const { out, exit } = await slipway(env);
      assert.is(exit, expected, out);
      if (expected === 0) assert.match(out, `of ${otherSha}`);
      else assert.match(out, /is for commit d+, and what is checked out here is c+: check out/);
      assert.match(out, new RegExp(`: deploy octo/shop deployment ${id} with command`));
      assert.not.match(out, /octo\/shop cccc/);
      const checked = await slipway(env, 'check');
      assert.is(checked.exit, expected === 5 ? 2 : 0, checked.out);
    }),
  );
}

adopting('is the commit where CI names none, and needs no git for it', () =>
  onStage(async ({ slipway, cwd }) => {
    mkdirSync(join(cwd, '.git'));
    writeFileSync(join(cwd, '.git/HEAD'), `${sha}\n`);
    const build = { JENKINS_URL: 'https://ci.example', JOB_NAME: 'shop', BUILD_NUMBER: '7' };
    const env = { ...build, PATH: '/bin', BRANCH_NAME: 'main', PLUGIN_REPORT: 'none' };
    const { out } = await slipway({ ...env, PLUGIN_COMMAND: 'echo "sha=[$DEPLOY_SHA]"' });
    assert.match(out, new RegExp(`sha=\\[${sha}\\]`));
  }),
);

adopting.run();
