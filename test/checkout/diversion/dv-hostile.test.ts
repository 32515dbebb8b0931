import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError, SettingsError } from '../../../src/errors.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { second, withProgram } from './program.ts';

/** Of somebody who owns the token, with work in it that is nowhere else. */
const theirs = 'dv.ws.11111111-2222-3333-4444-555555555555';

const hostile = suite('diversion: a program dv that is not to be believed');

const namings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'when it clones': { clone: `sh echo "You have other workspaces: ${theirs}"` },
  'in a hint of its status': { status: `sh echo "${theirs} is on main, too"` },
  'in a file of the tree': { clone: `sh echo ${theirs} > $CLONE/.diversion/notes` },
};
for (const [when, faults] of Object.entries(namings)) {
  hostile(`deletes no workspace that is named ${when} and is not its own`, () =>
    withProgram(faults, async ({ fetch, noted, workspaces }) => {
      assert.equal(Object.keys(await fetch()).sort(), Object.keys(second).sort());
      assert.is(noted('deleted').length, 1);
      assert.not.equal(noted('deleted'), [theirs]);
      assert.equal(workspaces(), []);
    }),
  );
}

hostile('deletes none where a clone that failed names others, and says so', () =>
  withProgram({ clone: `Error: too many workspaces, such as ${theirs}` }, async (met) => {
    const { fetch, noted, said } = met;
    assert.match((await rejectionOf(fetch())).message, /too many workspaces/);
    assert.equal(noted('deleted'), []);
    assert.match(said(), /may have left a workspace at Diversion, and does not say which: look/);
  }),
);

