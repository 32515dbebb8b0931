import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Ended, type Env, runScript } from '../examples/example.ts';

const root = path.join(import.meta.dirname, '../..');
const local = path.join(root, 'node_modules/gitlab-ci-local/dist/index.js');
const host = 'gitlab.example.com';

export type Pipeline = {
  readonly folder: string;
  /** `.gitlab-ci.yml`. */
  readonly config: object;
  readonly predefined: Env;
  /** Variables of the project. */
  readonly project: Env;
  /** Flags of gitlab-ci-local: whether the job runs in its image, or without, where `slipway` is the one of the tests. */
  readonly executor?: readonly string[];
};

/**
 * Runs the component's job as gitlab-ci-local does, which expands inputs and variables and judges what comes out by
 * GitLab's own schema. The component is a repository of its own. Inputs that there are none of pass, which GitLab would
 * refuse.
 */
export async function runPipeline(pipeline: Pipeline): Promise<Ended> {
  const { folder, config, predefined, project } = pipeline;
  const { executor = ['--force-shell-executor'] } = pipeline;
  const place = mkdtempSync(path.join(tmpdir(), 'gitlab-'));
  const inPlace = (file: string): string => path.join(place, file);
  const env = { GIT_CONFIG_GLOBAL: inPlace('gitconfig'), GIT_CONFIG_NOSYSTEM: '1' };
  const git = (cwd: string, ...args: string[]): void =>
    void execFileSync('git', args, { cwd, stdio: 'pipe', env: { ...process.env, ...env } });
  const commit = (cwd: string): void => {
    git(cwd, 'init', '-q', '-b', 'main');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'first');
  };
  try {
    git(place, 'config', '--global', 'user.name', 'ann');
    git(place, 'config', '--global', 'user.email', 'ann@example.com');
    cpSync(path.join(root, 'entries/gitlab'), inPlace('component'), { recursive: true });
    commit(inPlace('component'));
    git(inPlace('component'), 'tag', 'VERSION');
    const instead = `url.${inPlace('component')}/.git.insteadOf`;
    git(place, 'config', '--global', instead, `https://${host}/OWNER/slipway.git`);
    writeFileSync(path.join(folder, '.gitlab-ci.yml'), stringify(config));
    commit(folder);
    git(folder, 'remote', 'add', 'origin', `https://${host}/${predefined.CI_PROJECT_PATH}.git`);
    // Its own folder it knows; a path among these would be the variable of a file.
    const { CI_PROJECT_DIR: _, ...rest } = predefined;
    const variables = { ...rest, ...project };
    writeFileSync(inPlace('variables.yml'), stringify(variables));
    const flags = [
      ...[...executor, '--no-color', `--home ${place}`],
      `--variables-file ${inPlace('variables.yml')}`,
      `--ignore-predefined-vars ${Object.keys(variables).join(',')}`,
    ];
    return await runScript(`exec node ${local} ${flags.join(' ')}`, folder, env);
  } finally {
    rmSync(place, { recursive: true });
  }
}
