import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError, Stop } from '../../src/errors.ts';
import { createHttp } from '../../src/http/client.ts';
import { convox } from '../../src/targets/convox.ts';
import type { TargetDeps } from '../../src/targets/target.ts';
import { password, startRack } from '../support/convox/fake-rack.ts';
import {
  makeTree,
  openConvox,
  type Settings,
  startProcess,
  swiftClock,
} from '../support/convox/process.ts';
import type { Sight } from '../support/convox/world.ts';
import { createNotes, order } from '../support/job.ts';
import { deadUrl } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';
import { testTarget } from './contract.ts';
import { settingsFault, test, texts, verdictIs } from './convox/stage.ts';

const sigterm: Stop = { kind: 'signal', name: 'SIGTERM' };
const envSecret = 'env-5eca4e7f00dbaadcafe';

testTarget('convox', {
  entry: convox,
  stage: async (fate) => {
    const build = { success: undefined, failure: ['running', 'failed'], endless: ['running'] }[
      fate
    ];
    const rack = await startRack(build ? { build, log: ['step 1', 'ERROR: no such file'] } : {});
    const tree = makeTree();
    const { log } = createNotes();
    const network = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 2000 };
    const http = createHttp({ ...network, clock: swiftClock, log });
    const settings = {
      ...{ rack_url: rack.rackUrl, app: 'app1', build_args: `TOKEN=${envSecret}` },
      env: `SECRET=${envSecret}`,
    };
    return {
      open: (deps) => openConvox(settings, deps),
      begun: () => rack.world.builds.length,
      secrets: [password, envSecret, 'old-0ddba11c0ffee', 'reg-0ff1cec0ffee'],
      job: { tree: tree.folder },
      deps: { http, clock: swiftClock },
      close: async () => {
        http.close();
        tree.remove();
        assert.equal(rack.complaints, []);
        await rack.close();
      },
    };
  },
});

const deploys = suite('convox');

test(deploys, 'builds what is in the tree, promotes it, and says so', {}, async (scene) => {
  const { rack, start } = scene;
  const process = start({ description: 'release 7' });
  verdictIs(await process.verdict, 'success', /^release RNEWBAAA is running$/);
  const { world } = rack;
  assert.equal(
    world.promotions.map(({ release, form }) => [release, form]),
    [['RNEWBAAA', { force: 'false' }]],
  );
  assert.equal(
    { ...world.builds[0]?.form, url: '' },
    {
      url: '',
      description: 'release 7 [slipway 0123456789abcdef0123-1]',
      manifest: 'convox.yml',
      'git-sha': '5'.repeat(40),
    },
  );
  assert.match(world.builds[0]?.form.url ?? '', /^object:\/\/app1\/tmp\/[0-9a-f]{30}\.tgz$/);
  assert.equal(
    [...process.recorded.results],
    [
      ['rack_version', '3.24.6'],
      ['build', 'BNEWAAAA'],
      ['release', 'RNEWBAAA'],
      ['previous_release', 'ROLD'],
    ],
  );
  assert.is(process.recorded.text(), 'line1\nline2\n');
});

test(deploys, 'describes a build by what CI knows', {}, async ({ rack, start }) => {
  const more = { actor: 'mona', buildUrl: 'https://ci.example.com/1' };
  await start({}, { order: { ...order, ...more } }).verdict;
  assert.is(
    rack.world.builds[0]?.form.description,
    'octo/hello 55555555 (main) by mona https://ci.example.com/1 [slipway 0123456789abcdef0123-1]',
  );
});

const awkward = JSON.stringify({ PLAIN: 'a-b', SPACED: "it's two", EMPTY: '' });
for (const [version, args] of [
  ['3.24.6', "PLAIN=a-b,'SPACED=it'\\''s two',EMPTY="],
  ['20260421192651', "PLAIN=a-b,SPACED=it's two,EMPTY="],
] as const) {
  test(
    deploys,
    `sends arguments as ${version} reads them`,
    { version },
    async ({ rack, start }) => {
      const settings = { build_args: awkward, no_cache: 'true', development: 'true' };
      const process = start(settings);
      await process.verdict;
      const form = rack.world.builds[0]?.form ?? {};
      assert.is(form['build-args'], args);
      assert.equal([form['no-cache'], form.development], ['true', 'true']);
      const warned = texts(process, 'warn').join();
      assert.is(/convox_no_cache/.test(warned), version.startsWith('3'), warned);
    },
  );
}

test(
  deploys,
  'does not guess how to quote on a rack that it cannot see',
  { forbidden: ['system', 'app'] },
  async ({ rack, start }) => {
    verdictIs(await start({ build_args: awkward }).verdict, 'failure', /has to be quoted/);
    assert.is(rack.world.builds.length, 0);
  },
);