hostile(
  'deletes none of several that a clone which was stopped may have made, and names them',
  () =>
    withProgram({ clone: 'kill' }, async ({ open, scene, noted, said }) => {
      const checkout = open();
      const fetching = rejectionOf(checkout.fetch(order, scene.fetching));
      while (noted('agents').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const { readdirSync, writeFileSync } = await import('node:fs');
      const [own = ''] = readdirSync(scene.cwd).filter((name) => name.startsWith('slipway-tree-'));
      const parts = join(scene.cwd, own, '.hello.slipway/parts');
      writeFileSync(join(parts, 'clone/.diversion/notes'), theirs);
      scene.stop({ kind: 'signal', name: 'SIGTERM' });
      await fetching;
      await checkout.release();
      assert.equal(noted('deleted'), []);
      assert.match(said(), new RegExp(`it may be any of .*${theirs}.*: look there`));
    }),
);

const failures: Readonly<Record<string, readonly [string, RegExp]>> = {
  'in colours': [`sh printf '\\033[31mError: quota\\033[0m\\n'`, /: Error: quota$/],
  'after a bar': [`sh printf '10%%\\r99%%\\rError: disk\\n'`, /\(exit 0\): Error: disk$/],
  'after much else': [
    `sh head -c 2000000 /dev/zero | tr '\\0' x; echo; echo 'Error: sync failed'`,
    /: Error: sync failed$/,
  ],
};
for (const [how, [fault, says]] of Object.entries(failures)) {
  hostile(`sees an error that is said ${how}`, () =>
    withProgram({ clone: fault }, async ({ fetch }) => {
      const error = await rejectionOf(fetch());
      assert.instance(error, RemoteError);
      assert.match(error.message, says);
    }),
  );
}

hostile('shows nothing of what it lets itself in with', () => {
  const link = 'Get "https://s3.example/o?X-Amz-Signature=5ecre7": EOF';
  const access = 'Bearer 5ecre7-0123456789 or eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.5ecre7';
  const keeps = 'sh echo kept-5ecre7-0123456789 > $HOME/.diversion/credentials/Google_1';
  const quotes = 'sh echo Error: session $(cat $HOME/.diversion/credentials/*) is over';
  return withProgram({ clone: `Error: ${link} ${access}` }, async ({ fetch }) => {
    const { message } = await rejectionOf(fetch());
    assert.match(message, 'Error: Get "https://s3.example/o?***": EOF Bearer *** or ***');
    await withProgram({ authenticate: keeps, clone: quotes }, async (other) => {
      assert.match((await rejectionOf(other.fetch())).message, /Error: session \*\*\* is over/);
    });
  });
});

hostile('ends one that asks for ever', () =>
  withProgram({ authenticate: "sh yes 'Are you sure?'" }, async ({ fetch }) => {
    const { message } = await rejectionOf(fetch());
    assert.match(message, /dv authenticate went on talking without end: it may have asked/);
  }),
);

const agents: Readonly<Record<string, string>> = {
  'has a clean environment': 'env -i HOME=$HOME sleep 600',
  'stands in its home with none': 'cd $HOME; exec env -i A=1 sleep 600',
  'heeds no TERM': `trap '' TERM; sleep 600`,
};
for (const [what, script] of Object.entries(agents)) {
  hostile(`ends an agent that ${what}`, () =>
    // That none is left is looked at in the end.
    withProgram(
      { clone: `sh (${script}) >/dev/null 2>&1 & echo $! >> $FAKE_DV/agents` },
      async ({ fetch, noted }) => {
        await fetch();
        assert.is(noted('agents').length, 2);
      },
    ),
  );
}

const trees: Readonly<Record<string, readonly [string, RegExp]>> = {
  'a folder .git': ['mkdir -p $CLONE/.git/hooks', /holds "\.git", which only a clone has/],
  'a pipe': ['mkfifo $CLONE/pipe', /holds "pipe", which is neither file nor folder nor link/],
  'a name that is no text': [`touch "$CLONE/$(printf 'caf\\351')"`, /a name that is not UTF-8/],
  'too much': ['head -c 2000000 /dev/zero > $CLONE/big', /larger than 1 MiB: .*checkout_limit/],
};
for (const [what, [script, says]] of Object.entries(trees)) {
  hostile(`deploys no tree that has ${what}`, () =>
    withProgram({ 'workspace pause': `sh ${script}` }, async ({ fetch, workspaces }) => {
      const { message } = await rejectionOf(fetch({ checkout_limit: '1' }));
      assert.match(message, says);
      assert.equal(workspaces(), []);
    }),
  );
}

hostile('takes no link for a clone', () => {
  const script = 'mv $CLONE $FAKE_DV/elsewhere; ln -s $FAKE_DV/elsewhere $CLONE';
  return withProgram({ clone: `sh ${script}` }, async ({ fetch }) => {
    assert.match((await rejectionOf(fetch())).message, /ended well, and there is no workspace/);
  });
});

for (const [settings, name] of [
  [{ diversion_ref: '--take-changes' }, 'DIVERSION_REF'],
  [{ diversion_repo: '-h' }, 'DIVERSION_REPO'],
] as const) {
  hostile(`takes no flag for ${name}`, () =>
    withProgram({}, async ({ open, noted }) => {
      const of = {
        repo: 'hello',
        ref: '--take-changes',
        ...('diversion_repo' in settings ? { repo: '-h' } : {}),
      };
      try {
        open(settings, of);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, SettingsError);
        assert.match((error as Error).message, `${name} begins with -`);
      }
      assert.equal(noted('calls'), []);
    }),
  );
}

hostile('is stopped in little time, however much of it hangs', () =>
  withProgram({ clone: 'kill', 'workspace delete': 'hang' }, async (met) => {
    const { open, scene, noted, said, pauses } = met;
    const nowhere = 'http://127.0.0.1:9';
    const checkout = open({ diversion_api_url: nowhere, diversion_auth_url: nowhere });
    const fetching = rejectionOf(checkout.fetch(order, scene.fetching));
    while (noted('agents').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = pauses.length;
    scene.stop({ kind: 'signal', name: 'SIGTERM' });
    await fetching;
    await checkout.release();
    // CI kills after ten seconds.
    assert.equal(
      pauses.slice(before).filter((ms) => ms > 1500),
      [],
    );
    assert.match(said(), /stays at Diversion .*: delete it with dv workspace delete/);
    const [id = ''] = met.workspaces();
    assert.ok(id && existsSync(join(scene.cwd, 'README.md')));
    assert.is(readFileSync(join(scene.cwd, 'README.md'), 'utf8'), 'mine');
  }),
);

hostile.run();
