/** dist/slipway.mjs fed with nonsense: a fault that names the setting, or a deploy that works; never a bug. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { serve } from '../support/loopback.ts';
import { type Ended, type Env, forEach, onStage, sha } from './stage.ts';

const huge = 'x'.repeat(100_000);
const deep = (levels: number): string => `{"a":${'['.repeat(levels)}1${']'.repeat(levels)}}`;

/** No variable of a process holds more than 128 KiB: a larger value comes in a file. */
const nonsense: Readonly<Record<string, string>> = {
  empty: '',
  blank: ' \t ',
  'line breaks': '\n\r\n',
  binary: '\u0001\u0007\u001b[31m\u009b\ufffd\u007f',
  'long text': huge,
  emoji: '🦄👩‍👩‍👧‍👦',
  'two lines': 'one\ntwo',
  'JSON of another type': '[{"a":[null,{"b":[]}]}]',
  'half of JSON': '{"a":',
  'a negative number': '-1',
  'a huge number': '99999999999999999999e99',
  'an object of JavaScript': '[object Object]',
  prototype: '__proto__',
  'a map of prototypes': '{"__proto__":{"x":1},"constructor":"y"}',
  'an option': '--help',
  'a traversal': '../../../../etc/passwd',
  'a file that is not there': '@/no/such/file',
  'deep JSON': deep(30_000),
};

/** A target's own setting is read where it is the target that deploys; the service there refuses everybody. */
const asTarget = (name: string, url: string): Env => {
  const targets: Readonly<Record<string, Env>> = {
    webhook: { webhook_url: url },
    divio: { divio_token: 'token', divio_application: 'shop', divio_api_url: url },
    spinnaker: {
      ...{ spinnaker_gate_url: url, spinnaker_token: 'token' },
      ...{ spinnaker_application: 'shop', spinnaker_pipeline: 'deploy' },
    },
    convox: { convox_host: url, convox_password: 'password', convox_app: 'shop' },
  };
  const [target = ''] = name.split('_');
  const settings = targets[target];
  return settings ? { command: undefined, target, ...settings } : {};
};
const isApp = (name: string): Env =>
  name === 'github_app_private_key' ? { github_token: undefined, github_app_id: '7' } : {};

/** The author can act on it: no stack, no code of ours, and a fault names the setting. */
function assertSane({ code, signal, log }: Ended, name: string, what: string, raw: string): void {
  const shown = `${name} is ${what}: exit ${code} ${signal}\n${log.slice(0, 2000)}`;
  assert.not.match(log, /bug in Slipway|^\s+at .*:\d+:\d+/m, shown);
  assert.ok([0, 1, 2, 3, 5, 6].includes(code ?? -1), shown);
  assert.ok(log.length < 30_000, shown);
  // What is blank is not set, so what is missing without it may be named instead.
  if (code !== 2 || raw.trim() === '') return;
  const line = log
    .split('\n')
    .find((each) => /^(?: {2}- |FAILS: )/.test(each) && each.toLowerCase().includes(name));
  assert.match(line ?? '', new RegExp(`\\b\\w*${name}\\b`, 'i'), shown);
  assert.match(line ?? '', / (?:must|is|holds|has|names|leads|cannot|would|beside|finds) ?/, shown);
}

const Nonsense = suite('nonsense');

// All of them with all of it takes minutes, and two of a kind rarely differ: each setting gets every sixth.
Nonsense('in any setting is a fault with its name, or works', () =>
  onStage(async (stage) => {
    // What Convox sends, so that only the nonsense is missing.
    writeFileSync(path.join(stage.folder, 'convox.yml'), 'services: {}\n');
    const cases = Object.keys(everySetting).flatMap((key, row) =>
      Object.entries(nonsense).flatMap(([what, raw], column) =>
        (row + column) % 6 === 0 ? [{ name: yamlName(key), what, raw }] : [],
      ),
    );
    const service = await serve((_, response) => response.writeHead(401).end());
    try {
      await forEach(cases, 4, async ({ name, what, raw }) => {
        const target = asTarget(name, service.url);
        const settings = { ...target, ...isApp(name), dry_run: 'true', [name]: raw };
        assertSane(await stage.run(settings), name, what, raw);
      });
    } finally {
      await service.close();
    }
  }),
);

Nonsense('in an event is a warning, with the nearest that there is', () =>
  onStage(async (stage) => {
    const { code, log } = await stage.run({ events: 'promot,push' });
    assert.is(code, 0, log);
    assert.match(
      log,
      'warning: PLUGIN_EVENTS names "promot", which is no event of drone; did you mean promote?',
    );
    assert.not.match(log, '"push"');
  }),
);