for (const [build, log, said] of [
  [['running', 'failed'], ['a', 'ERROR: build failed: exit 7'], /failed: build failed: exit 7$/],
  [['failed'], ['a', 'b', 'last words'], /BNEWAAAA failed: last words$/],
  [['failed'], ['ERROR: open convox.yml: no such file'], /failed: open convox.yml: no such file$/],
  [['failed'], [], /failed: it does not say why$/],
  [
    ['failed'],
    ['#8 npm: not found', '#8 took 2 s', 'ERROR: exit status 1'],
    /failed: #8 npm: not found \(exit status 1\)$/,
  ],
] as const) {
  test(
    deploys,
    `tells why a build failed: ${log.at(-1)}`,
    { build, log },
    async ({ rack, start }) => {
      verdictIs(await start().verdict, 'failure', said);
      assert.is(rack.world.promotions.length, 0);
    },
  );
}

test(
  deploys,
  'waits for a build whose words it does not know',
  { build: ['created', 'resting', 'resting', 'running', 'complete'] },
  async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success');
    assert.equal(texts(process, 'warn'), [
      'The rack calls the build resting, a word not known: taken as running',
    ]);
  },
);

test(deploys, 'builds only', {}, async ({ rack, start }) => {
  const process = start({ promote: 'false' });
  verdictIs(await process.verdict, 'success', /^RNEWBAAA: built, not promoted$/);
  assert.is(process.recorded.results.get('release'), 'RNEWBAAA');
  assert.is(rack.world.promotions.length, 0);
});

test(deploys, 'promotes only', {}, async ({ rack, start }) => {
  rack.world.releases.push({ id: 'RTHERE', build: 'B1', env: '' });
  const settings = { release: 'RTHERE', rollout_timeout: '10m', force: 'true' };
  verdictIs(await start(settings).verdict, 'success', /^release RTHERE is running$/);
  assert.equal(rack.world.promotions, [
    { release: 'RTHERE', form: { force: 'true', timeout: '600' } },
  ]);
  assert.is(rack.world.builds.length, 0);
});

test(deploys, 'tells why an older release cannot be promoted', {}, async ({ rack, start }) => {
  rack.world.releases.unshift({ id: 'ROLDER', build: 'B0', env: '' });
  verdictIs(
    await start({ release: 'ROLDER' }).verdict,
    'failure',
    /convox_release is older than the active ROLD, .* to go back, build the old commit again/,
  );
});
for (const [version, isWarned] of [
  ['3.24.6', false],
  ['20260421192651', true],
] as const) {
  test(
    deploys,
    `warns of convox_rollout_timeout on ${version}: ${isWarned}`,
    { version },
    async (scene) => {
      const process = scene.start({ rollout_timeout: '10m', promote: 'false' });
      await process.verdict;
      assert.is(/convox_rollout_timeout/.test(texts(process, 'warn').join()), isWarned);
    },
  );
}
test(deploys, 'says that it starts the build before the rack answers', {}, async (scene) => {
  const { rack, start } = scene;
  rack.fail('start', 'hang');
  const process = start();
  while (!rack.seen.includes('start')) await pause(2);
  assert.is(process.recorded.progress.at(-1), 'starting the build');
  process.kill();
});
test(deploys, 'tells that an upload is sent again', {}, async ({ rack, start }) => {
  rack.fail('upload', 'cut');
  const process = start();
  verdictIs(await process.verdict, 'success');
  assert.match(texts(process, 'warn').join(), /The upload broke off and is sent again .*\(try 2\)/);
  assert.not(texts(process, 'info').join().includes('The answer was lost'));
});
test(deploys, 'promotes once more what is there already', {}, async ({ rack, start }) => {
  verdictIs(await start({ release: 'ROLD' }).verdict, 'success', /^release ROLD is running$/);
  assert.is(rack.world.promotions.length, 1);
});

test(deploys, 'creates the app, where it is told to', {}, async ({ rack, start }) => {
  rack.world.isThere = false;
  const without = start();
  await settingsFault(without, /CONVOX_APP names no app .*: app1; .*or set convox_create_app$/);
  verdictIs(await start({ create_app: 'true' }, { attempt: '2' }).verdict, 'success');
  assert.is(rack.world.builds.length, 1);
});
test(
  deploys,
  'sees that an app is missing in what version 2 says',
  { version: '20260421192651' },
  async ({ rack, start }) => {
    rack.world.isThere = false;
    await settingsFault(start(), /CONVOX_APP names no app .*: app1/);
    assert.equal(rack.seen, ['builds', 'system', 'app']);
  },
);

