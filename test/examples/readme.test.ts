import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { exits } from '../../src/outcome.ts';
import { pages } from '../../src/pages.ts';
import { head } from '../context/reading.ts';
import { builds } from '../context/recorded/drone.ts';
import { encodeDrone } from '../support/encoders.ts';
import { githubOf, makeWorkspace, runPlugin, runScript, story, token } from './example.ts';
import { serverBlock } from './server-block.ts';

const root = path.join(import.meta.dirname, '../..');
const files = [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md'];
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** Fenced blocks of one language, without their indent. */
function blocksOf(page: string, language: string): string[] {
  const fences = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...textOf(page).matchAll(fences)].map(([, indent = '', body = '']) =>
    body.replace(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** What is run here is dist/slipway.mjs, which test/run.ts builds because it is named here. */
const docs = suite('pages');

const commands = files.flatMap((page) =>
  // A backslash at its end joins a line with the next.
  blocksOf(page, 'sh').flatMap((block) => block.trim().split(/(?<!\\)\n/)),
);
for (const command of commands.filter((line) => line.startsWith('docker run --rm'))) {
  docs(`${command} works`, async () => {
    const github = await githubOf([head]);
    try {
      const env = { PLUGIN_GITHUB_TOKEN: token, SHIM_API_URL: github.url };
      const { code, log } = await runScript(command, root, env);
      assert.is(code, exits.ok.code, log);
      assert.ok(log.length > 0);
      github.assertClean();
    } finally {
      await github.close();
    }
  });
}

docs('name only npm scripts that exist', () => {
  const { scripts } = JSON.parse(textOf('package.json'));
  const named = files.flatMap((page) => [...textOf(page).matchAll(/npm run (?:-s )?([\w:]+)/g)]);
  assert.ok(named.length > 3);
  for (const [text, name = ''] of named) assert.ok(name in scripts, text);
});

docs('show no other shell commands than those that are tried', () => {
  const tried =
    /^(?:docker run --rm .*slipway|npm (?:ci|test|run)\b|node test\/run\.ts |\.\/examples\/)/;
  /** By test/examples/server.test.ts, and in the image by .ci/image-checks.ts. */
  const ofServer = [serverBlock('docker run -d'), serverBlock('curl'), serverBlock('docker exec')];
  /** By test/entries/page.test.ts. */
  const ofEntries = /^perl -pi -e .* \\\n {2}action\.yml \$\(git ls-files entries\)$/;
  const others = commands.filter(
    (line) => !ofEntries.test(line) && !ofServer.some((block) => block.includes(line)),
  );
  for (const command of others) assert.match(command, tried);
});

docs('name files and folders that are there', () => {
  const named = [
    ...textOf('CONTRIBUTING.md').matchAll(/`((?:src|test|examples|docs|build)\/[\w./-]*\w)`/g),
  ];
  assert.ok(named.length > 20, `${named.length} names`);
  const real = named.filter(([, name]) => !name?.includes('acme'));
  for (const [, name = ''] of real) assert.ok(existsSync(path.join(root, name)), name);
});

type Step = { readonly settings?: Record<string, unknown> };
/** The settings of the steps that a page shows beside the examples, as they are written. */
const stepsOn = (page: string): readonly string[] =>
  blocksOf(page, 'yaml').flatMap((block) => {
    const parsed = parse(block, { logLevel: 'silent' });
    const step: Step | undefined = Array.isArray(parsed) ? parsed[0] : parsed;
    const at = block.indexOf('settings:\n') + 'settings:\n'.length;
    return step?.settings ? [block.slice(at)] : [];
  });
const [[closed = ''], [block = ''], [dronestatus = '']] = (
  ['docs/security.md', 'docs/settings.md', 'docs/ci.md'] as const
).map(stepsOn) as [readonly string[], readonly string[], readonly string[]];

async function play(yaml: string, env: Readonly<Record<string, string>>) {
  const github = await githubOf([head], 'ghes');
  const workspace = makeWorkspace(false);
  writeFileSync(path.join(workspace.folder, 'build.sh'), '#!/bin/sh\necho built\n', {
    mode: 0o755,
  });
  try {
    const { code, log } = await runPlugin(workspace.folder, {
      ...env,
      ...encodeDrone(yaml, { github_token: token }),
      // As on GitHub Enterprise Server: the closed step takes no other setting.
      DRONE_REPO_LINK: new URL('/octo/hello', github.url).href,
    });
    github.assertClean();
    return { code, log, story: story(github, head), deployed: workspace.deployed() };
  } finally {
    workspace.remove();
    await github.close();
  }
}

docs('show three steps beside the examples', () => assert.is(pages.flatMap(stepsOn).length, 3));

docs('show how to close a step', async () => {
  const good = await play(closed, builds.promoteInUi.env);
  assert.equal([good.code, good.deployed], [0, `production ${head}`], good.log);
  const evil = await play(closed, {
    ...builds.promoteInUi.env,
    PLUGIN_GITHUB_API_URL: 'https://evil.example.com',
  });
  assert.equal([evil.code, evil.deployed], [exits.settings.code, ''], evil.log);
  assert.match(evil.log, 'PLUGIN_GITHUB_API_URL');
});

docs('show a script that is run to the letter', async () => {
  const { code, log, deployed } = await play(block, builds.promoteInUi.env);
  assert.equal([code, deployed], [0, `production ${head}`], log);
  assert.match(log, /^built$/m);
});

docs('show a status step that posts what drone-status posted', async () => {
  const { code, log, story: told } = await play(dronestatus, builds.push.env);
  assert.equal([code, told], [0, 'deploy/production=success'], log);
});

docs.run();
