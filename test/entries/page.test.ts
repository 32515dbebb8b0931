import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { envName, yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';

const page = suite('docs/entries.md');
const text = readFileSync(new URL('../../docs/entries.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| [^|]* \| \[[^\]]*\]\(\.\.\/(\S+)\) +\| (.*?) +\|$/gm)].map(
  ([, file = '', use = '']) => ({ file, use }),
);
const settings = new Set(Object.keys(everySetting).flatMap((key) => [yamlName(key), envName(key)]));

/** The words before a colon in a map of one line, or among the arguments of a call. */
const namesIn = (code: string): string[] =>
  [...code.matchAll(/(?:\{ |, |\()(\w+): (?=['.\w…$])/g)].map(([, name = '']) => name);

page('links every entry', () => {
  const files = rows.map(({ file }) => file);
  for (const folder of [
    'gitlab',
    'circleci',
    'bitbucket',
    'buildkite',
    'azure',
    'jenkins',
    'drone',
  ]) {
    assert.ok(
      files.some((file) => file.startsWith(`entries/${folder}/`)),
      folder,
    );
  }
  assert.ok(files.includes('action.yml'));
  assert.ok(files.includes('entries/woodpecker/docs.md'));
});

page('shows lines of use that are YAML, or Groovy, and name settings', () => {
  let named = 0;
  for (const { file, use } of rows) {
    for (const [, code = ''] of use.matchAll(/`([^`]+)`/g)) {
      if (!file.endsWith('.groovy')) parse(code);
      const names = namesIn(code).filter((name) => name !== 'component' && name !== 'inputs');
      for (const name of names) assert.ok(settings.has(name), `${file}: ${name}`);
      named += names.length;
    }
  }
  assert.ok(named > 8, `${named} settings`);
});

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const shown = (begin: string) => {
  const [, yaml = ''] = new RegExp(`\`\`\`yaml\\n(${begin}:.*?)\`\`\``, 's').exec(readme) ?? [];
  return parse(yaml);
};
const areSettings = (inputs: object): void => {
  assert.ok(Object.keys(inputs).length > 1);
  for (const name of Object.keys(inputs)) assert.ok(settings.has(name), name);
};

page("README's step for GitHub Actions names inputs, and may write deployments", () => {
  const { permissions, steps } = shown('permissions');
  assert.is(permissions.deployments, 'write');
  const [, { uses, with: inputs }] = steps;
  assert.match(uses, /^OWNER\/slipway@VERSION$/);
  areSettings(inputs);
});

page("README's component of GitLab names inputs", () => {
  const [{ component, inputs }] = shown('include').include;
  assert.ok(text.includes(component));
  areSettings(inputs);
});

page('puts the names of whoever publishes into the entries, and changes nothing else', () => {
  const [, command = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const copy = mkdtempSync(path.join(tmpdir(), 'slipway-copy-'));
  const run = (file: string, ...args: string[]): string =>
    execFileSync(file, args, { cwd: copy, encoding: 'utf8' });
  try {
    for (const name of ['action.yml', 'entries']) {
      const from = new URL(`../../${name}`, import.meta.url);
      cpSync(from, path.join(copy, name), { recursive: true });
    }
    run('git', 'init', '-q');
    run('git', 'add', '.');
    run('bash', '-ec', command);
    const left = '(OWNER|REGISTRY)/|(^|[^A-Z_])VERSION([^A-Z_]|$)';
    assert.throws(() => run('git', 'grep', '-nE', left), /Command failed/);
    const lines = run('git', 'diff', '--numstat').matchAll(/^(\d+)\t(\d+)\t(\S+)$/gm);
    const changed = [...lines].map(([, added, , file]) => ({ file, added: Number(added) }));
    assert.ok(changed.length >= 9, `${changed.length} files`);
    for (const { file, added } of changed) assert.ok(added <= 8, `${file}: ${added} lines`);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

page.run();
