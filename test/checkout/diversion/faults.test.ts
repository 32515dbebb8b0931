import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckoutError, RemoteError } from '../../../src/errors.ts';
import type { Fault } from '../../support/diversion/fake-diversion.ts';
import type { Exchange } from '../../support/diversion/routes.ts';
import type { FakeFile, Files } from '../../support/diversion/world.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const files: Files = {
  'a.txt': 'by a link in the tree',
  'b.txt': { body: 'by a link of the API', by: '204' },
  'c.txt': { body: 'by the API itself', by: 'api' },
};
const tree = Object.fromEntries(
  Object.entries(files).map(([path, file]) => [
    path,
    typeof file === 'string' ? file : String(file.body),
  ]),
);
const exchanges: readonly Exchange[] = ['token', 'repo', 'refs', 'tree', 'blob', 'storage'];
const passing: readonly Fault[] = ['cut', 'half', 'hang', '429', '500', '503'];

const faults = suite('diversion: faults');

for (const exchange of exchanges) {
  for (const fault of passing) {
    faults(`goes on when ${exchange} once has: ${fault}`, () =>
      onGround({ files }, async ({ fetch, fake, scene }) => {
        fake.fail(exchange, fault);
        assert.equal(await fetch(), tree);
        assert.equal(scene.left(), []);
      }),
    );
  }

  faults(`ends as unavailable when ${exchange} goes on to be away`, () =>
    onGround({ files }, async ({ fetch, fake, scene, said }) => {
      fake.fail(exchange, ...Array.from({ length: 60 }, () => '503' as const));
      const error = (await rejectionOf(fetch())) as RemoteError;
      assert.instance(error, RemoteError);
      assert.is(error.kind, 'unavailable');
      assert.not.match(error.message + said(), /tok-4dc1f00d|access-\d|sig=/);
      assert.equal(scene.left(), []);
    }),
  );

  faults(`takes a log-in page for none of the answers of ${exchange}`, () =>
    onGround({ files }, async ({ fetch, fake, scene }) => {
      fake.fail(exchange, ...Array.from({ length: 60 }, () => 'html' as const));
      assert.instance(await rejectionOf(fetch()), RemoteError);
      assert.equal(scene.left(), []);
    }),
  );
}

const others: readonly (readonly [string, Exchange, readonly Fault[]])[] = [
  ['a link that is stale', 'storage', ['403']],
  ['links that are stale', 'storage', ['403', '403']],
  ['an object that is wrong', 'storage', ['wrong']],
  ['an object that is empty', 'storage', ['empty']],
  ['an answer of the API that is wrong', 'blob', ['wrong']],
  ['a redirect to nowhere', 'blob', ['nowhere']],
  ['an access token that is refused', 'tree', ['401']],
];
for (const [what, exchange, planned] of others) {
  faults(`has the tree in spite of ${what}`, () =>
    onGround({ files }, async ({ fetch, fake }) => {
      fake.fail(exchange, ...planned);
      assert.equal(await fetch(), tree);
    }),
  );
}

const lies: Readonly<Record<string, readonly [FakeFile, RegExp, 'remote' | 'checkout']>> = {
  'another hash': [
    { body: 'x', said: { sha: 'f'.repeat(40) } },
    /"odd" .* its SHA-1 differs/,
    'remote',
  ],
  'a hash of another kind': [
    { body: 'x', said: { sha: 'f'.repeat(32) } },
    /"odd" cannot be verified/,
    'checkout',
  ],
  'no hash': [{ body: 'x', said: { sha: '' } }, /"odd" cannot be verified/, 'checkout'],
  'an empty file with the hash of none': [
    { body: '', said: { sha: 'f'.repeat(40) } },
    /differs/,
    'remote',
  ],
  'a size that is too small': [
    { body: 'x'.repeat(5000), said: { size: 1 } },
    /larger than|differs/,
    'remote',
  ],
  'a size below nothing': [{ body: 'x', said: { size: -1 } }, /not what it documents/, 'remote'],
  'another hash of what is packed': [
    { body: 'x'.repeat(100), packed: true, said: { sha: 'f'.repeat(40) } },
    /differs/,
    'remote',
  ],
  'a mode that there is not': [
    { body: 'x', said: { mode: 0o160000 } },
    /"odd", which is neither/,
    'checkout',
  ],
  'a gzip that has no end': [
    { body: '\u0000'.repeat(3_000_000), packed: true, said: { size: 4000 } },
    /differs/,
    'remote',
  ],
};
for (const [what, [file, says, whose]] of Object.entries(lies)) {
  faults(`deploys nothing with ${what}`, () =>
    onGround({ files: { ...files, odd: file } }, async ({ fetch, scene }) => {
      const error = await rejectionOf(fetch());
      assert.instance(error, whose === 'remote' ? RemoteError : CheckoutError);
      assert.match(error.message, says);
      assert.equal(scene.left(), []);
    }),
  );
}

