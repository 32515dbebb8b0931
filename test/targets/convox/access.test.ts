import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import { selfSigned } from '../../support/certificate.ts';
import { password, startRack } from '../../support/convox/fake-rack.ts';
import type { Manners } from '../../support/convox/manners.ts';
import { makeTree, type Settings, startProcess } from '../../support/convox/process.ts';
import { serveTls } from '../../support/loopback.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { type Scene, settingsFault, test, texts, verdictIs } from './stage.ts';

const access = suite('convox: the way in');

const throughConsole = (scene: Scene, rack: string): Settings => ({
  rack_url: '',
  host: scene.rack.url,
  password,
  rack,
});
const racks = ['acme/staging', 'acme/staging-eu', 'acme/production'];
const behind = (manners: Manners = {}): Manners => ({ racks, ...manners });

for (const [wanted, found] of [
  ['acme/staging', 'acme/staging'],
  ['production', 'acme/production'],
  ['ing-eu', 'acme/staging-eu'],
] as const) {
  test(access, `by the console, to the rack that ${wanted} names`, behind(), async (scene) => {
    verdictIs(await scene.start(throughConsole(scene, wanted)).verdict, 'success');
    const names = new Set(scene.rack.heads.slice(1).map(({ headers }) => headers.rack));
    assert.equal([...names], [found]);
    assert.is(scene.rack.heads[0]?.headers.rack, undefined);
  });
}
for (const [wanted, said] of [
  ['staging', /CONVOX_RACK fits several racks of .*: there is acme\/staging, acme\/staging-eu$/],
  ['other', /CONVOX_RACK names no rack .* shows to this password: there is acme\/staging, /],
] as const) {
  test(access, `not by the console to ${wanted}`, behind(), async (scene) => {
    await settingsFault(scene.start(throughConsole(scene, wanted)), said);
    assert.equal(scene.rack.seen, ['racks']);
  });
}

test(
  access,
  'through a session that the console asks for',
  behind({ session: 'wanted' }),
  async (scene) => {
    verdictIs(await scene.start(throughConsole(scene, 'acme/staging')).verdict, 'success');
    assert.equal(scene.rack.seen.slice(0, 3), ['racks', 'session', 'racks']);
    const sessions = new Set(scene.rack.heads.slice(2).map(({ headers }) => headers.session));
    assert.equal([...sessions], ['session-1']);
  },
);
test(
  access,
  'not where a security key is asked for',
  behind({ session: 'hardware' }),
  async (scene) => {
    const error = await rejectionOf<RemoteError>(
      scene.start(throughConsole(scene, 'acme/staging')).verdict,
    );
    assert.is(error.kind, 'credentials');
    assert.match(error.message, /asks for a security key, .* use a deploy key as convox_password$/);
  },
);
for (const [fault, kind] of [
  ['401', 'credentials'],
  ['403', 'permission'],
] as const) {
  test(
    access,
    `says ${fault} of the console as it is, and no "could not find rack"`,
    behind(),
    async (scene) => {
      scene.rack.fail('racks', fault);
      const error = await rejectionOf<RemoteError>(
        scene.start(throughConsole(scene, 'acme/staging')).verdict,
      );
      assert.is(error.kind, kind);
      assert.match(error.message, new RegExp(`/racks failed: the service answered ${fault}`));
    },
  );
}

test(access, 'to a rack that stands where a console was meant', {}, async (scene) => {
  const process = scene.start(throughConsole(scene, 'acme/staging'));
  verdictIs(await process.verdict, 'success');
  assert.match(
    texts(process, 'info').join('\n'),
    /has no list of racks: it is taken for a rack it/,
  );
});
test(access, 'to a rack by its host and password alone', {}, async (scene) => {
  const settings = { rack_url: '', host: scene.rack.url, password };
  verdictIs(await scene.start(settings).verdict, 'success');
});

const awkward = 'p@ss:w/rd é 1234';
test(access, 'with a password that a URL has to encode', { password: awkward }, async ({ start }) =>
  verdictIs(await start().verdict, 'success'),
);
test(
  access,
  'under a path, with or without a slash at its end',
  { prefix: '/racks/one' },
  async ({ rack, start }) =>
    verdictIs(await start({ rack_url: `${rack.rackUrl}/` }).verdict, 'success'),
);
test(
  access,
  'with a token that may only read',
  { user: 'jwt', forbidden: ['upload', 'start'] },
  async ({ rack, start }) => {
    const error = await rejectionOf<RemoteError>(start().verdict);
    assert.is(error.kind, 'permission');
    assert.match(error.message, /you are unauthorized to access this/);
    assert.is(rack.world.builds.length, 0);
  },
);

const certificate = selfSigned();
for (const [title, settings] of [
  ['a certificate of its own', { ca_cert: certificate.cert }],
  ['no certificate verified', { skip_verify: 'true' }],
] as const) {
  access(`with ${title}, to all requests and sockets`, async () => {
    const rack = await startRack({}, (answer) => serveTls(certificate, answer));
    const tree = makeTree();
    const process = startProcess(rack, settings, { tree: tree.folder });
    verdictIs(await process.verdict, 'success');
    assert.is(process.recorded.text(), 'line1\nline2\n');
    const warned = texts(process, 'warn').join();
    assert.is(
      /convox_skip_verify: the certificate of .* is not verified/.test(warned),
      'skip_verify' in settings,
    );
    const distrusting = startProcess(rack, {}, { tree: tree.folder });
    verdictIs(await distrusting.verdict, 'error', /the TLS connection failed/);
    await rack.close();
    tree.remove();
  });
}

access.run();
