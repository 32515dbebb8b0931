import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError, SettingsError } from '../../../src/errors.ts';
import type { FakeFile, Files } from '../../support/diversion/world.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { onGround } from './ground.ts';

const files: Files = {
  'README.md': 'theirs',
  'bin/run': { kind: 'program', body: '#!/bin/sh' },
  'docs/empty': { kind: 'folder' },
  'docs/none.txt': '',
  'docs/ümlaut +%#?.txt': 'encoded',
  link: { kind: 'link', body: 'bin/run' },
};
const tree = {
  'README.md': 'theirs',
  'bin/run': 'x #!/bin/sh',
  'docs/empty': '/',
  'docs/none.txt': '',
  'docs/ümlaut +%#?.txt': 'encoded',
  link: '-> bin/run',
};

const rest = suite('diversion: by the API');

rest('writes what the commit holds: files, programs, links and folders', () =>
  onGround({ files }, async ({ fetch, scene, said }) => {
    assert.equal(await fetch(), tree);
    assert.equal(scene.found, [{ repo: 'hello', commit: 'dv.commit.1', ref: 'main' }]);
    assert.match(said(), /branch main of hello is at dv\.commit\.1/);
    assert.match(
      said(),
      /the tree has 5 files \(\d KiB\), 5 of them fetched \(\d KiB, [\d.]+ [KM]iB\/s\)/,
    );
    assert.equal(scene.left(), []);
  }),
);

const body = 'a body that is long enough to be worth packing, packing, packing, packing, packing';
const ways: Readonly<Record<string, FakeFile>> = {
  'a link in the tree': { body },
  'a link of 204': { body, by: '204' },
  'a redirect': { body, by: '302' },
  'the API itself': { body, by: 'api' },
  'the tree itself': { body, by: 'inline' },
  'a part of a larger object': { body, by: '204', ranged: true },
  'a part behind a redirect': { body, by: '302', ranged: true },
  'a packed object': { body, packed: true },
  'a packed object that says so': { body, packed: 'told' },
  'a packed part': { body, by: '204', packed: true, ranged: true },
  'the API, packed': { body, by: 'api', packed: true },
  'a link, a file that is a gzip itself': { body: gzipSync(body) },
  'a link, a packed file that is a gzip itself': { body: gzipSync(body), packed: 'told' },
};
for (const digest of ['sha1', 'md5', undefined] as const) {
  for (const [way, file] of Object.entries(ways)) {
    rest(`has a file by ${way}, verified by ${digest ?? 'what is usual'}`, () =>
      onGround({ digest, files: { 'a/b.bin': file } }, async ({ fetch }) => {
        const whole = Buffer.from(file.body as string).toString('latin1');
        assert.equal(await fetch(), { 'a/b.bin': whole });
      }),
    );
  }
}

rest('is of one commit, whatever is committed while it reads', () =>
  onGround({ files: { 'a.txt': '1', 'b.txt': '1', 'c.txt': '1' }, perPage: 1 }, async (ground) => {
    const { fake, fetch } = ground;
    fake.onPage = (skip) => {
      if (skip === 1) fake.repo.commit({ 'a.txt': '2', 'b.txt': '2', 'd.txt': '2' });
    };
    assert.equal(await fetch(), { 'a.txt': '1', 'b.txt': '1', 'c.txt': '1' });
  }),
);

for (const [what, options] of Object.entries({
  'that are shorter than asked for': { perPage: 3 },
  'and no word of how many there are': { perPage: 7, tellsTotal: false },
})) {
  rest(`reads a tree in pages ${what}`, () =>
    onGround(
      {
        ...options,
        files: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`d/${at}`, String(at)])),
      },
      async ({ fetch }) => {
        const found = await fetch();
        assert.is(Object.keys(found).length, 50);
        assert.is(found['d/49'], '49');
      },
    ),
  );
}

rest('fetches six files at once, and no more', () =>
  onGround(
    {
      latencyMs: 10,
      files: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, String(at)])),
    },
    async ({ fetch, fake }) => {
      await fetch();
      assert.is(fake.peak(), 6);
    },
  ),
);

const refs: Readonly<Record<string, readonly [string, string | undefined]>> = {
  main: ['dv.commit.2', 'main'],
  side: ['dv.commit.3', 'side'],
  'dv.branch.2': ['dv.commit.3', 'side'],
  v1: ['dv.commit.1', 'v1'],
  'dv.tag.1': ['dv.commit.1', 'v1'],
  'dv.commit.1': ['dv.commit.1', undefined],
};
for (const [ref, [commit, name]] of Object.entries(refs)) {
  rest(`takes ${ref} for ${commit}`, () =>
    onGround({}, async ({ open, fake, scene }) => {
      for (const branch of ['main', 'main', 'side']) fake.repo.commit({ a: branch }, branch);
      fake.repo.tag('v1', 'dv.commit.1');
      const checkout = open({}, ref.startsWith('dv.commit.') ? { commit: ref } : { ref });
      await checkout.fetch(order, scene.fetching);
      await checkout.release();
      assert.equal(scene.found, [{ repo: 'hello', commit, ...(name ? { ref: name } : {}) }]);
    }),
  );
}

