import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const manifest = parse(readFileSync(join(repository, 'plugin.yml'), 'utf8'), { version: '1.1' });

const declaring = suite('plugin.yml');
declaring('runs a script of this repository, and nothing else', () => {
  assert.equal(manifest.run, { bash: { path: 'bin/plugin.sh' } });
  assert.ok(existsSync(join(repository, manifest.run.bash.path)));
});
declaring('has no other keys than the runner and the docs know', () => {
  assert.equal(Object.keys(manifest), ['run', 'settings']);
});
declaring('describes settings in one form', () => {
  assert.ok(manifest.settings.length > 40);
  for (const { name, type, required, secret, description, ...rest } of manifest.settings) {
    assert.match(name, /^[a-z0-9_]+$/);
    assert.equal(
      [type, required, secret, description].map((item) => typeof item),
      ['string', 'boolean', 'boolean', 'string'],
    );
    assert.ok(
      Object.keys(rest).every((key) => key === 'default'),
      name,
    );
  }
});
declaring.run();

/** Stands for the bundle: says what reached it. */
const bundle = `
import { writeFileSync } from 'node:fs';
const { argv, env, execArgv } = process;
console.log(JSON.stringify({ args: argv.slice(2), cwd: process.cwd(), major: process.versions.node.split('.')[0], env, execArgv }));
if (env.PLUGIN_WAIT) {
  process.on('SIGTERM', () => process.exit(143));
  setTimeout(() => process.exit(1), 10_000);
  console.log('waiting');
} else process.exitCode = Number(env.PLUGIN_EXIT ?? 0);
`;
const build = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'x');
mkdirSync('dist', { recursive: true });
writeFileSync('dist/slipway.mjs', readFileSync('bundle.mjs'));
`;
const lock = {
  name: 'slipway',
  version: '0.0.0',
  lockfileVersion: 3,
  packages: { '': { name: 'slipway', version: '0.0.0' } },
};

type Clone = { readonly root: string; readonly workspace: string; readonly script: string };

/** A clone of this repository as the runner makes it, with a bundle that is built in no time. */
function withClone(
  built: boolean,
  use: (clone: Clone) => void | Promise<void>,
): () => Promise<void> {
  return async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway plugin ')));
    try {
      const root = join(folder, 'clone');
      const workspace = join(folder, 'workspace');
      for (const path of [join(root, 'bin'), join(root, 'dist'), workspace]) {
        mkdirSync(path, { recursive: true });
      }
      const script = join(root, manifest.run.bash.path);
      copyFileSync(join(repository, manifest.run.bash.path), script);
      chmodSync(script, 0o644);
      const scripts = { build: 'node build.mjs' };
      const files = {
        'package.json': JSON.stringify({
          name: 'slipway',
          version: '0.0.0',
          private: true,
          scripts,
        }),
        'package-lock.json': JSON.stringify(lock),
        'build.mjs': build,
        'bundle.mjs': bundle,
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
      if (built) writeFileSync(join(root, 'dist/slipway.mjs'), bundle);
      await use({ root, workspace, script });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** A PATH of our own: the tools of the script, this Node, and npm where it is wanted. */
function pathOf({ root }: Clone, tools: Readonly<Record<string, string>>): string {
  const folder = join(dirname(root), `tools-${Object.keys(tools).join('-')}`);
  mkdirSync(folder, { recursive: true });
  for (const tool of ['dirname', 'env', 'sed', 'mkdir', 'rmdir', 'sleep', 'sh']) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(folder, tool));
  }
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}
const thisNode = `exec '${process.execPath}' "$@"`;
const oldNode = 'case "$1" in -p) echo 20 ;; *) echo v20.1.0 ;; esac';
const npmOf = (): string => {
  const { stdout } = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' });
  return `exec '${process.execPath}' '${realpathSync(stdout.trim())}' "$@"`;
};

const shells = ['bash', 'sh'] as const;
const run = (clone: Clone, shell: string, env: Record<string, string>, args: string[] = []) =>
  spawnSync(`/bin/${shell}`, [clone.script, ...args], {
    cwd: clone.workspace,
    env: { HOME: clone.workspace, ...env },
    encoding: 'utf8',
  });
const seenBy = (stdout: string) =>
  JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '');

const starting = suite('bin/plugin.sh');
for (const shell of shells) {
  starting(
    `${shell}: starts the bundle in the workspace, and ends as it ends`,
    withClone(true, (clone) => {
      const PATH = pathOf(clone, { node: thisNode });
      const { stdout, status, stderr } = run(clone, shell, { PATH, PLUGIN_EXIT: '5' }, [
        'check',
        'a b',
      ]);
      assert.is(status, 5, stderr);
      const seen = seenBy(stdout);
      assert.equal([seen.args, seen.cwd], [['check', 'a b'], clone.workspace]);
      assert.is(seen.env.PLUGIN_EXIT, '5');
    }),
  );
  starting(
    `${shell}: lets no variable choose code or trust`,
    withClone(true, (clone) => {
      const PATH = pathOf(clone, { node: thisNode });
      const hostile = {
        NODE_OPTIONS: '--require /nowhere/evil.cjs',
        NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        SSL_CERT_FILE: '/nowhere/ca.pem',
        npm_config_registry: 'https://evil.example.com',
        NPM_CONFIG_NODE_OPTIONS: '--require /nowhere/evil.cjs',
        CLONE_CACHE_PATH: '/nowhere',
      };
      const { stdout, status, stderr } = run(clone, shell, {
        PATH,
        PLUGIN_REPO: 'o/r',
        ...hostile,
      });
      assert.is(status, 0, stderr);
      const { env } = seenBy(stdout);
      assert.is(env.PLUGIN_REPO, 'o/r');
      for (const name of Object.keys(hostile)) {
        if (name !== 'CLONE_CACHE_PATH') assert.is(env[name], undefined, name);
      }
    }),
  );
}
starting(
  'hands a signal to the bundle',
  withClone(true, async (clone) => {
    const PATH = pathOf(clone, { node: thisNode });
    const child = spawn('/bin/sh', [clone.script], {
      cwd: clone.workspace,
      env: { PATH, PLUGIN_WAIT: '1' },
    });
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('waiting')) child.kill('SIGTERM');
    });
    const [code] = await once(child, 'exit');
    assert.is(code, 143);
  }),
);
starting(
  'builds a bundle that is missing, once for two steps at a time',
  withClone(false, async (clone) => {
    const PATH = pathOf(clone, { node: thisNode, npm: npmOf() });
    const steps = [1, 2].map(async () => {
      const child = spawn('/bin/sh', [clone.script, 'version'], {
        cwd: clone.workspace,
        env: { PATH, HOME: clone.workspace },
      });
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
      });
      child.stderr.on('data', (chunk) => {
        output += chunk;
      });
      const [code] = await once(child, 'close');
      assert.is(code, 0, output);
      assert.equal(seenBy(output).args, ['version']);
    });
    await Promise.all(steps);
    assert.is(readFileSync(join(clone.root, 'builds'), 'utf8'), 'x');
    assert.not.ok(existsSync(join(clone.root, '.slipway-build')));
    assert.equal(existsSync(join(clone.workspace, 'node_modules')), false);
  }),
);
starting(
  'uses the Node of the clone where that of the machine is too old',
  withClone(true, (clone) => {
    const own = join(clone.root, 'node_modules/.bin');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'node'), `#!/bin/sh\n${thisNode}\n`, { mode: 0o755 });
    const { stdout, status } = run(clone, 'sh', { PATH: pathOf(clone, { node: oldNode }) });
    assert.is(status, 0);
    assert.is(seenBy(stdout).major, process.versions.node.split('.')[0]);
  }),
);
starting(
  'says what is missing: npm, Node, the network',
  withClone(false, (clone) => {
    const none = run(clone, 'sh', { PATH: pathOf(clone, { node: thisNode }) });
    assert.is(none.status, 70);
    assert.match(none.stderr, 'npm was not found. Install Node.js 24 with npm on this runner');
    const failing = run(clone, 'sh', { PATH: pathOf(clone, { node: thisNode, npm: 'exit 1' }) });
    assert.is(failing.status, 70);
    assert.match(failing.stderr, 'A runner without a network needs dist/slipway.mjs');
    writeFileSync(join(clone.root, 'dist/slipway.mjs'), bundle);
    const old = run(clone, 'sh', { PATH: pathOf(clone, { npm: 'exit 0', node: oldNode }) });
    assert.is(old.status, 70);
    assert.match(old.stderr, 'Slipway needs Node.js 24 or newer: v20.1.0 was found');
    assert.not.ok(existsSync(join(clone.root, '.slipway-build')));
  }),
);
starting.run();