test(deploys, 'keeps the variables that it does not set', {}, async ({ rack, start }) => {
  verdictIs(await start({ env: 'NEW=1,OTHER=2' }).verdict, 'success');
  const { releases, promotions } = rack.world;
  assert.equal(
    releases.map(({ env }) => env.split('\n')),
    [
      ['KEEP=me', 'OTHER=old-0ddba11c0ffee'],
      ['KEEP=me', 'NEW=1', 'OTHER=2'],
      ['KEEP=me', 'NEW=1', 'OTHER=2'],
    ],
  );
  assert.equal(
    promotions.map(({ release }) => release),
    ['RNEWCAAA'],
  );
});
test(deploys, 'makes no release for variables that are there', {}, async ({ rack, start }) => {
  await start({ env: 'KEEP=me' }).verdict;
  assert.not(rack.seen.includes('env'));
});
test(
  deploys,
  'replaces them all, which needs no reading',
  { forbidden: ['releases', 'release'] },
  async ({ rack, start }) => {
    verdictIs(await start({ env: 'NEW=1' }).verdict, 'failure', /set convox_env_replace/);
    verdictIs(await start({ env: 'NEW=1', env_replace: 'true' }).verdict, 'success');
    assert.is(rack.world.releases[1]?.env, 'NEW=1');
  },
);

test(
  deploys,
  'needs no more than a deploy key may do',
  {
    forbidden: [
      ...(['system', 'create', 'object', 'builds', 'releases', 'release', 'cancel'] as const),
      ...(['app logs', 'processes', 'diagnose', 'process start', 'exec'] as const),
    ],
  },
  async ({ start }) => verdictIs(await start().verdict, 'success'),
);

for (const [name, changes, said] of [
  [
    'no manifest',
    { manifest: 'other.yml' },
    /CONVOX_MANIFEST names no file of the source tree: other\.yml; set it or convox_dir/,
  ],
  ['no folder', { dir: 'nowhere' }, /CONVOX_DIR names no folder of the source tree: nowhere/],
] as const) {
  test(deploys, `says at once that there is ${name}`, {}, async ({ rack, start }) => {
    await settingsFault(start({ ...changes, env: 'A=1' }), said);
    assert.not(rack.seen.includes('upload') || rack.seen.includes('env'));
  });
}
for (const version of ['3.24.6', '20260421192651']) {
  test(deploys, `says at once that ${version} has no such release`, { version }, async (scene) => {
    const { rack, start } = scene;
    await settingsFault(start({ release: 'RNONE', ...migrate }), /CONVOX_RELEASE names no release/);
    assert.equal([rack.world.processes, rack.world.promotions], [[], []]);
  });
}
test(deploys, 'names convox_env where it may not be set', { forbidden: ['env'] }, async (scene) => {
  const error = await rejectionOf<RemoteError>(scene.start({ env: 'A=1' }).verdict);
  assert.is(error.kind, 'permission');
  assert.match(error.message, /may not do this; convox_env cannot be set so/);
});
deploys('says at once that the manifest is left out of the archive', async () => {
  const rack = await startRack();
  const tree = makeTree({ '.dockerignore': 'convox.yml' });
  const process = startProcess(rack, {}, { tree: tree.folder });
  await settingsFault(process, /left out by \.dockerignore: convox\.yml; add !convox\.yml to it/);
  await rack.close();
  tree.remove();
});

for (const [title, link, said] of [
  ['out of the tree', '/etc/hostname', /MANIFEST leads out of the source tree, and the rack gets/],
  ['to what the archive leaves out', 'hidden.yml', /MANIFEST is left out by \.dockerignore/],
  ['nowhere', 'gone.yml', /MANIFEST names no file of the source tree/],
] as const) {
  deploys(`says at once that the manifest is a link ${title}`, async () => {
    const rack = await startRack();
    const files = {
      'convox.yml': '',
      '.dockerignore': 'hidden.yml',
      'hidden.yml': 'services: {}\n',
    };
    const tree = makeTree(files);
    symlinkSync(link, join(tree.folder, 'convox.yml'));
    await settingsFault(startProcess(rack, {}, { tree: tree.folder }), said);
    assert.not(rack.seen.includes('upload'));
    await rack.close();
    tree.remove();
  });
}
test(deploys, 'says that the manifest lies beside the folder', {}, async ({ tree, start }) => {
  mkdirSync(join(tree, 'sub'));
  const process = start({ dir: 'sub', manifest: '../convox.yml' });
  await settingsFault(
    process,
    /CONVOX_MANIFEST leads out of sub, and the rack gets nothing of that/,
  );
});
deploys('takes a manifest that is a link within the tree', async () => {
  const rack = await startRack();
  const tree = makeTree({ 'convox.yml': '', 'real.yml': 'services: {}\n' });
  symlinkSync('real.yml', join(tree.folder, 'convox.yml'));
  verdictIs(await startProcess(rack, {}, { tree: tree.folder }).verdict, 'success');
  await rack.close();
  tree.remove();
});
deploys('says at once that the tree is empty', async () => {
  const rack = await startRack();
  const tree = makeTree({ 'convox.yml': '', Dockerfile: '' });
  const process = startProcess(rack, {}, { tree: tree.folder });
  await settingsFault(
    process,
    /MANIFEST names no file of the source tree: convox\.yml; .*check the ch/,
  );
  await rack.close();
  tree.remove();
});

