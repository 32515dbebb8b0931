import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Diversion's program as others have met it: errors that end with 0, questions that nobody sees, an agent that stays
 * and sends every new file of a workspace away. `$FAKE_DV` is a folder with `world.json`; what happens is noted there.
 */
type World = {
  readonly token: string;
  readonly clientId: string;
  /** What clones have: contents by path; `-> target` for links. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where refs are; `main` may move on while somebody works. */
  readonly refs: Readonly<Record<string, string>>;
  /**
   * What goes wrong with a command: words it prints at exit 0, or `hang`, `kill`, `exit 1`, `move`, `wipe`; or `sh` and
   * a script that runs when it has done its work, with the clone in $CLONE.
   */
  readonly faults: Readonly<Record<string, string>>;
};
type Workspace = { id: string; path: string; commit: string; isPinned: boolean; isPaused: boolean };

const folder = process.env.FAKE_DV ?? '';
const home = process.env.HOME ?? '';
const world: World = JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8'));
const [verb = '', ...args] = process.argv.slice(2);
const command = [verb, ...(verb === 'workspace' ? args.slice(0, 1) : [])].join(' ');
const note = (file: string, text: string): void => appendFileSync(join(folder, file), `${text}\n`);
const forever = (): Promise<never> => new Promise(() => setInterval(() => {}, 1000));
const keep = (each: Workspace): void =>
  writeFileSync(join(folder, `${each.id}.json`), JSON.stringify(each));

const here = (): Workspace | undefined => {
  for (let at = process.cwd(); ; at = dirname(at)) {
    const mark = join(at, '.diversion', 'workspace');
    if (existsSync(mark)) {
      const id = readFileSync(mark, 'utf8').trim();
      const file = join(folder, `${id}.json`);
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    }
    if (at === dirname(at)) return undefined;
  }
};

async function main(): Promise<void> {
  if (verb === '--agent') return agent(args[0] ?? '');
  note('calls', JSON.stringify([verb, ...args]));
  if (process.env.USER_POOL_CLIENT_ID !== world.clientId) note('complaints', 'another client id');
  const fault = world.faults[command];
  if (fault === 'hang') await forever();
  if (fault === 'exit 1') process.exit(1);
  const isScript = fault?.startsWith('sh ') ?? false;
  if (fault && !isScript && !['kill', 'move', 'quiet', 'wipe'].includes(fault))
    return console.log(fault);
  if (isScript) process.on('exit', () => runScript(fault?.slice(3) ?? ''));
  if (verb === 'version') return console.log('dv version 1.6.386');
  if (verb === 'authenticate') return authenticate(args[0] ?? '', fault);
  const credentials = join(home, '.diversion', 'credentials');
  if (!existsSync(credentials)) return console.log('You are not logged in');
  if (verb === 'clone') return clone(fault);
  if (command === 'workspace delete') return deleteWorkspace(args[1] ?? '');
  const found = here();
  if (!found) return console.log('Current directory is not a diversion repository');
  if (verb === 'status') return status(found, fault);
  if (verb === 'checkout') return checkout(found);
  if (command === 'workspace pause') return keep({ ...found, isPaused: true });
  console.log(`Error: unknown command ${command}`);
}

function runScript(script: string): void {
  const env = { ...process.env, CLONE: verb === 'clone' ? args[1] : process.cwd() };
  execFileSync('/bin/sh', ['-c', script], { env, stdio: 'inherit' });
}

function authenticate(token: string, fault: string | undefined): void {
  if (fault === 'quiet') return;
  if (token !== world.token) {
    console.log(`Error: invalid token ${token}`);
    return;
  }
  mkdirSync(join(home, '.diversion', 'credentials'), { recursive: true });
  writeFileSync(join(home, '.diversion', 'credentials', 'Google_1'), token);
}

