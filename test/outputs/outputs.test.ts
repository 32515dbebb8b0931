import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Destination } from '../../src/outputs/destinations.ts';
import { deliver, type OutputDeps, sayLast } from '../../src/outputs/outputs.ts';
import { fullDevice } from './full-device.ts';
import { sampleFacts, sampleOutputs } from './sample.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-outputs-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function recording(secret = 'hunter2'): OutputDeps & { readonly stdout: string[] } {
  const stdout: string[] = [];
  return {
    stdout,
    redact: (text) => text.replaceAll(secret, '***'),
    writeAtColumnZero: (text) => void stdout.push(text),
  };
}

const schema = 'https://octo.github.io/hello/card.json';
const allIn = (folder: string): readonly Destination[] => [
  { kind: 'harness', name: 'DRONE_OUTPUT', path: join(folder, 'step-output.env') },
  { kind: 'harness-env', name: 'DRONE_ENV', path: join(folder, 'step-export.env') },
  { kind: 'github-output', name: 'GITHUB_OUTPUT', path: join(folder, 'github') },
  { kind: 'summary', name: 'GITHUB_STEP_SUMMARY', path: join(folder, 'summary.md') },
  { kind: 'dotenv', name: 'output_file', path: join(folder, 'deploy.env') },
  { kind: 'json', name: 'output_file', path: join(folder, 'deploy.json') },
  { kind: 'card', name: 'DRONE_CARD_PATH', path: join(folder, 'card'), schema },
  { kind: 'card', name: 'DRONE_CARD_PATH', path: '/dev/stdout', schema },
  { kind: 'termination', name: 'termination log', path: join(folder, 'termination-log') },
  { kind: 'spinnaker' },
];

const delivering = suite('deliver');

delivering('writes every destination', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'termination-log'), '');
    writeFileSync(join(folder, 'github'), 'earlier=1');
    const deps = recording();
    assert.equal(await deliver(sampleOutputs, sampleFacts, allIn(folder), deps), []);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    assert.match(read('step-output.env'), /^OUTCOME=success\n/);
    assert.match(read('step-export.env'), /^DEPLOYED_OUTCOME=success\n/);
    assert.match(read('github'), /^earlier=1\noutcome=success\n/);
    assert.match(read('summary.md'), /^### Deploy to production\n/);
    assert.match(read('deploy.env'), /^outcome=success\n/);
    assert.equal(JSON.parse(read('deploy.json')), Object.fromEntries(sampleOutputs));
    assert.is(JSON.parse(read('card')).schema, schema);
    assert.is(read('termination-log'), sampleFacts.reason);
    assert.is(deps.stdout.length, 1, 'one card; the Spinnaker line is not said yet');
    assert.match(deps.stdout[0] ?? '', /^\u001b\]1338;/);
  }),
);

const broken: readonly (readonly [string, (folder: string) => string, RegExp])[] = [
  ['a full disk', fullDevice, /: the disk is full \(ENOSPC\), so .+; free space on that volume$/],
  ['a folder', (folder) => folder, /: it is a folder \(EISDIR\), so .+; name a file$/],
  [
    'a missing folder',
    (folder) => join(folder, 'no', 'f'),
    /: its folder does not exist \(ENOENT\), so .+; create the folder/,
  ],
  [
    'a file for a folder',
    (folder) => join(folder, 'plain', 'f'),
    /: its folder is a file \(ENOTDIR\), so .+; name a file/,
  ],
];
for (const [title, pathOf, message] of broken) {
  delivering(`warns of ${title} for each destination and goes on`, () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, 'ok'));
      writeFileSync(join(folder, 'plain'), '');
      const path = pathOf(folder);
      const bad = allIn(folder).flatMap((to): readonly Destination[] =>
        'path' in to && to.path !== '/dev/stdout' ? [{ ...to, path }] : [],
      );
      const good = allIn(join(folder, 'ok'));
      const warnings = await deliver(sampleOutputs, sampleFacts, [...bad, ...good], recording());
      // Only Kubernetes has a termination log: a missing one is no news.
      const silent = message.source.includes('ENOENT') ? 1 : 0;
      assert.is(warnings.length, bad.length - silent);
      for (const warning of warnings.filter((text) => !text.startsWith('termination'))) {
        assert.match(warning, message);
        assert.match(warning, /^(?:DRONE_|GITHUB_|output_file)/);
      }
      assert.is(readdirSync(join(folder, 'ok')).length, 7);
    }),
  );
}

delivering('says what a format could not keep', () =>
  inFolder(async (folder) => {
    const outputs = new Map([...sampleOutputs, ['notes', 'x'.repeat(70_000)], ['status', 'x']]);
    const long = {
      kind: 'card',
      name: 'DRONE_CARD_PATH',
      path: '/dev/stdout',
      schema: `${schema}?${'x'.repeat(2000)}`,
    } as const;
    const deps = recording();
    const destinations = [...allIn(folder).filter((to) => to.kind !== 'card'), long];
    const warnings = await deliver(outputs, sampleFacts, destinations, deps);
    assert.equal(warnings, [
      'DRONE_OUTPUT: NOTES was cut from 70000 to 65528 bytes, because Harness reads no line of 64 KiB',
      'Output status is not passed to Spinnaker, which uses that name itself; rename it',
      'DRONE_CARD_PATH: there is no card, because card_schema is longer than 2000 bytes; host it at a shorter address',
    ]);
    assert.equal(deps.stdout, []);
  }),
);

delivering('lets no secret through, whatever the encoding', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'termination-log'), '');
    const secret = 'hunter2';
    const outputs = new Map(
      [...sampleOutputs].map(([name, value]) => [name, `${value}#${secret}\n`]),
    );
    const facts = {
      ...sampleFacts,
      reason: `bad password ${secret}`,
      actor: secret,
      deploymentUrl: `https://h/${secret}`,
    };
    const deps = recording(secret);
    const warnings = await deliver(outputs, facts, allIn(folder), deps);
    sayLast(outputs, allIn(folder), deps);
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const all = [...written, ...deps.stdout, ...warnings].join('\n');
    const coded = all.match(/[A-Za-z0-9+/=]{16,}/g) ?? [];
    assert.not.match(all, secret);
    for (const text of coded) assert.not.match(Buffer.from(text, 'base64').toString(), secret);
    assert.ok(coded.some((text) => Buffer.from(text, 'base64').toString().includes('***')));
    assert.match(all, '***');
  }),
);

delivering('redacts its own warnings', async () => {
  const to = [{ kind: 'json', name: 'output_file', path: '/no/hunter2/x.json' }] as const;
  const [warning = ''] = await deliver(sampleOutputs, sampleFacts, to, recording());
  assert.match(warning, '/no/***/x.json');
});

delivering.run();

const last = suite('sayLast');

last('says one line under Spinnaker, and nothing elsewhere', () => {
  const deps = recording();
  sayLast(
    sampleOutputs,
    allIn('/').filter(({ kind }) => kind !== 'spinnaker'),
    deps,
  );
  assert.equal(deps.stdout, []);
  sayLast(sampleOutputs, [{ kind: 'spinnaker' }], deps);
  assert.equal(deps.stdout, [
    `SPINNAKER_CONFIG_JSON=${JSON.stringify(Object.fromEntries(sampleOutputs))}\n`,
  ]);
});

last.run();
