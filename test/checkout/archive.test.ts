import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { archive, archiveFrom } from '../../src/checkout/archive.ts';
import type { CheckoutEntry } from '../../src/checkout/checkout.ts';
import { createFolder } from '../../src/checkout/tree/folder.ts';
import { CheckoutError, RemoteError, SettingsError } from '../../src/errors.ts';
import { createBitbucketArchives } from '../../src/forges/bitbucket/archives.ts';
import type { Order } from '../../src/order.ts';
import { fakeBitbucket } from '../support/bitbucket/fake-bitbucket.ts';
import type { Forge } from '../support/forge/server.ts';
import { fakeGitea } from '../support/gitea/fake-gitea.ts';
import { canned, type Fault, fakeGithub } from '../support/github/fake-github.ts';
import { fakeGitlab } from '../support/gitlab/fake-gitlab.ts';
import { order } from '../support/job.ts';
import { rejectionOf } from '../support/rejection.ts';
import { archiveOf, tarOf } from '../support/tarball.ts';
import { testCheckout } from './contract.ts';
import { inScene, loadedOf, type Scene, type Settings, sha, token } from './stage.ts';

const tree = archiveOf({ 'README.md': 'theirs', 'bin/run': { mode: 0o755, body: '#!' } }, { sha });
const deep = 'group/sub/hello';

/** One forge, as a test meets it. */
type Met = {
  readonly settings: Settings;
  readonly order: Partial<Order>;
  readonly entry: CheckoutEntry;
  /** What the author reads: setting and permission. */
  readonly setting: string;
  readonly needs: string;
  fail(exchange: 'archive' | 'commit', fault: keyof typeof githubFaults): void;
  /** Called when a fault has been played. */
  onFault(act: () => void): void;
  put(archive: Uint8Array): void;
  /** How often the archive was asked for. */
  asked(): number;
  /** Throws with everything that was not well-mannered. */
  assertClean(): void;
  close(): Promise<void>;
};

const page: Fault = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>Log in</html>',
};
/** The same faults in GitHub's fake, at codeload where that is where they happen. */
const githubFaults = {
  cut: ['archive', 'reset'],
  half: ['archive', 'half-body'],
  hang: ['archive', 'hang'],
  html: ['archive', page],
  damaged: ['archive', { status: 200, body: tree.subarray(0, tree.length / 2) }],
  elsewhere: ['api', undefined],
  '401': ['api', canned.badCredentials],
  '403': ['api', canned.noPermission],
  '404': ['api', canned.notFound],
  '429': ['api', canned.tooMany(7)],
  '500': ['archive', { status: 500 }],
  '503': ['api', canned.unavailable()],
} as const satisfies Record<string, readonly ['archive' | 'api', Fault | undefined]>;

