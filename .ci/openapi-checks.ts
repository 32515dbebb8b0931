import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../build.ts';
import { openServer } from '../test/serve/server.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';

/** What /openapi.json says, against dist/slipway.mjs: `node .ci/openapi-checks.ts SCHEMATHESIS [FLAG …]`. */
const [program = 'schemathesis', ...flags] = process.argv.slice(2);
const token = 'hunter2-of-an-operator';

const github = await fakeGithub();
github.repo('octo/hello', { commits: [{ sha: 'a'.repeat(40) }] });
const text = `
tokens:
  - { name: operator, value: { env: OPERATOR }, may: [admin], deployments: ["*"] }
webhooks:
  - { forge: github, secret: { env: OPERATOR }, repositories: [octo/*] }
deployments:
  - name: hello-production
    repository: octo/hello
    environment: production
    busy: latest
    target: command
    settings: { command: "true", report: none, timeout: 2s, github_api_url: "${github.url}" }
    secrets: { github_token: { env: HUB } }
`;
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-openapi-'));
await bundle();
const env = { OPERATOR: token, HUB: github.token };
const server = await openServer({ folder, text, service: github.url, env });
let exit: number | null = 1;
try {
  await server.start();
  const config = path.join(import.meta.dirname, 'schemathesis.toml');
  const child = spawn(
    program,
    ['--config-file', config, 'run', `${server.url}/openapi.json`, '--checks', 'all', ...flags],
    { cwd: folder, env: { ...process.env, SLIPWAY_TOKEN: token }, stdio: 'inherit' },
  );
  exit = await new Promise((resolve) => child.on('close', resolve));
  const bugs = server
    .log()
    .split('\n')
    .filter((line) => line.includes('bug in Slipway'));
  if (bugs.length > 0) exit = 1;
  for (const line of bugs) console.error(line);
} finally {
  await server.kill('SIGKILL');
  await github.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = exit ?? 1;