// How a rollout may go.

const rollouts = suite('convox: rollouts');
const rolls: readonly (readonly [
  string,
  readonly Sight[],
  'success' | 'failure' | 'error',
  RegExp,
])[] = [
  [
    'a slow one',
    ['updating', 'updating', 'updating', 'updating', 'running'],
    'success',
    /is running/,
  ],
  [
    'one whose controller lags',
    ['lag', 'lag', 'lag', 'lag', 'updating', 'running'],
    'success',
    /run/,
  ],
  ['one that was over at once', ['running'], 'success', /is running/],
  [
    'one that is undone',
    ['updating', 'rollback', 'rollback', 'back'],
    'failure',
    /rolled release RNEWBAAA back to release ROLD/,
  ],
  [
    'one that is undone while it still shows the new release',
    ['updating', 'rolling', 'rollback', 'back'],
    'failure',
    /back to release ROLD/,
  ],
  ['one whose undoing nobody saw', ['updating', 'back'], 'failure', /back to release ROLD/],
  ['one that serves for all its undoing', ['updating', 'rolling', 'running'], 'success', /running/],
  [
    "one that outlives the undoing of another's",
    ['updating', 'running', 'updating', 'rolling', 'running'],
    'success',
    /is running/,
  ],
  ['one that is undone at once', ['rollback', 'back'], 'failure', /back to release ROLD/],
  ['one that fails for good', ['updating', 'failed'], 'failure', /the app is failed/],
  [
    'a stale look among others',
    ['updating', 'lag', 'updating', 'running', 'updating', 'running'],
    'success',
    /running/,
  ],
  [
    'one that never begins',
    ['lag'],
    'error',
    /still runs release ROLD: whether it will begin is not known/,
  ],
];
for (const [title, rollout, outcome, said] of rolls) {
  test(rollouts, `tells ${title} as ${outcome}`, { rollout }, async ({ rack, start }) => {
    verdictIs(await start().verdict, outcome, said);
    assert.is(rack.world.promotions.length, 1);
  });
}

test(
  rollouts,
  'tells a first deploy that is undone',
  { rollout: ['updating', 'rollback', 'back'] },
  async ({ rack, start }) => {
    rack.world.release = '';
    verdictIs(await start().verdict, 'failure', /rolled release RNEWBAAA back to nothing$/);
  },
);

test(rollouts, "leaves another's rollout alone", {}, async ({ rack, start }) => {
  rack.world.others.push('updating', 'updating', 'rollback', 'running');
  rack.onExchange = (exchange) => {
    if (exchange === 'start') rack.world.others.push('updating', 'updating', 'updating', 'running');
  };
  const process = start();
  verdictIs(await process.verdict, 'success');
  assert.match(process.recorded.progress.join('\n'), /waiting for the app, which is updating; its/);
  assert.is(rack.world.cancels, 0);
});
for (const was of ['rollback', 'failed']) {
  test(
    rollouts,
    `with force, does not take for the end of its own that the app was in ${was}`,
    { rollout: ['lag', 'lag', 'updating', 'running'] },
    async ({ rack, start }) => {
      rack.onExchange = (exchange) => {
        if (exchange === 'start') rack.world.status = was;
        if (exchange === 'promote') rack.world.others.push(was, was);
      };
      verdictIs(await start({ force: 'true' }).verdict, 'success');
    },
  );
}
test(rollouts, 'does not wait where it is told to use force', {}, async ({ rack, start }) => {
  rack.world.status = 'updating';
  verdictIs(await start({ force: 'true' }).verdict, 'success');
});

