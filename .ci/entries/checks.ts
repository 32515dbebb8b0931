import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { builds as buildkite } from '../../test/context/recorded/buildkite.ts';
import { builds as actions, eventPath } from '../../test/context/recorded/github-actions.ts';
import { builds as gitlab } from '../../test/context/recorded/gitlab.ts';
import { configured, wrapper } from '../../test/entries/buildkite.ts';
import { usageIn } from '../../test/entries/expand.ts';
import { runPipeline } from '../../test/entries/gitlab.ts';

function expect(good: boolean, otherwise: string): void {
  if (!good) throw new Error(otherwise.slice(0, 2000));
}

const command = 'id -u > who\necho "$HOME $PWD" >> who\n';

type Checks = Readonly<Record<string, () => Promise<void>>>;

/** Native entries with Docker itself: as tests play them without it. */
export function entryChecks(image: string, docker: string): Checks {
  const play = (scene: (folder: string) => void | Promise<void>) => async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-entry-'));
    try {
      await scene(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return {
    'deploys as a container action of GitHub': play((folder) => byAction(folder, image, docker)),
    "deploys by the hook of Buildkite's plugin": play((folder) => byHook(folder, image)),
    "deploys as the job of GitLab's component": play((folder) =>
      byComponent(folder, image, docker),
    ),
  };
}

/** The mounts, the folder and the variables with which the runner starts one. */
function byAction(folder: string, image: string, docker: string): void {
  const mounts = {
    workspace: '/github/workspace',
    home: '/github/home',
    workflow: '/github/workflow',
    commands: '/github/file_commands',
  };
  for (const name of Object.keys(mounts)) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, 'workflow/event.json'), actions.push.files?.[eventPath] ?? '');
  writeFileSync(path.join(folder, 'commands/set_output'), '');
  const env = {
    ...actions.push.env,
    HOME: '/github/home',
    GITHUB_OUTPUT: '/github/file_commands/set_output',
    INPUT_COMMAND: command,
    INPUT_ENVIRONMENT: 'production',
    INPUT_TARGET: '',
    INPUT_REPORT: 'none',
  };
  const { status, stdout, stderr } = spawnSync(
    docker,
    [
      ...['run', '--rm', '--workdir', '/github/workspace'],
      ...Object.keys(env).flatMap((name) => ['-e', name]),
      ...Object.entries(mounts).flatMap(([name, at]) => ['-v', `${path.join(folder, name)}:${at}`]),
      image,
    ],
    { encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH, ...env } },
  );
  expect(status === 0, `${status} ${stdout}${stderr}`);
  const who = readFileSync(path.join(folder, 'workspace/who'), 'utf8');
  expect(who === '0\n/github/home /github/workspace\n', who);
  const outputs = readFileSync(path.join(folder, 'commands/set_output'), 'utf8');
  expect(outputs.includes('outcome=success\n'), outputs);
}

function byHook(folder: string, image: string): void {
  const settings = { image, command, environment: 'production', report: ['none'] };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', wrapper], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME },
      ...buildkite.push.env,
      ...configured('slipway', settings),
    },
  });
  expect(status === 0, `${status} ${stdout}${stderr}`);
  expect(readFileSync(path.join(folder, 'who'), 'utf8') === '0\n/root /work\n', stdout);
}

async function byComponent(folder: string, image: string, docker: string): Promise<void> {
  const config = parse(usageIn('gitlab/README.md'));
  const [{ inputs }] = config.include;
  Object.assign(inputs, { image, command: 'id -u\necho "$HOME $PWD"\n', report: 'none' });
  const { stdout } = spawnSync('sh', ['-c', 'command -v "$0"', docker], { encoding: 'utf8' });
  const { code, log } = await runPipeline({
    ...{ folder, config, predefined: gitlab.push.env, project: {} },
    executor: [
      // By its path, for the tests' own `docker` comes first in theirs.
      `--container-executable "${stdout.trim()}"`,
      ...['--helper-image debian:bookworm-slim', '--pull-policy if-not-present'],
    ],
  });
  expect(code === 0, log);
  const said = [...log.matchAll(/^deploy > (.*)$/gm)].map(([, line]) => line);
  expect(said.includes('0') && said.includes('/root /builds/octo/web/hello'), log);
}
