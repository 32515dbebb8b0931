import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { completionScript } from '../../src/cli/completion.ts';
import { groupIds, type Shelf, topicNames } from '../../src/cli/topics.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { ciSystems } from '../../src/context/index.ts';
import { reporterEntries } from '../../src/reporters/index.ts';
import { targetEntries } from '../../src/targets/index.ts';
import { owners, serverOwner } from '../../src/verbs/owners.ts';

const shelf: Shelf = {
  owners,
  targets: targetEntries,
  reporters: reporterEntries,
  ciSystems,
  server: serverOwner,
  version: '0',
};
const script = completionScript(shelf);

/** Words as bash splits a line for completion: `=` is a word of its own. */
const asBash = (line: string): readonly string[] =>
  line.split(/(=)|\s/).filter((word, index, all) => word || index === all.length - 1);

function inBash(line: string): readonly string[] {
  const words = asBash(line);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _slipway
for reply in "\${COMPREPLY[@]}"; do echo "$reply"; done`;
  const out = execFileSync('bash', ['--norc', '-uc', `ZSH_VERSION=\n${script}\n${ask}`], {
    encoding: 'utf8',
  });
  return out.split('\n').filter(Boolean);
}

const all = Object.keys(verbs);
const cases: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['slipway ', all],
  ['slipway st', ['status']],
  ['slipway deploy ', []],
  ['slipway help ', [...topicNames, ...all]],
  ['slipway help ex', ['exit-codes', 'examples']],
  ['slipway help docker-flags tr', ['travis']],
  ['slipway help settings g', groupIds(shelf).filter((id) => id.startsWith('g'))],
  ['slipway help targets ', []],
  ['slipway deploy --log-level ', ['error', 'warn', 'info', 'debug', 'trace']],
  ['slipway deploy --log-level d', ['debug']],
  ['slipway deploy --log-level=d', ['debug']],
  ['slipway deploy --log-level=', ['error', 'warn', 'info', 'debug', 'trace']],
  ['slipway deploy --environment production --environment-', ['--environment-url']],
  ['slipway --environment help deploy --environment-', ['--environment-url']],
  ['slipway deploy --environment ', []],
  ['slipway --dry-run ch', ['check']],
  ['slipway --target ', targetEntries.map(({ id }) => id)],
  ['slipway deploy --github-t', []],
  ['slipway orca --', ['--config', '--spinnaker', '--public-url', '--help']],
  [
    'slipway serve --',
    [
      ...['--check-config', '--config', '--listen', '--public-url', '--data-dir'],
      ...['--concurrency', '--drain', '--help'],
    ],
  ],
  ['slipway serve --listen ', []],
  ['slipway --listen 127.0.0.1:80 serve --da', ['--data-dir']],
  ['slipway serve --data-dir /etc/host', ['/etc/host.conf', '/etc/hostname', '/etc/hosts']],
  ['slipway backup --', ['--data-dir', '--help']],
  ['slipway serve --check-config --conf', ['--config']],
  ['slipway backup /etc/host', ['/etc/host.conf', '/etc/hostname', '/etc/hosts']],
  ['slipway version -', []],
  ['slipway completion ', ['bash', 'zsh']],
  ['slipway completion bash ', []],
];

const completing = suite('completion in bash');
for (const [line, offered] of cases) {
  completing(`offers what fits after "${line}"`, () => {
    assert.equal([...inBash(line)].sort(), [...offered].sort());
  });
}

completing('offers every flag but secrets', () => {
  const flags = inBash('slipway deploy --');
  assert.ok(flags.includes('--environment-url') && flags.includes('--help'));
  assert.not.ok(flags.includes('--github-token'));
});

completing('offers files where a flag takes one', () => {
  assert.ok(inBash('slipway --env-file /etc/host').includes('/etc/hosts'));
});
completing.run();

/** A terminal of its own, because zsh completes nowhere else; what Tab makes of the line is then run. */
const inTerminal = `zmodload zsh/zpty
zpty inner zsh -fi
zpty -w inner 'slipway() { print -r -- "<<$*>>" }; source $SCRIPT; print ready-$((1+1))'
while zpty -r inner text; do [[ $text == *ready-2* ]] && break; done
zpty -n -w inner $LINE$'\\t'
zpty -n -w inner $'\\n'
while zpty -r inner text; do print -r -- $text; [[ $text == *'<<'*'>>'* ]] && break; done
zpty -d inner`;

const hasZsh = spawnSync('zsh', ['-c', 'zmodload zsh/zpty']).status === 0;
if (hasZsh) {
  const inZsh = suite('completion in zsh');
  for (const [line, completed] of [
    ['slipway stat', 'status'],
    ['slipway help docker-flags trav', 'help docker-flags travis'],
    ['slipway deploy --log-level deb', 'deploy --log-level debug'],
    ['slipway deploy --log-level=deb', 'deploy --log-level=debug'],
    ['slipway help settings gen', 'help settings general'],
  ] as const) {
    inZsh(`completes "${line}"`, () => {
      const home = mkdtempSync(join(tmpdir(), 'zsh-'));
      const place = join(home, 'script');
      writeFileSync(place, script);
      const env = { ...process.env, SCRIPT: place, LINE: line, TERM: 'dumb', HOME: home };
      const options = { env, encoding: 'utf8', timeout: 20_000 } as const;
      const { stdout } = spawnSync('zsh', ['-fc', inTerminal], options);
      rmSync(home, { recursive: true });
      assert.match(stdout, `<<${completed}>>`);
    });
  }
  inZsh.run();
}