for (const [status, text, said] of [
  [400, 'can not promote an older release, try rollback', /older release, .*by another pipeline/],
  [500, 'can not promote an older release, try rollback', /older release/],
  [400, 'can not promote a release with an empty manifest', /empty manifest$/],
  [409, 'budget cap exceeded for app app1', /budget cap exceeded/],
  [500, 'yaml: line 3: mapping values are not allowed', /mapping values/],
  [404, 'app not found: app1', /app not found/],
] as const) {
  test(rollouts, `tells a refusal: ${status} ${text}`, {}, async ({ rack, start }) => {
    rack.refuse = ['promote', status, text];
    verdictIs(await start().verdict, 'failure', said);
    assert.is(rack.world.promotions.length, 0);
  });
}

const diagnosis = {
  overview: {
    services: [{ name: 'web', status: 'stalled', stallReason: 'ImagePullBackOff' }],
    events: [
      { type: 'Warning', reason: 'BackOff', object: 'pod/web-1', message: 'back-off\nfor 40s' },
    ],
  },
  initPods: [],
  pods: [
    { service: 'web', classification: 'healthy' },
    {
      ...{ service: 'web', classification: 'unhealthy', stateDetail: 'CrashLoopBackOff (exit 1)' },
      ...{ restarts: 3, hint: 'the container exits', previousLogs: 'boot\nno DATABASE_URL\n' },
    },
  ],
};
test(
  rollouts,
  'tells why, from what the rack knew while the processes were there',
  { rollout: ['updating', 'rollback', 'back'], diagnosis },
  async ({ rack, start }) => {
    const process = start();
    verdictIs(
      await process.verdict,
      'failure',
      /to release ROLD: web: CrashLoopBackOff \(exit 1\) \(3 restarts\); the container exits$/,
    );
    assert.equal(texts(process, 'warn'), [
      'service web is stalled: ImagePullBackOff',
      'web: CrashLoopBackOff (exit 1) (3 restarts); the container exits',
      'web said: boot',
      'web said: no DATABASE_URL',
      'pod/web-1 BackOff: back-off for 40s',
    ]);
    assert.is(rack.seen.filter((each) => each === 'diagnose').length, 1);
  },
);

for (const [title, rollout, said] of [
  [
    'fails for good',
    ['updating', 'failed'],
    /^the rollout of release RNEWBAAA ended badly: the app is failed now: web: CrashLoopBackOff/,
  ],
  ['goes back unseen', ['updating', 'back'], /back to release ROLD: web: CrashLoopBackOff/],
] as const) {
  test(rollouts, `tells why one ${title}`, { rollout, diagnosis }, async ({ rack, start }) => {
    const process = start();
    verdictIs(await process.verdict, 'failure', said);
    assert.ok(texts(process, 'warn').includes('web said: no DATABASE_URL'));
    assert.is(rack.seen.filter((each) => each === 'diagnose').length, 1);
  });
}
test(
  rollouts,
  'tells that the credential may not see why',
  { rollout: ['updating', 'rollback', 'back'], forbidden: ['diagnose'] },
  async ({ start }) =>
    verdictIs(await start().verdict, 'failure', /ROLD: why .* may not read the diagnosis of the/),
);

const appLines = [
  '2026-03-18T14:30:49Z system/k8s/atom/app Status: Running => Updating\n',
  '2026-03-18T14:30:49Z service/web/1 GET / 200\n',
];
test(
  rollouts,
  "passes the system's lines on, once",
  {
    rollout: [...Array(8).fill('updating'), 'running'],
    tellApp: async (talk) => {
      for (const line of appLines) await talk.say(line);
      await talk.eof();
    },
  },
  async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success');
    assert.is(process.recorded.text(), `line1\nline2\n${appLines[0]}`);
  },
);

// Stops.

const stops = suite('convox: stops');
const slow = [...Array(200).fill('updating')] as Sight[];
for (const stop of [sigterm, { kind: 'timeout' }] as const) {
  const outcome = stop.kind === 'timeout' ? 'timed_out' : 'cancelled';
  test(
    stops,
    `cancels its own rollout at ${stop.kind}`,
    { rollout: slow },
    async ({ rack, start }) => {
      const process = start();
      while (rack.world.promotions.length === 0 || rack.seen.at(-1) !== 'app') await pause(2);
      process.recorded.stop(stop);
      const verdict = await process.verdict;
      verdictIs(verdict, outcome, /^the rack went back to ROLD$/);
      assert.equal(
        [rack.world.cancels, rack.world.release, verdict.goesOn],
        [1, 'ROLD', undefined],
      );
    },
  );
}

test(stops, 'tells a build that runs on', { build: ['running'] }, async ({ rack, start }) => {
  const process = start();
  while (rack.world.builds.length === 0) await pause(2);
  process.recorded.stop(sigterm);
  const verdict = await process.verdict;
  verdictIs(verdict, 'cancelled');
  assert.is(verdict.goesOn, rack.host);
  assert.is(verdict.part, 'build BNEWAAAA, which is not promoted,');
});

