import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundling } from '../build.ts';

const root = path.join(import.meta.dirname, '..');
const plain = { PATH: '/usr/bin:/bin' };

/** Runs dist/slipway.mjs alone in an empty folder, as the image does. */
function alone(args: string[], env: Record<string, string> = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-alone-'));
  copyFileSync(path.join(root, 'dist/slipway.mjs'), path.join(dir, 'slipway.mjs'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['slipway.mjs', ...args], {
    cwd: dir,
    env: { ...plain, ...env },
    encoding: 'utf8',
  });
  rmSync(dir, { recursive: true });
  return { status, said: stdout + stderr };
}

const bundled = suite('dist/slipway.mjs');

bundled('prints its version, alone in an empty folder', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.equal(alone(['--version']), { status: 0, said: `${version}\n` });
});

bundled('brings its help along', () => {
  const { status, said } = alone(['help']);
  assert.is(status, 0);
  assert.match(said, 'deploy');
});

bundled('deploys by a command', () => {
  const run = alone([], {
    PLUGIN_COMMAND: 'echo deployed',
    PLUGIN_ENVIRONMENT: 'test',
    PLUGIN_REPO: 'octo/hello',
    PLUGIN_COMMIT: 'a'.repeat(40),
  });
  assert.match(run.said, 'deployed');
  assert.is(run.status, 0);
});

bundled('keeps the words of every package that it contains', () => {
  const words = readFileSync(path.join(root, 'dist/LICENSES.txt'), 'utf8');
  for (const name of ['got', 'pino', 'yargs', '@sindresorhus/is']) {
    assert.match(words, new RegExp(`^${name} \\d`, 'm'));
  }
});

bundled('loads neither undici nor TLS to say its version', () => {
  const listed = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `process.argv[2] = '--version';
       await import(${JSON.stringify(path.join(root, 'dist/slipway.mjs'))});
       process.stderr.write(process.moduleLoadList.join('\\n'));`,
    ],
    { env: plain, encoding: 'utf8' },
  );
  const loaded = listed.stderr.split('\n');
  assert.ok(loaded.includes('NativeModule events'));
  const heavy = ['internal/deps/undici/undici', 'https', '_tls_wrap', 'http2', 'internal/tls/wrap'];
  assert.equal(
    heavy.filter((name) => loaded.includes(`NativeModule ${name}`)),
    [],
  );
});

bundled.run();

const client = suite('the client as it is bundled');

// What build/ leaves out must not be missed: the client's own tests, bundled by the same rules.
for (const file of readdirSync(path.join(root, 'test/http')).filter(isTest)) {
  client(`passes test/http/${file}`, async () => {
    const out = path.join(root, 'test/http', file.replace('.test.ts', '.bundled.mjs'));
    try {
      await build({
        ...bundling,
        entryPoints: [`test/http/${file}`],
        outfile: out,
        format: 'esm',
        external: ['uvu', 'uvu/assert'],
        metafile: true,
      });
      const { status, stdout, stderr } = spawnSync(process.execPath, [out], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.is(status, 0, stdout + stderr);
      const [, total] = /^ {2}Total: +(\d+)$/m.exec(stdout) ?? [];
      const [, passed] = /^ {2}Passed: +(\d+)$/m.exec(stdout) ?? [];
      assert.ok(Number(total) > 0);
      assert.is(passed, total);
    } finally {
      rmSync(out, { force: true });
    }
  });
}

client.run();

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}