faults('leaves no bytes in the tree that are not proved', () =>
  onGround({ files: { odd: { body: 'x', said: { sha: 'f'.repeat(40) } } } }, async (ground) => {
    const { fetch, scene } = ground;
    await rejectionOf(fetch({ diversion_path: 'src' }));
    assert.equal(readdirSync(join(scene.cwd, 'src')), []);
    assert.equal(readdirSync(join(scene.cwd, '.src.slipway', 'parts')), []);
  }),
);

faults('refuses a page that comes again and again', () =>
  onGround({ files, tellsTotal: false }, async ({ fetch, fake }) => {
    // A server that knows no `skip`.
    const commit = fake.repo.commits.get('dv.commit.1');
    const { files: all } = commit ?? { files: new Map() };
    Object.assign(commit ?? {}, { files: { size: 3, [Symbol.iterator]: () => endless(all) } });
    const { message } = await rejectionOf(fetch());
    assert.match(message, /The tree holds "a\.txt" twice/);
  }),
);
function* endless<T>(all: Iterable<T>): Generator<T> {
  for (let round = 0; round < 20_000; round += 1) yield* all;
}

faults('refuses a tree that is not whole', () =>
  onGround({ files }, async ({ fetch, fake }) => {
    const commit = fake.repo.commits.get('dv.commit.1');
    Object.defineProperty(commit?.files ?? {}, 'size', { value: 5 });
    const { message } = await rejectionOf(fetch());
    assert.match(message, /not whole: Diversion sent 3 items of the 5 that it expects/);
  }),
);

faults('asks for no page again once a file has failed', () =>
  onGround({ files: { a: 'a', b: 'b', c: 'c' }, perPage: 1 }, async ({ fetch, fake }) => {
    fake.onPage = (skip) => {
      if (skip > 0) fake.fail('tree', 'hang');
    };
    fake.fail('storage', 'wrong', 'wrong', 'wrong', 'wrong');
    assert.match((await rejectionOf(fetch())).message, /"a" .* its SHA-1 differs/);
    assert.is(fake.exchanges.filter((each) => each === 'tree').length, 2);
  }),
);

for (const by of ['link', '204'] as const) {
  faults(`blames no token when the storage refuses the link (${by})`, () =>
    onGround({ files: { a: { body: 'a', by } } }, async ({ fetch, fake }) => {
      fake.fail('storage', ...Array.from({ length: 20 }, () => '403' as const));
      const error = (await rejectionOf(fetch())) as RemoteError;
      assert.instance(error, RemoteError);
      assert.match(error.message, /403; the link to "a" that Diversion signed is not good there/);
      assert.not.match(error.message, /DIVERSION_TOKEN/);
      assert.is(error.kind, 'refused');
    }),
  );
}

faults('waits for no link of the tree that is out of order, for there is another way', () =>
  onGround({ files: { a: 'a' } }, async ({ fetch, fake, scene }) => {
    fake.fail('storage', '503');
    assert.equal(await fetch(), { a: 'a' });
    assert.equal(scene.pauses, []);
  }),
);

faults('minds no other branch that is without a commit, and says so of the one that is meant', () =>
  onGround({ files: { a: 'a' } }, async ({ fetch, open, fake, scene }) => {
    fake.repo.branches.set('new', { id: 'dv.branch.9', commit: null as unknown as string });
    assert.equal(await fetch(), { a: 'a' });
    const error = await rejectionOf(open({}, { ref: 'new' }).fetch(order, scene.fetching));
    assert.instance(error, RemoteError);
    assert.match(error.message, /Diversion names no commit for branch new/);
  }),
);

faults('stops at once when the run does, and leaves nothing', () =>
  onGround({ files }, async ({ open, fake, scene }) => {
    fake.fail('storage', 'hang', 'hang', 'hang');
    fake.onFault = () => scene.stop({ kind: 'signal', name: 'SIGTERM' });
    const checkout = open();
    await rejectionOf(checkout.fetch(order, scene.fetching));
    await checkout.release();
    assert.equal(scene.left(), []);
    assert.not(existsSync(join(scene.cwd, 'src')));
  }),
);

faults.run();