test(stops, "does not cancel another's rollout", {}, async ({ rack, start }) => {
  rack.onExchange = (exchange) => {
    if (exchange === 'start') rack.world.others.push(...Array(500).fill('updating'));
  };
  const process = start();
  while (!process.recorded.progress.join().includes('waiting for the app')) await pause(2);
  process.recorded.stop(sigterm);
  verdictIs(await process.verdict, 'cancelled', /^release RNEWBAAA was not promoted$/);
  assert.equal([rack.world.cancels, rack.seen.includes('cancel')], [0, false]);
});

for (const [how, end] of [
  ['SIGTERM', {}],
  ['convox_promote_timeout', { promote_timeout: '60' }],
] as const) {
  test(
    stops,
    `leaves a rollout alone that has followed its own, at ${how}`,
    { rollout: ['updating', 'running'] },
    async ({ rack, start }) => {
      const { world } = rack;
      rack.onExchange = (exchange) => {
        if (exchange !== 'app' || world.release !== 'RNEWBAAA') return;
        if (world.status !== 'updating') return;
        world.rolling = 'ROTHER';
        world.script.splice(0, 9, ...slow, ...slow);
      };
      const process = start(end);
      while (!process.recorded.progress.join().includes('with release ROTHER')) await pause(2);
      if (how === 'SIGTERM') process.recorded.stop(sigterm);
      const verdict = await process.verdict;
      const outcome = how === 'SIGTERM' ? 'cancelled' : 'timed_out';
      verdictIs(verdict, outcome, /updating with release ROTHER, which is not ours/);
      assert.equal([world.cancels, rack.seen.includes('cancel')], [0, false]);
    },
  );
}

test(
  stops,
  'cancels its own rollout while the answer to the promotion is still to come',
  { rollout: slow },
  async ({ rack, start }) => {
    rack.fail('promote', 'hang after');
    const process = start();
    while (rack.world.promotions.length === 0) await pause(2);
    process.recorded.stop(sigterm);
    verdictIs(await process.verdict, 'cancelled', /^the rack went back to ROLD$/);
    assert.equal([rack.world.cancels, rack.world.release], [1, 'ROLD']);
  },
);
test(
  stops,
  'says what may go on where the promotion was not answered and does not show',
  { rollout: Array(99).fill('lag') },
  async ({ rack, start }) => {
    rack.fail('promote', 'hang after');
    const process = start();
    while (rack.world.promotions.length === 0) await pause(2);
    process.recorded.stop(sigterm);
    const verdict = await process.verdict;
    verdictIs(verdict, 'error', /^not known whether release RNEWBAAA was promoted/);
    assert.match(verdict.goesOn ?? '', /if it was promoted$/);
    assert.is(rack.world.cancels, 0);
  },
);

test(
  stops,
  'tells of a rollout that cannot be cancelled',
  { rollout: slow, forbidden: ['cancel'] },
  async ({ rack, start }) => {
    const process = start();
    while (rack.world.promotions.length === 0) await pause(2);
    process.recorded.stop(sigterm);
    const verdict = await process.verdict;
    verdictIs(verdict, 'cancelled', /could not be told to cancel/);
    assert.match(verdict.goesOn ?? '', /127\.0\.0\.1/);
  },
);

test(stops, 'ends a build that takes too long', { build: ['running'] }, async ({ start }) => {
  const verdict = await start({ build_timeout: '1' }).verdict;
  verdictIs(verdict, 'timed_out', /longer than convox_build_timeout/);
  assert.ok(verdict.goesOn);
});
test(stops, 'cancels a rollout that takes too long', { rollout: slow }, async ({ rack, start }) => {
  verdictIs(
    await start({ promote_timeout: '1' }).verdict,
    'timed_out',
    /^convox_promote_timeout passed: the rack went back to ROLD/,
  );
  assert.is(rack.world.cancels, 1);
});

// A command on the new release.