const refusals: readonly (readonly [string, Record<string, string>, object, RegExp])[] = [
  [
    'a branch that is not there',
    {},
    { ref: 'mian' },
    /hello has no branch or tag mian; did you mean main\?/,
  ],
  ['a commit that is not there', {}, { commit: 'dv.commit.9' }, /hello has no dv\.commit\.9/],
  [
    'a repository that is not there',
    {},
    { repo: 'helo' },
    /no repository helo.*did you mean hello\?/,
  ],
  [
    'a token that is wrong',
    { diversion_token: 'wrong' },
    {},
    /400 \(invalid_grant\); .*DIVERSION_TOKEN is wrong/,
  ],
  [
    'a client id that is wrong',
    { diversion_client_id: 'x' },
    {},
    /\(invalid_client\); diversion_client_id/,
  ],
];
for (const [what, settings, changes, says] of refusals) {
  rest(`says what is the matter with ${what}`, () =>
    onGround({ files }, async ({ open, scene }) => {
      const fetching = open(settings, changes).fetch(order, scene.fetching);
      const error = await rejectionOf(fetching);
      assert.instance(error, RemoteError);
      assert.match(error.message, says);
      const [finding] = await open(settings, changes).check(order, scene.fetching.signal);
      assert.is(finding?.ok, false);
      assert.match(finding?.text ?? '', says);
      assert.equal(scene.left(), []);
    }),
  );
}

const faults: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['no token', { diversion_token: '' }, /diversion_token is required/],
  ['no repository', { diversion_repo: '' }, /diversion_repo is required/],
  [
    'a key for the program',
    { diversion_token: 'dvk_1' },
    /DIVERSION_TOKEN is a key \(dvk_…\).*diversion_method: dv/,
  ],
  ['the workspace itself', { diversion_path: '.' }, /DIVERSION_PATH must be a folder of its own/],
  ['a folder above', { diversion_path: '..' }, /DIVERSION_PATH must be a folder of its own/],
  ['the root of all', { diversion_path: '/' }, /DIVERSION_PATH must be a folder of its own/],
];
for (const [what, settings, says] of faults) {
  rest(`does not open with ${what}`, () =>
    onGround({ files }, async ({ open }) => {
      try {
        open(settings, { forge: undefined, repo: undefined } as object);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, SettingsError);
        assert.match((error as Error).message, says);
      }
    }),
  );
}

rest('checks by one look at the tree that it can be had', () =>
  onGround({ files }, async ({ open, scene, fake }) => {
    const findings = await open().check(order, scene.fetching.signal);
    assert.equal(
      findings.map(({ ok }) => ok),
      [true],
    );
    assert.match(
      findings[0]?.text ?? '',
      /dv\.commit\.1, where branch main is, of hello can be read/,
    );
    assert.equal(fake.exchanges, ['token', 'repo', 'refs', 'tree']);
  }),
);

rest('says of which size a tree may be', () =>
  onGround(
    { files: { big: { body: 'x', said: { size: 3 * 1024 * 1024 } } } },
    async ({ fetch }) => {
      const { message } = await rejectionOf(fetch({ checkout_limit: '2' }));
      assert.is(message, 'The tree is larger than 2 MiB: if that is right, raise checkout_limit');
    },
  ),
);

rest('exchanges its token again before it is too old, and when it is refused', () =>
  onGround({ files, expiresIn: 0.01, perPage: 1 }, async ({ fetch, fake }) => {
    let isOver = false;
    fake.onPage = (skip) => {
      if (skip !== 2 || isOver) return;
      isOver = true;
      fake.expire();
    };
    assert.equal(await fetch(), tree);
    assert.ok(fake.exchanges.filter((each) => each === 'token').length > 1);
  }),
);

rest('exchanges its token once for all that ask at once', () =>
  onGround(
    { files: { a: { body: '1', by: '204' }, b: { body: '2', by: '204' } } },
    async (ground) => {
      await ground.fetch();
      assert.is(ground.fake.exchanges.filter((each) => each === 'token').length, 1);
    },
  ),
);

rest('leaves every program one, whatever its worker has fetched before', () => {
  const programs: Files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`p${at}.sh`, { kind: 'program', body: `#! ${at}` }]),
  );
  const files: Files = { first: { kind: 'link', body: 'p0.sh' }, ...programs };
  return onGround({ files }, async ({ fetch }) => {
    const tree = await fetch();
    const lost = Object.keys(programs).filter((name) => !tree[name]?.startsWith('x '));
    assert.equal(lost, []);
  });
});

rest.run();
