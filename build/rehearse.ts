import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const sha = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';
const deployment = {
  ...{ id: 'D', databaseId: 7, commitOid: sha, environment: 'production', task: 'deploy' },
  ...{ description: '', payload: '', createdAt: '2026-01-01T00:00:00Z', latestStatus: null },
  ...{ oldest: { nodes: [] }, newest: { nodes: [] } },
};
const deployments = { nodes: [deployment], pageInfo: { hasNextPage: false, endCursor: null } };

/** A promote on Drone that adopts a deployment: what most processes of the image do. */
const promote = (url: string): Record<string, string> => ({
  ...{ DRONE: 'true', DRONE_BUILD_EVENT: 'promote', DRONE_BUILD_NUMBER: '1' },
  ...{ DRONE_REPO: 'octo/hello', DRONE_REPO_LINK: 'https://github.com/octo/hello' },
  ...{ DRONE_COMMIT: sha, DRONE_COMMIT_SHA: sha, DRONE_COMMIT_REF: 'refs/heads/main' },
  ...{ DRONE_DEPLOY_TO: 'production', DRONE_DEPLOY_ID: '7', DRONE_BUILD_CREATED: '1767225600' },
  ...{ DRONE_BUILD_LINK: 'https://drone.example.com/octo/hello/1' },
  ...{ PLUGIN_COMMAND: 'echo deployed', PLUGIN_FINAL_STATUS: 'slipway' },
  ...{ PLUGIN_GITHUB_API_URL: url, PLUGIN_GITHUB_TOKEN: 'ghp_rehearsal' },
});

/**
 * Plays one deploy with the bundle, and leaves what V8 compiled for it beside the bundle, to start faster. The same
 * Node leaves the same bytes. Without it nothing is missing, so a failure is only told.
 */
export async function rehearse(bundle: string, id: string): Promise<void> {
  const folder = path.dirname(bundle);
  for (const name of readdirSync(folder)) {
    if (/^slipway\.\w+\.cache$/.test(name)) rmSync(path.join(folder, name));
  }
  const forge = http.createServer((request, response) => {
    request.resume().on('end', () => {
      const isLook = request.url === '/graphql';
      const answer = isLook
        ? { data: { repository: { deployments } } }
        : { id: 1, state: 'queued' };
      response.writeHead(isLook ? 200 : 201, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  await once(forge.listen(0, '127.0.0.1'), 'listening');
  const { port } = forge.address() as AddressInfo;
  // V8 takes the seed into what it writes, and asks for no seed when it reads.
  const keeper = path.join(import.meta.dirname, 'keep-compiled.mjs');
  const run = spawn(process.execPath, ['--random-seed=1', keeper, bundle, `slipway.${id}.cache`], {
    env: { PATH: process.env.PATH, ...promote(`http://127.0.0.1:${port}`) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const [status] = await once(run, 'close');
  forge.close();
  if (status !== 0)
    console.error(`nothing is compiled ahead; the rehearsal ended with ${status}:\n${said}`);
}