async function meetGithub(): Promise<Met> {
  const github = await fakeGithub({ token });
  github.repo('octo/hello', { commits: [{ sha }] });
  github.putArchive(sha, tree);
  let count = 0;
  return {
    settings: { github_token: token, github_api_url: github.url },
    order: { forge: 'github' },
    entry: archive,
    setting: 'github_token',
    needs: '`contents: read`',
    fail(exchange, name) {
      const [where, fault] = githubFaults[name];
      if (!fault) return;
      const archived = where === 'archive' ? /^\/codeload\// : /\/tarball\//;
      count += 1;
      const nth = count;
      github.fail({ path: exchange === 'archive' ? archived : /\/commits/, nth, do: fault });
    },
    onFault: (act) => {
      github.fail({ path: /^\/codeload\//, do: 'hang', meanwhile: act });
      github.fail({ path: /\/tarball\//, meanwhile: act });
    },
    put: (bytes) => github.putArchive(sha, bytes),
    asked: () => github.requests.filter(({ path }) => path.includes('/tarball/')).length,
    assertClean: () => github.assertClean(),
    close: github.close,
  };
}

const meet =
  (
    fake: () => Promise<Forge>,
    how: (forge: Forge) => Pick<Met, 'settings' | 'order' | 'setting' | 'needs'>,
    entryOf: (forge: Forge) => CheckoutEntry = () => archive,
  ) =>
  async (): Promise<Met> => {
    const forge = await fake();
    forge.put(sha, tree);
    return {
      ...how(forge),
      entry: entryOf(forge),
      fail: (exchange, fault) => forge.fail(exchange, fault),
      onFault(act) {
        forge.onFault = act;
      },
      put: (bytes) => forge.put(sha, bytes),
      asked: () => forge.exchanges.filter((each) => each === 'archive').length,
      assertClean: () => assert.equal(forge.complaints, []),
      close: forge.close,
    };
  };

/** Bitbucket Cloud is in one place only, so the entry is told another. */
const onBitbucket = ({ url }: Forge): CheckoutEntry =>
  archiveFrom(() => createBitbucketArchives({ site: url, api: `${url}/2.0` }));

const forges: Readonly<Record<string, () => Promise<Met>>> = {
  github: meetGithub,
  gitlab: meet(
    () => fakeGitlab(deep, token),
    ({ url }) => ({
      settings: { gitlab_token: token, gitlab_url: url },
      order: { forge: 'gitlab', repo: deep },
      setting: 'gitlab_token',
      needs: '`read_api`',
    }),
  ),
  'gitlab below a path': meet(
    () => fakeGitlab(deep, token, '/git'),
    ({ url }) => ({
      settings: { gitlab_token: token },
      order: { forge: 'gitlab', repo: deep, repoUrl: `${url}/git/${deep}` },
      setting: 'gitlab_token',
      needs: '`read_api`',
    }),
  ),
  gitea: meet(
    () => fakeGitea('octo/hello', token),
    ({ url }) => ({
      settings: { gitea_token: token, gitea_url: `${url}/api/v1/` },
      order: {},
      setting: 'gitea_token',
      needs: '`read:repository`',
    }),
  ),
  'bitbucket by access token': meet(
    () => fakeBitbucket('octo/hello', `Bearer ${token}`),
    () => ({
      settings: { bitbucket_token: token },
      order: { forge: 'bitbucket' },
      setting: 'bitbucket_token',
      needs: 'to read repositories',
    }),
    onBitbucket,
  ),
  'bitbucket by API token': meet(
    () =>
      fakeBitbucket(
        'octo/hello',
        `Basic ${Buffer.from(`ann@example.com:${token}`).toString('base64')}`,
      ),
    () => ({
      settings: { bitbucket_token: `ann@example.com:${token}` },
      order: {},
      setting: 'bitbucket_token',
      needs: 'to read repositories',
    }),
    onBitbucket,
  ),
};

async function met(
  make: () => Promise<Met>,
  play: (forge: Met, scene: Scene) => Promise<void>,
): Promise<void> {
  const forge = await make();
  try {
    await inScene(async (scene) => {
      await play(forge, scene);
      const said = [...scene.notes.lines, ...scene.progress].join('\n');
      assert.not.match(said, token);
    });
    forge.assertClean();
  } finally {
    await forge.close();
  }
}

for (const [name, make] of Object.entries(forges)) {
  testCheckout(`archive of ${name}`, {
    entry: archive,
    source: async () => {
      const forge = await make();
      return {
        settings: forge.settings,
        order: forge.order,
        entry: forge.entry,
        close: async () => {
          await forge.close();
          forge.assertClean();
        },
      };
    },
  });

  const fetching = suite(`archive of ${name}`);
  const open = ({ settings, order: mine, entry }: Met, scene: Scene) =>
    scene.open(settings, mine, entry);

  for (const fault of ['cut', 'half', 'hang', 'damaged', '500', '503', '429'] as const) {
    fetching(`is fetched anew after ${fault}`, () =>
      met(make, async (forge, scene) => {
        forge.fail('archive', fault);
        const checkout = open(forge, scene);
        const folder = await checkout.fetch(order, scene.fetching);
        assert.is(readFileSync(join(folder, 'README.md'), 'utf8'), 'theirs');
        assert.equal(readdirSync(dirname(folder)), ['hello'], 'nothing of the first try is left');
        assert.is(forge.asked(), 2);
        if (fault === '429') assert.equal(scene.pauses, [7000]);
        await checkout.release();
      }),
    );
  }

  const finals = {
    '401': [/is wrong, expired or revoked/, 'credentials'],
    '403': [/needs/, 'permission'],
    '404': [new RegExp(`commit ${sha}`), 'permission'],
    html: [/The answer is text\/html, not an archive/, 'refused'],
  } as const;
  for (const [fault, [why, kind]] of Object.entries(finals)) {
    fetching(`ends at ${fault}, and says what would help`, () =>
      met(make, async (forge, scene) => {
        forge.fail('archive', fault as keyof typeof finals);
        const checkout = open(forge, scene);
        const error = await rejectionOf<RemoteError>(checkout.fetch(order, scene.fetching));
        assert.instance(error, RemoteError);
        assert.match(error.message, why);
        if (fault !== 'html') assert.match(error.message, forge.setting.toUpperCase());
        if (fault === '403' || fault === '404') assert.match(error.message, forge.needs);
        assert.is(error.kind, kind);
        assert.is(forge.asked(), 1);
        await checkout.release();
        assert.equal(scene.left(), []);
      }),
    );
  }

  fetching('ends when the remote is down for good', () =>
    met(make, async (forge, scene) => {
      for (let times = 0; times < 9; times += 1) forge.fail('archive', 'cut');
      const checkout = open(forge, scene);
      const error = await rejectionOf<RemoteError>(checkout.fetch(order, scene.fetching));
      assert.is(error.kind, 'unavailable');
      assert.is(forge.asked(), 5);
      await checkout.release();
      assert.equal(scene.left(), []);
    }),
  );

  fetching('stops at once when the run is told to, and leaves nothing', () =>
    met(make, async (forge, scene) => {
      forge.fail('archive', 'hang');
      forge.onFault(() => scene.stop({ kind: 'signal', name: 'SIGTERM' }));
      const checkout = open(forge, scene);
      const began = performance.now();
      const error = await rejectionOf<RemoteError>(checkout.fetch(order, scene.fetching));
      assert.match(error.message, /interrupted/);
      assert.ok(performance.now() - began < 250, 'before the answer is overdue');
      await checkout.release();
      assert.equal(scene.left(), []);
    }),
  );

  fetching('is checked by one read, which tells what a fetch would lack', () =>
    met(make, async (forge, scene) => {
      const { signal } = scene.fetching;
      const [fine] = await open(forge, scene).check(order, signal);
      assert.is(fine?.ok, true, fine?.text);
      const { commit: _, ...newest } = order;
      const [any] = await open(forge, scene).check(newest, signal);
      assert.match(any?.text ?? '', /newest commit/);
      const [missing] = await open(forge, scene).check(
        { ...order, commit: '6'.repeat(40) },
        signal,
      );
      assert.is(missing?.ok, false);
      assert.is(forge.asked(), 0, 'no archive was made for that');
    }),
  );

  if (name !== 'github') {
    fetching('may come from the storage of the forge, which hears of no token', () =>
      met(make, async (forge, scene) => {
        forge.fail('archive', 'elsewhere');
        const checkout = open(forge, scene);
        const folder = await checkout.fetch(order, scene.fetching);
        assert.ok(existsSync(join(folder, 'README.md')));
        await checkout.release();
      }),
    );
  }
  fetching.run();
}

const own = suite('archive');

own('puts the tree where nobody else may look, under the name of its repository', () =>
  met(meetGithub, async ({ settings }, scene) => {
    const checkout = scene.open(settings);
    const folder = await checkout.fetch(order, scene.fetching);
    assert.is(statSync(dirname(folder)).mode & 0o777, 0o700);
    assert.match(folder, /\/slipway-tree-\w+\/hello$/);
    assert.is(statSync(join(folder, 'bin/run')).mode & 0o100, 0o100);
    await checkout.release();
  }),
);

own('says what it fetched, and warns of what an archive leaves out', () =>
  met(meetGithub, async ({ settings, put }, scene) => {
    put(archiveOf({ '.gitmodules': '[submodule "x"]\n path = lib/x\n' }, { sha }));
    const checkout = scene.open(settings);
    await checkout.fetch(order, scene.fetching);
    assert.match(scene.progress[0] ?? '', `fetching the tree of octo/hello on`);
    assert.match(
      scene.notes.at('info').join('\n'),
      /the tree has 1 files? \(\d+ KiB\), fetched in/,
    );
    assert.match(scene.notes.at('warn').join('\n'), /1 submodule is not in the archive: "lib\/x"/);
    await checkout.release();
  }),
);

own('refuses a hostile archive for good, and leaves nothing of it', () =>
  met(meetGithub, async ({ settings, put, asked }, scene) => {
    const { gzipSync } = await import('node:zlib');
    const top = { path: 'top/', flag: '5' };
    put(gzipSync(tarOf([top, { path: 'top/a' }, { path: 'top/../../x', body: 'evil' }], { sha })));
    const checkout = scene.open(settings);
    const error = await rejectionOf(checkout.fetch(order, scene.fetching));
    assert.instance(error, CheckoutError);
    assert.is(asked(), 1);
    await checkout.release();
    assert.equal(scene.left(), []);
  }),
);

own('bounds what it fetches by checkout_limit', () =>
  met(meetGithub, async ({ settings, put }, scene) => {
    const { randomBytes } = await import('node:crypto');
    put(archiveOf({ noise: { body: randomBytes(3 * 1024 * 1024) } }, { sha }));
    const tight = scene.open({ ...settings, checkout_limit: '1' });
    const { message } = await rejectionOf(tight.fetch(order, scene.fetching));
    assert.match(message, /larger than 1 MiB.*: if that is right, raise checkout_limit/);
    await tight.release();
    const roomy = scene.open({ ...settings, checkout_limit: '4' });
    await roomy.fetch(order, scene.fetching);
    await roomy.release();
    assert.equal(scene.left(), []);
  }),
);

own('never takes the place itself for the tree, whatever the repository is called', async () => {
  await inScene(async ({ scratch, left }) => {
    for (const name of ['..', '.', '', 'a/../../b', '.hidden', 'fine.js']) {
      const folder = createFolder([scratch], name);
      const fresh = await folder.fresh();
      assert.is(dirname(dirname(fresh)), scratch);
      assert.ok(basename(fresh) === 'tree' || basename(fresh) === 'fine.js');
      await folder.remove();
    }
    assert.equal(left(), []);
  });
});

own('takes the next place where the first cannot be written, and says when there is none', () =>
  met(meetGithub, async ({ settings }, scene) => {
    const gone = join(scene.scratch, 'not-there');
    const places = { scratch: ['', 'relative', gone, scene.scratch] };
    const checkout = scene.open(settings, {}, archive, places);
    assert.match(await checkout.fetch(order, scene.fetching), scene.scratch);
    await checkout.release();
    const lost = scene.open(settings, {}, archive, { scratch: [gone] });
    const error = await rejectionOf(lost.fetch(order, scene.fetching));
    assert.match(error.message, /no folder for the source tree: .*not-there.*set TMPDIR/);
    await lost.release();
  }),
);

own('does not fail a run because its tree cannot be removed', () =>
  met(meetGithub, async ({ settings }, scene) => {
    const checkout = scene.open(settings);
    const folder = await checkout.fetch(order, scene.fetching);
    rmSync(dirname(folder), { recursive: true });
    mkdirSync(dirname(folder));
    await checkout.release();
    assert.equal(scene.left(), []);
  }),
);

own('waits for a rate limit of GitHub only while the run has time', () =>
  met(meetGithub, async ({ settings }, scene) => {
    const github = await fakeGithub({ token });
    github.repo('octo/hello', { commits: [{ sha }] });
    github.fail({ path: /\/tarball\//, do: canned.primaryLimit(10 * 60_000) });
    const checkout = scene.open({ ...settings, github_api_url: github.url });
    const error = await rejectionOf<RemoteError>(checkout.fetch(order, scene.fetching));
    assert.match(error.message, /archive not fetched: rate limited until/);
    assert.is(error.kind, 'unavailable');
    await checkout.release();
    await github.close();
  }),
);

for (const [title, contents] of [
  ['by an App, whose token may read contents and nothing else', 'read'],
  ['by no App that may not read contents, and says so', 'none'],
] as const) {
  own(`is fetched ${title}`, async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const app = { id: 77, publicKeyPem, installationId: 5 };
    const github = await fakeGithub({ token, app, permissions: { contents } });
    github.repo('octo/hello', { commits: [{ sha }] });
    await inScene(async (scene) => {
      const checkout = scene.open({
        github_app_id: '77',
        github_app_private_key: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
        github_api_url: github.url,
      });
      const fetched = await checkout
        .fetch(order, scene.fetching)
        .catch((error: RemoteError) => error);
      if (contents === 'read') assert.is(typeof fetched, 'string');
      else assert.match((fetched as RemoteError).message, /lacks a permission/);
      assert.equal(github.requests.find(({ path }) => path.endsWith('access_tokens'))?.body, {
        repositories: ['hello'],
        permissions: { contents: 'read' },
      });
      await checkout.release();
    });
    if (contents === 'read') github.assertClean();
    await github.close();
  });
}

own('needs a commit, and says whose', () =>
  met(meetGithub, async ({ settings }, scene) => {
    const { commit: _, ...without } = order;
    const bare = { ...settings };
    assert.throws(
      () => archive.open(loadedOf(bare), without, {} as never),
      (error: Error) => error instanceof SettingsError && /commit is required/.test(error.message),
    );
    const adopting = scene.open(bare, { deploymentId: '7' });
    const error = await rejectionOf(
      adopting.fetch({ ...without, deploymentId: '7' }, scene.fetching),
    );
    assert.match(error.message, /commit is required .*from deployment 7/);
    await adopting.release();
  }),
);

const refused = (settings: Settings, changes: Partial<Order>): string => {
  try {
    const mine = { ...order, ...changes };
    archive.open(loadedOf(settings), mine, {} as never);
    return `${archive.credentials(loadedOf(settings), mine).map(({ host }) => host)}`;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults.map(({ name, message }) => `${name} ${message}`).join('\n');
  }
};
const choices: Readonly<Record<string, readonly [Settings, Partial<Order>, RegExp]>> = {
  'GitHub where nothing says otherwise': [{ github_token: token }, {}, /^api\.github\.com$/],
  'GitHub Enterprise by the link of the repository': [
    { github_token: token },
    { repoUrl: 'https://ghe.example/octo/hello' },
    /^ghe\.example$/,
  ],
  'GitLab by its token, whatever came along': [
    { github_token: token, gitlab_token: token },
    {},
    /^gitlab\.com$/,
  ],
  'GitLab by the link of the repository': [
    { gitlab_token: token, gitea_token: token },
    { repoUrl: 'https://gitlab.com/octo/hello' },
    /^gitlab\.com$/,
  ],
  'Bitbucket at its two hosts': [
    { bitbucket_token: token },
    { forge: 'bitbucket' },
    /^bitbucket\.org,api\.bitbucket\.org$/,
  ],
  'Gitea where CI says that the repository is': [
    { gitea_token: token },
    { forge: 'gitea', repoUrl: 'https://git.example/octo/hello.git' },
    /^git\.example$/,
  ],
  'nothing for settings of two forges': [
    { checkout: 'archive', gitlab_token: token, gitea_token: token },
    {},
    /CHECKOUT finds settings of several forges.*keep one of gitea_token, gitlab_token/,
  ],
  'nothing for a forge that it does not know': [
    { checkout: 'archive' },
    { forge: 'bitbucket-dc' },
    /CHECKOUT cannot be archive: .* bitbucket-dc/,
  ],
  'nothing for Gitea without an address': [{ gitea_token: token }, {}, /gitea_url is required/],
  'no host that anybody may have set': [
    { gitlab_token: token },
    { unprovenHost: 'evil.example' },
    /gitlab_url is required here, such as https:\/\/evil\.example/,
  ],
  'no GitHub host that anybody may have set': [
    { github_token: token },
    { unprovenHost: 'evil.example' },
    /github_api_url is required here/,
  ],
  'nothing from GitHub without a token': [{}, {}, /github_token is required to fetch the tree/],
  'nothing for a repository on GitHub that would bend the path': [
    { github_token: token },
    { repo: 'octo/..' },
    /repo must be owner\/name/,
  ],
  'nothing for a repository that would bend the path': [
    { gitea_token: token, gitea_url: 'https://git.example' },
    { repo: 'octo/..' },
    /repo must be owner\/name/,
  ],
};
for (const [what, [settings, changes, says]] of Object.entries(choices)) {
  own(`chooses ${what}`, () => assert.match(refused(settings, changes), says));
}

own('reads public repositories of other forges without any token', async () => {
  const forge = await fakeGitea('octo/hello', undefined);
  forge.put(sha, tree);
  await inScene(async (scene) => {
    const checkout = scene.open({ gitea_url: forge.url });
    assert.ok(existsSync(join(await checkout.fetch(order, scene.fetching), 'README.md')));
    await checkout.release();
    const unknown = { ...order, commit: '6'.repeat(40) };
    const { message } = await rejectionOf(
      scene.open({ gitea_url: forge.url }).fetch(unknown, scene.fetching),
    );
    assert.match(message, /or it is not public and gitea_token is not set/);
  });
  assert.equal(forge.complaints, []);
  await forge.close();
});

own.run();
