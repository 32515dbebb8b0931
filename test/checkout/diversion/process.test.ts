import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeDiversion, fakeDiversion } from '../../support/diversion/fake-diversion.ts';
import { token } from '../stage.ts';
import { inFolder, treeOf } from './ground.ts';

const program = join(import.meta.dirname, 'fetch.ts');
const many = Object.fromEntries(
  Array.from({ length: 80 }, (_, at) => [`d${at % 7}/f${at}`, `file ${at}`]),
);

const envOf = ({ url, authUrl }: FakeDiversion, path = 'src'): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...{ PLUGIN_DIVERSION_TOKEN: token, PLUGIN_DIVERSION_PATH: path },
  ...{ PLUGIN_DIVERSION_API_URL: url, PLUGIN_DIVERSION_AUTH_URL: authUrl },
});

/** In a process of its own, which may be limited by the shell. */
async function fetchApart(cwd: string, env: NodeJS.ProcessEnv, limit = 'true') {
  const args = ['-c', `${limit}; exec "$@"`, 'sh', process.execPath, program, cwd];
  const child = spawn('/bin/sh', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const [status] = await once(child, 'close');
  return { status, said };
}

const apart = suite('diversion: in a process of its own');

apart('goes on where a killed one was, and ends with the very tree', () =>
  inFolder(async (cwd) => {
    const fake = await fakeDiversion({ token, files: many, latencyMs: 15, perPage: 20 });
    const fetched = (): number => fake.exchanges.filter((each) => each === 'storage').length;
    for (const goal of [10, 30]) {
      const child = spawn(process.execPath, [program, cwd], { env: envOf(fake), stdio: 'ignore' });
      while (fetched() < goal) await new Promise((resolve) => setTimeout(resolve, 2));
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const before = fetched();
    const { status, said } = await fetchApart(cwd, envOf(fake));
    assert.is(status, 0, said);
    assert.equal(treeOf(join(cwd, 'src')), many);
    assert.ok(fetched() - before <= 80 - 30 + 12, `${fetched() - before} were fetched again`);
    assert.equal(fake.complaints, []);
    await fake.close();
  }),
);

apart('tells a disk that is full from everything else', () =>
  inFolder(async (cwd) => {
    const files = { big: 'x'.repeat(500_000) };
    const fake = await fakeDiversion({ token, files });
    for (const [limit, says] of [
      ['ulimit -f 400', /CheckoutError: The tree cannot be written: the disk is full \(EFBIG\)/],
      [
        'ulimit -f 1',
        /CheckoutError: What is in .*src cannot be noted beside it .*is the disk full/,
      ],
    ] as const) {
      const { status, said } = await fetchApart(cwd, envOf(fake), limit);
      assert.is(status, 1);
      assert.match(said, says);
      assert.not.match(said, token);
    }
    // With room again.
    const { status } = await fetchApart(cwd, envOf(fake));
    assert.is(status, 0);
    assert.equal(treeOf(join(cwd, 'src')), files);
    await fake.close();
  }),
);

apart('takes no more memory for a large file than for a small one', () =>
  inFolder(async (cwd) => {
    const peaks: number[] = [];
    for (const times of [1, 256]) {
      const files = { large: { body: Buffer.alloc(1024 * 1024, 'x'), times } };
      const fake = await fakeDiversion({ token, files });
      // Fetched, and then there already.
      for (const _ of ['fetched', 'there']) {
        const { status, said } = await fetchApart(cwd, envOf(fake));
        assert.is(status, 0, said);
        peaks.push(JSON.parse(said).peakKiB / 1024);
      }
      await fake.close();
    }
    const [small = 0, , large = 0, there = 0] = peaks;
    for (const peak of [large, there]) {
      assert.ok(peak - small < 40, `${Math.round(peak - small)} MiB more than ${small} MiB`);
    }
  }),
);

apart.run();