const commands = suite('convox: convox_before_promote');
const migrate = { before_promote: 'web: bin/migrate --all' };
test(commands, 'runs it on the new release, and promotes then', {}, async ({ rack, start }) => {
  const process = start(migrate);
  verdictIs(await process.verdict, 'success');
  const { ran, ended, processes } = rack.world;
  assert.equal([ran, ended], [['bin/migrate --all'], ['web-1']]);
  assert.is(processes[0]?.release, 'RNEWBAAA');
  assert.is(process.recorded.text(), 'line1\nline2\nmigrated\n');
});
for (const [title, say, said] of [
  [
    'it fails',
    'oops\nF1E49A85-0AD7-4AEF-A618-C249C6E6568D:3\n',
    /ended with 3: release RNEWBAAA was not/,
  ],
  [
    'its end is not told',
    'half of it\n',
    /without an exit code, so what it did is not known; release/,
  ],
  ['its end is half told', 'x F1E49A85-0AD7-4AEF-A618', /without an exit code/],
] as const) {
  for (const isCut of [false, true]) {
    test(
      commands,
      `does not promote when ${title}${isCut ? ', and the connection is cut' : ''}`,
      {
        exec: async (talk) => {
          await talk.say(say.slice(0, 20));
          await talk.say(say.slice(20));
          if (isCut) talk.socket.end();
          else await talk.eof();
        },
      },
      async ({ rack, start }) => {
        verdictIs(await start(migrate).verdict, 'failure', said);
        assert.equal([rack.world.promotions, rack.world.ended], [[], ['web-1']]);
      },
    );
  }
}
for (const isStopped of [false, true]) {
  const by = isStopped ? 'the run is stopped' : 'the connection is cut';
  test(
    commands,
    `shows every line when it comes, the last ones too where ${by}`,
    {
      exec: async ({ say, socket }) => {
        await say('ALTER TABLE\n');
        await say('ERROR: F1E4 locked');
        if (!isStopped) socket.end();
      },
    },
    async ({ start }) => {
      const process = start(migrate);
      while (!/locked$/.test(process.recorded.text()) && isStopped) await pause(2);
      if (isStopped) process.recorded.stop(sigterm);
      await process.verdict;
      assert.match(process.recorded.text(), /ALTER TABLE\nERROR: F1E4 locked$/);
    },
  );
}
for (const isStopped of [false, true]) {
  const by = isStopped ? 'the run is stopped' : 'the connection is cut';
  test(
    commands,
    `shows a line that looks like the beginning of an end where ${by}`,
    {
      exec: async ({ say, socket }) => {
        await say('half F1E49A85-0A');
        if (!isStopped) socket.end();
      },
    },
    async ({ start }) => {
      const process = start(migrate);
      while (!/half $/.test(process.recorded.text()) && isStopped) await pause(2);
      if (isStopped) process.recorded.stop(sigterm);
      await process.verdict;
      assert.match(process.recorded.text(), /half F1E49A85-0A$/);
    },
  );
}
test(commands, 'is ended with the run', { exec: () => {} }, async ({ rack, start }) => {
  const process = start(migrate);
  while (rack.world.ran.length === 0) await pause(2);
  process.recorded.stop(sigterm);
  verdictIs(await process.verdict, 'cancelled', /was ended, release RNEWBAAA was not promoted/);
  assert.equal(rack.world.ended, ['web-1']);
});

// Settings, credentials, words.

const words = suite('convox: settings');
for (const [title, settings, said] of [
  ['no way in', { rack_url: '' }, /CONVOX_RACK_URL is required; or set convox_password/],
  ['a rack without a password', { rack_url: 'https://rack.example.com' }, /holds no password/],
  ['a user without a password', { rack_url: 'https://convox@r.example.com' }, /holds no password/],
  ...['rack.1', '256.1.1.1', 'rack.example.com:99999', '1.2.3.4.5', 'https://rack.1/'].map(
    (host) =>
      [
        `the host ${host}`,
        { rack_url: '', host, password: 'x' },
        /CONVOX_HOST must be a host; as an address or with this port there is none/,
      ] as const,
  ),
  ['a console without a rack', { rack_url: '', password: 'x' }, /CONVOX_RACK is required: console/],
  ['a comma in an argument', { build_args: '{"A":"1,2"}' }, /BUILD_ARGS holds in A a comma/],
  ['a line break in a variable', { env: '{"A":"1\\n2"}' }, /CONVOX_ENV holds in A a line break/],
  ['variables without a build', { release: 'RABC', env: 'A=1' }, /CONVOX_ENV goes into a build/],
  [
    'a release that is not promoted',
    { release: 'RABC', promote: 'false' },
    /RELEASE is there to be/,
  ],
  [
    'a migration without a promotion',
    { promote: 'false', ...migrate },
    /BEFORE_PROMOTE comes before/,
  ],
  ['a replacement by nothing', { env_replace: 'true' }, /ENV_REPLACE needs convox_env/],
  ['a command without a service', { before_promote: 'bin/migrate' }, /must be `service: command`/],
] as const) {
  words(`refuses ${title}`, async () => {
    const rack = { rackUrl: 'https://convox:pw@rack.example.com' };
    const error = await rejectionOf((async () => startProcess(rack, settings))());
    assert.match(error.message, said);
  });
}

