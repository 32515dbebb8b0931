/** What an operator does beside a server that runs: dist/slipway.mjs in a second process. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPostgres } from '../support/postgres.ts';
import { token } from './server.ts';
import { commit, onStage, type Stage } from './stage.ts';

const operating = suite('an operator');
const data = (stage: Stage, ...below: string[]): string =>
  path.join(stage.folder, 'data', ...below);

async function runOf(stage: Stage, deployment: string): Promise<string> {
  const { status, body } = await stage.ask('POST', '/v1/runs', { deployment, commit });
  assert.is(status, 202, JSON.stringify(body));
  return String(body.id);
}

async function logOf({ url }: Stage, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/v1/runs/${id}/log`, { headers })).text();
}

operating('backs a running server up, and starts from the copy', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await runOf(stage, 'by-webhook');
    await stage.until(id, 'SUCCESS');
    const made = stage.beside('backup', 'copy.db');
    assert.is(made.exit, 0, made.said);
    const copy = path.join(stage.folder, 'copy.db');
    assert.match(made.said, `${copy} holds the whole store: ${statSync(copy).size} bytes`);
    assert.is(statSync(copy).mode & 0o777, 0o600);
    const again = stage.beside('backup', 'copy.db');
    assert.is(again.exit, 2);
    assert.match(again.said, 'copy.db is there already: name a new file');
    assert.equal(
      readdirSync(stage.folder).filter((name) => name.endsWith('.part')),
      [],
    );
    // What a restore is: the server stopped, its folder without the store, the copy in its place.
    await stage.kill('SIGKILL');
    rmSync(data(stage), { recursive: true });
    mkdirSync(data(stage));
    renameSync(copy, data(stage, 'slipway.db'));
    await stage.start();
    assert.is((await stage.until(id, 'SUCCESS')).id, id);
  }),
);

operating('is told why there is no backup', () =>
  onStage(async (stage) => {
    for (const [argv, message] of [
      [[], 'backup needs the name of a new file'],
      [['a.db', 'b.db'], 'b.db is one word too many'],
      [['a.db'], 'slipway.db is not there: set data_dir as the server has it'],
      [['a.db', '--listen', '9'], '--listen is a flag of serve'],
    ] as const) {
      const { exit, said } = stage.beside('backup', ...argv);
      assert.is(exit, 2, said);
      assert.match(said, message);
    }
    await stage.start();
    const { exit, said } = stage.beside('backup', 'no/such/folder.db');
    assert.is(exit, 2);
    assert.match(said, /no\/such\/folder\.db cannot be written \(ENOENT\)/);
  }),
);

operating('is told in a line of a place that cannot be had', () =>
  onStage(async (stage) => {
    await stage.start();
    const busy = stage.beside('serve', '--listen', new URL(stage.url).host);
    assert.is(busy.exit, 2, busy.said);
    assert.match(busy.said, /SLIPWAY_LISTEN is "127[^ ]+, where nobody can listen: .*EADDRINUSE/);
    const file = path.join(stage.folder, 'file');
    writeFileSync(file, '');
    const lost = stage.beside('serve', '--listen', '127.0.0.1:0', '--data-dir', file);
    assert.is(lost.exit, 2, lost.said);
    assert.match(lost.said, /^data_dir .*\/file cannot be made/m);
    // It waits ten seconds, because the one before may just be ending.
    const second = stage.beside('serve', '--listen', '127.0.0.1:0');
    assert.is(second.exit, 2, second.said);
    assert.match(second.said, /^another process uses data_dir/m);
  }),
);

operating('finds what runs need for a while below data_dir, and nothing of a killed one', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await runOf(stage, 'by-command');
    await stage.until(id, 'IN_PROGRESS');
    // Once the command has said something, it is known to have begun.
    while (!(await logOf(stage, id)).includes('at work')) await pause(50);
    await stage.kill('SIGKILL');
    assert.is(readdirSync(data(stage, 'tmp')).length, 1);
    await stage.start();
    await stage.until(id, 'ERROR');
    assert.ok(existsSync(data(stage, 'tmp')));
    assert.equal(readdirSync(data(stage, 'tmp')), []);
  }),
);

operating('finds a server that waits for its database, and answers 503 meanwhile', async () => {
  const postgres = await startPostgres();
  try {
    const env = { DATABASE_URL: postgres.database() };
    await postgres.kill();
    await onStage(
      async (stage) => {
        await stage.start('/healthz');
        const refused = await stage.ask('POST', '/v1/runs', { deployment: 'by-webhook', commit });
        assert.equal([refused.status, refused.body.error], [503, 'unavailable']);
        while (!stage.log().includes('does not serve')) await pause(50);
        await postgres.start();
        await stage.until(await runWhenOpen(stage), 'SUCCESS');
        await postgres.kill();
        await stage.kill('SIGKILL');
        await stage.start('/healthz');
        assert.is(await stage.kill('SIGTERM'), 0, 'told to end, it does not wait');
      },
      {},
      { env },
    );
  } finally {
    await postgres.end();
  }
});

async function runWhenOpen(stage: Stage): Promise<string> {
  while ((await stage.ask('GET', '/readyz')).status !== 200) await pause(50);
  return runOf(stage, 'by-webhook');
}

operating.run();