async function clone(fault: string | undefined): Promise<void> {
  const [repo = '', path = '', flag] = args;
  if (repo !== 'hello') return console.log(`Failed to find repository ${repo}`);
  if (flag !== '-new-workspace') {
    console.log('Choose a workspace:');
    await forever();
  }
  if (process.env.FAKE_DV_REFUSES && path.startsWith(process.env.FAKE_DV_REFUSES))
    return console.log('Error: workspaces below /tmp are not supported');
  const id = `dv.ws.${crypto.randomUUID()}`;
  mkdirSync(join(path, '.diversion'), { recursive: true });
  writeFileSync(join(path, '.diversion', 'workspace'), id);
  mkdirSync(join(home, '.diversion', 'ws'), { recursive: true });
  writeFileSync(join(home, '.diversion', 'ws', id), path);
  const workspace = { id, path, commit: world.refs.main ?? '', isPinned: false, isPaused: false };
  keep(workspace);
  fill(workspace);
  const agent = spawn(process.execPath, [import.meta.filename, '--agent', id], {
    ...{ detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
  });
  agent.unref();
  if (fault === 'kill') await forever();
  console.log(`Cloned ${repo} into ${path}`);
  process.exit(0);
}

function fill({ path, commit }: Workspace): void {
  for (const item of readdirSync(path))
    if (item !== '.diversion') rmSync(join(path, item), { recursive: true });
  for (const [name, content] of Object.entries(world.trees[commit] ?? {})) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), join(path, name));
    else writeFileSync(join(path, name), content);
  }
}

function status(workspace: Workspace, fault: string | undefined): void {
  const { isPinned, isPaused } = workspace;
  // A new commit on the branch is merged into whoever follows it.
  const moved = fault === 'move' && !isPinned && !isPaused ? world.refs.next : undefined;
  const now = moved ? { ...workspace, commit: moved } : workspace;
  if (moved) move(now);
  if (args.includes('--commit-id-only')) {
    console.log(now.commit);
    return;
  }
  console.log(`In repo hello dv.repo.0d5c6b1e-7e4c-4f4b-9f0a-5a8f0b1c2d3e
On branch main dv.branch.1
Cloud workspace is over commit ${now.commit}
Working in workspace ws @ host (${now.id})`);
}

async function checkout(workspace: Workspace): Promise<void> {
  const [ref = '', ...flags] = args;
  if (!flags.includes('--discard-changes') || !flags.includes('--ignore-shelf')) {
    console.log('What about your changes?');
    await forever();
  }
  const commit = world.refs[ref] ?? (world.trees[ref] ? ref : undefined);
  if (!commit) return console.log(`Error: no such ref ${ref}`);
  move({ ...workspace, commit, isPinned: ref.startsWith('dv.commit.') });
}

/** The agent looks away meanwhile. */
function move(workspace: Workspace): void {
  keep({ ...workspace, isPaused: true });
  fill(workspace);
  keep(workspace);
}

async function deleteWorkspace(id: string): Promise<void> {
  if (!args.includes('-f')) {
    console.log('Are you sure?');
    await forever();
  }
  const file = join(folder, `${id}.json`);
  if (world.faults[command] === 'wipe' && existsSync(file)) {
    const { path }: Workspace = JSON.parse(readFileSync(file, 'utf8'));
    for (const item of readdirSync(path)) rmSync(join(path, item), { recursive: true });
  }
  if (here()?.id === id) return console.log('Error: cannot delete the current workspace');
  rmSync(file, { force: true });
  note('deleted', id);
}

/** Goes on when whoever started it has ended. */
async function agent(id: string): Promise<void> {
  note('agents', String(process.pid));
  process.on('SIGTERM', () => process.exit(0));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    // The test is over, and whoever should have ended it did not.
    if (!existsSync(folder)) return process.exit();
    const file = join(folder, `${id}.json`);
    if (!existsSync(file)) continue;
    const { path, commit, isPaused }: Workspace = JSON.parse(readFileSync(file, 'utf8'));
    if (isPaused || !existsSync(path)) continue;
    for (const item of readdirSync(path, { withFileTypes: true })) {
      const name = relative(path, join(path, item.name));
      const isKnown = Object.keys(world.trees[commit] ?? {}).some(
        (known) => known.split('/')[0] === name,
      );
      if (item.name !== '.diversion' && !isKnown) note('uploaded', name);
    }
  }
}

await main();