words('tells which credential goes where', () => {
  const of = (values: object) => convox.credentials({ values } as never);
  assert.equal(of({ convoxRackUrl: 'https://convox:pw@rack.example.com/x/' }), [
    { setting: 'convox_rack_url', host: 'rack.example.com' },
  ]);
  const host = { convoxHost: 'console.convox.com', convoxPromote: true };
  assert.equal(of({ ...host, convoxPassword: 'x', convoxRack: 'a' }), [
    { setting: 'convox_password', host: 'console.convox.com' },
  ]);
});

test(words, 'plans in words', {}, async ({ rack }) => {
  const { log } = createNotes();
  const http = createHttp({
    proxyEnv: {},
    caCert: undefined,
    skipVerify: false,
    timeoutMs: 500,
    clock: swiftClock,
    log,
  });
  const tree = makeTree();
  const deps = { http, clock: swiftClock, log, cwd: tree.folder, env: {} };
  const settings = { rack_url: rack.rackUrl, app: 'app1', env: 'A=1', ...migrate };
  const target = openConvox(settings, deps);
  assert.equal(target.plan(order), [
    'set A of app1',
    `send . and build app1 on ${rack.host} by convox.yml (55555555)`,
    'run "web: bin/migrate --all" on the new release',
    `promote what was built of app1 on ${rack.host} and watch the rollout to its end`,
    'to stop it, cancel the rollout; a build cannot be cancelled',
  ]);
  const { signal } = new AbortController();
  assert.equal(
    (await target.check(signal)).map(({ ok }) => ok),
    [true, 'not provable'],
  );
  rack.world.isThere = false;
  const [missing] = await target.check(signal);
  assert.equal([missing?.ok, missing?.ofSetting], [false, true]);
  rack.world.isThere = true;
  const told = async (more: Settings, changes: Partial<TargetDeps> = {}): Promise<unknown> => {
    const opened = openConvox(
      { rack_url: rack.rackUrl, app: 'app1', ...more },
      { ...deps, ...changes },
    );
    return (await opened.check(signal)).filter((each) => each.ok !== true && each.ofSetting);
  };
  const fault = (text: string): object => ({ ok: false, ofSetting: true, text });
  assert.equal(await told({}), []);
  assert.equal(await told({ manifest: 'other.yml' }), [
    fault(
      'PLUGIN_CONVOX_MANIFEST names no file of the source tree: other.yml; set it or convox_dir, or check the checkout',
    ),
  ]);
  assert.equal(await told({ release: 'RNONE' }), [
    fault('PLUGIN_CONVOX_RELEASE names no release of the app app1: RNONE'),
  ]);
  assert.equal(await told({ release: 'ROLD' }), []);
  assert.equal(await told({ manifest: 'other.yml' }, { fetchesTree: true }), [
    {
      ok: 'not provable',
      ofSetting: true,
      text: 'whether the tree has other.yml shows when it is fetched',
    },
  ]);
  writeFileSync(join(tree.folder, '.dockerignore'), '*.yml\n');
  assert.equal(await told({}), [
    fault(
      'PLUGIN_CONVOX_MANIFEST is left out by .dockerignore: convox.yml; add !convox.yml to it, or the rack would not find it',
    ),
  ]);
  tree.remove();
  const dead = (await deadUrl()).replace('//', '//convox:pw@');
  const [first] = await openConvox({ ...settings, rack_url: dead }, deps).check(signal);
  assert.is(first?.ok, 'not reached');
  assert.match(
    first?.text ?? '',
    /^convox_rack_url could not be tried, for .* is unreachable: .*; check convox_rack_url$/,
  );
  const wrong = openConvox({ ...settings, rack_url: rack.rackUrl.replace('pw-', 'no-') }, deps);
  const [finding] = await wrong.check(signal);
  assert.is(finding?.ok, false);
  assert.match(
    finding?.text ?? '',
    /invalid authentication \(request 0123456789ab\); convox_rack_url is wrong, expired or revoked$/,
  );
  http.close();
});

test(words, 'names the credential that does not work', {}, async ({ rack, start }) => {
  const error = await rejectionOf<RemoteError>(
    start({ rack_url: rack.rackUrl.replace('pw-', 'no-') }).verdict,
  );
  assert.is(error.kind, 'credentials');
  assert.is(rack.world.objects.size, 0);
});
words('says that nothing listens', async () => {
  const rackUrl = (await deadUrl()).replace('//', '//convox:pw@');
  verdictIs(
    await startProcess({ rackUrl }).verdict,
    'error',
    /^nothing was built: .*refused; check convox_rack_url$/,
  );
});

deploys.run();
rollouts.run();
stops.run();
commands.run();
words.run();