Nonsense('in a payload of sixty thousand keys is said once', () =>
  onStage(async (stage) => {
    const keys = Array.from({ length: 60_000 }, (_, at) => [`key${at}`, 1]);
    const id = stage.github.addDeployment({
      ...{ ref: sha, environment: 'production', creator: 'mona', at: Date.now() - 10_000 },
      payload: Object.fromEntries(keys),
    }).id;
    const { code, log } = await stage.run({
      deployment_id: String(id),
      command: 'echo $DEPLOY_PAYLOAD_KEY7',
    });
    assert.is(code, 0, log.slice(0, 2000));
    assert.match(
      log,
      /^warning: not passed to the command, because it is too large .* and \d+ more of its keys$/m,
    );
    assert.ok(log.split('\n').length < 30, log.slice(0, 2000));
  }),
);

Nonsense("in the depth of a payload is a fault, or the forge's", () =>
  onStage(async (stage) => {
    const written = await stage.run({ payload: deep(30_000) });
    assert.is(written.code, 2, written.log);
    assert.match(written.log, /PLUGIN_PAYLOAD must be a map: a JSON object of at most 100 levels/);
    assert.is(stage.github.requests.length, 0);
    const id = stage.github.addDeployment({
      ...{ ref: sha, environment: 'production', creator: 'mona', at: Date.now() - 10_000 },
      payload: deep(100_000),
    }).id;
    const adopted = await stage.run({ deployment_id: String(id) });
    assert.match(adopted.log, `deployment ${id} cannot be deployed: its payload is nested deeper`);
    assert.is(adopted.code, 2, adopted.log);
    assert.is(stage.left('ran'), '');
  }),
);

Nonsense('for a folder does not keep a long script from its reason', () =>
  onStage(async (stage) => {
    const script = `echo ran >> ran\n${'# a long comment\n'.repeat(10_000)}`;
    // Longer than one variable may be, so it comes as the array of a file that `env_file` names.
    writeFileSync(path.join(stage.folder, 'env'), `PLUGIN_COMMAND='${script}'\n`);
    const settings = { command: undefined, env_file: 'env' };
    const good = await stage.run(settings);
    assert.is(good.code, 0, good.log);
    assert.is(stage.left('ran'), 'ran\n');
  }),
);

/** What a proxy, or a bug of theirs, might answer with 200. */
const answers = [
  ...['null', '{}', '[null]', '"x"', '{"errors":[null]}', '{"data":{"repository":null}}'],
  '{"data":{"repository":{"deployments":{"nodes":[null],"pageInfo":null}}}}',
  '{"data":null,"errors":[{"message":{"not":"a text"},"path":7}]}',
];

Nonsense('from GitHub is a failure of GitHub', () =>
  forEach(
    answers.flatMap((body) =>
      ['github-deployment', 'github-status'].flatMap((report) =>
        [/graphql/, /./].map((where) => ({ body, where, report })),
      ),
    ),
    8,
    ({ body, where, report }) =>
      onStage(async (stage) => {
        const headers = { 'content-type': 'application/json' };
        stage.github.fail({ path: where, do: { status: 200, headers, body } });
        const ended = await stage.run({ report, timeout: '4s' });
        const shown = `${where} answers ${body}: ${ended.code}\n${ended.log}`;
        assert.not.match(ended.log, /bug in Slipway|^\s+at /m, shown);
        assert.ok([0, 1, 3, 4, 6].includes(ended.code ?? -1), shown);
        // REST knows what GraphQL does not say.
        if (where.source === 'graphql') assert.is(ended.code, 0, shown);
      }),
  ),
);

/** A file system of 64 KiB, where that may be mounted. */
Nonsense('of a script that is too long for the disk is told as that', () =>
  onStage(async (stage) => {
    const folder = path.join(stage.folder, 'tmp');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]);
    if (mounted.status !== 0) return;
    try {
      const lines = '# a long comment\n'.repeat(10_000);
      writeFileSync(path.join(stage.folder, 'env'), `PLUGIN_COMMAND='echo ran\n${lines}'\n`);
      const ended = await stage.run(
        { command: undefined, env_file: 'env' },
        { env: { TMPDIR: folder } },
      );
      assert.is(ended.code, 1, ended.log);
      assert.match(
        ended.log,
        /The script is too long for an argument .* cannot be written to .*ENOSPC/,
      );
      assert.match(ended.log, /set TMPDIR to another folder/);
    } finally {
      spawnSync('umount', [folder]);
    }
  }),
);

Nonsense.run();
