import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { isMap, isScalar, parseDocument } from 'yaml';
import { head } from '../context/reading.ts';
import { type FakeGithub, fakeGithub } from '../support/github/fake-github.ts';

const root = path.join(import.meta.dirname, '../..');
export const token = 'ghs_token_of_the_examples';
export type Env = Readonly<Record<string, string | undefined>>;

export const readExample = (name: string): string =>
  readFileSync(path.join(root, 'examples/ci', name), 'utf8');

/** A script as CI hands it to the shell: what stands at the path of a YAML file. */
export function scriptAt(name: string, at: readonly (string | number)[]): string {
  const node = parseDocument(readExample(name)).getIn(at, true);
  if (!isScalar(node) || typeof node.value !== 'string')
    throw new Error(`${name}: no text at ${at}`);
  return node.value;
}

/** The YAML of a map as it is written, for encoders that look at how its values are quoted. */
export function yamlAt(name: string, at: readonly (string | number)[]): string {
  const source = readExample(name);
  const node = parseDocument(source).getIn(at, true);
  if (!isMap(node) || !node.range) throw new Error(`${name}: no map at ${at}`);
  return source.slice(source.lastIndexOf('\n', node.range[0]) + 1, node.range[2]);
}

/** A workspace with the deploy.sh that the examples run; it fails where `fails` is set. */
export function makeWorkspace(fails: boolean) {
  const folder = mkdtempSync(path.join(tmpdir(), 'example-'));
  const script = `#!/bin/sh\necho "$DEPLOY_ENVIRONMENT $DEPLOY_SHA" >> deployed\n${fails ? 'echo no room; exit 9' : ''}\n`;
  writeFileSync(path.join(folder, 'deploy.sh'), script, { mode: 0o755 });
  const deployed = path.join(folder, 'deployed');
  return {
    folder,
    /** What was deployed where, a line each. */
    deployed: () => (existsSync(deployed) ? readFileSync(deployed, 'utf8').trim() : ''),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

type Ran = { readonly code: number | null; readonly log: string };

function collect(file: string, args: readonly string[], cwd: string, env: Env): Promise<Ran> {
  const bin = path.dirname(process.execPath);
  const PATH = [path.join(root, 'test/support/shims'), bin, '/usr/bin:/bin'].join(':');
  const child = spawn(file, args, {
    cwd,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, log })));
}

/** As a CI system runs a script: stops at the first failure. */
export const runScript = (script: string, cwd: string, env: Env): Promise<Ran> =>
  collect('/bin/bash', ['-e', '-c', script], cwd, env);

/** As a runner starts the plugin's container. */
export const runPlugin = (cwd: string, env: Env): Promise<Ran> =>
  collect(process.execPath, [path.join(root, 'dist/slipway.mjs')], cwd, env);

/** A GitHub with the repository of all recordings. */
export async function githubOf(
  shas: readonly string[],
  flavour: 'dotcom' | 'ghes' = 'dotcom',
): Promise<FakeGithub> {
  const github = await fakeGithub({ token, flavour });
  github.repo('octo/hello', { commits: shas.map((sha) => ({ sha })) });
  return github;
}

/** `queued in_progress success`, of every deployment; commit statuses after them as `CONTEXT=state`. */
export function story(github: FakeGithub, sha: string): string {
  const deployments = github.deployments.flatMap(({ id }) =>
    github
      .statusesOf(id)
      .toReversed()
      .map(({ state }) => state),
  );
  const statuses = github.commitStatuses(sha).toReversed();
  return [...deployments, ...statuses.map(({ context, state }) => `${context}=${state}`)].join(' ');
}

export const deployed = `production ${head}`;
export const page = 'https://shop.example.com';

export type Scene = { readonly github: FakeGithub; readonly folder: string };
export type Ended = { readonly code: number | null; readonly log: string };

/** One build of one example against a GitHub of its own. */
export async function play(fails: boolean, build: (scene: Scene) => Promise<Ended>) {
  const github = await githubOf([head]);
  const workspace = makeWorkspace(fails);
  try {
    const { code, log } = await build({ github, folder: workspace.folder });
    github.assertClean();
    assert.not.match(log, token);
    const [deployment] = github.deployments;
    const last = deployment && github.statusesOf(deployment.id)[0];
    return {
      ...{ code, log, story: story(github, head), last, requests: github.requests.length },
      deployed: workspace.deployed(),
    };
  } finally {
    workspace.remove();
    await github.close();
  }
}
