/** What one rack knows. Looks move things on, as time does on a real one. */
export type FakeBuild = {
  readonly id: string;
  readonly form: Readonly<Record<string, string>>;
  /** Statuses still to come, one a look. */
  readonly script: string[];
  status: string;
  release: string;
  reason: string;
};
export type FakeRelease = { readonly id: string; readonly build: string; readonly env: string };
export type FakeProcess = {
  readonly id: string;
  readonly name: string;
  readonly release: string;
  readonly command: string;
  readonly script: string[];
  status: string;
};
export type Promotion = {
  readonly release: string;
  readonly form: Readonly<Record<string, string>>;
};

/** How a rollout is seen by one look: `lag` is the old state once more, `back` the old release running again. */
export type Sight = 'lag' | 'updating' | 'running' | 'rolling' | 'rollback' | 'back' | 'failed';

export type World = {
  readonly app: string;
  isThere: boolean;
  /** The release that serves. */
  release: string;
  previous: string;
  status: string;
  readonly script: Sight[];
  /** Statuses of somebody else's rollout before ours, one a look. */
  readonly others: string[];
  readonly builds: FakeBuild[];
  readonly releases: FakeRelease[];
  readonly processes: FakeProcess[];
  readonly objects: Map<string, Buffer>;
  readonly promotions: Promotion[];
  cancels: number;
  /** Commands that ran by exec, and processes that were ended. */
  readonly ran: string[];
  readonly ended: string[];
  /** The release that is being rolled out, or was at last. */
  rolling?: string;
  last?: Sight;
};

export function createWorld(app: string): World {
  return {
    app,
    isThere: true,
    release: 'ROLD',
    previous: '',
    status: 'running',
    script: [],
    others: [],
    builds: [],
    releases: [{ id: 'ROLD', build: 'BOLD', env: 'KEEP=me\nOTHER=old-0ddba11c0ffee' }],
    processes: [],
    objects: new Map(),
    promotions: [],
    cancels: 0,
    ran: [],
    ended: [],
  };
}

const letters = (n: number): string =>
  Array.from({ length: 4 }, (_, i) =>
    String.fromCharCode(65 + (Math.floor(n / 26 ** i) % 26)),
  ).join('');

export function addRelease(world: World, build: string, env?: string): FakeRelease {
  const id = `RNEW${letters(world.releases.length)}`;
  const release = { id, build, env: env ?? world.releases.at(-1)?.env ?? '' };
  world.releases.push(release);
  return release;
}

export function addBuild(
  world: World,
  form: Readonly<Record<string, string>>,
  script: readonly string[],
): FakeBuild {
  const id = `BNEW${letters(world.builds.length)}`;
  const build = { id, form, script: [...script], status: 'created', release: '', reason: '' };
  world.builds.push(build);
  return build;
}

export function lookAtBuild(world: World, build: FakeBuild): void {
  build.status = build.script.shift() ?? build.status;
  if (build.status === 'complete' && build.release === '') {
    build.release = addRelease(world, build.id).id;
  }
}

/** What the rack refuses, as `status text`; undefined when the rollout begins. */
export function promoteOn(
  world: World,
  release: string,
  form: Readonly<Record<string, string>>,
  script: readonly Sight[],
): readonly [status: number, text: string] | undefined {
  const place = world.releases.findIndex(({ id }) => id === release);
  if (place < 0) return [404, `release not found: ${release}`];
  if (world.status !== 'running' && form.force !== 'true')
    return [403, 'app is currently updating'];
  const active = world.releases.findIndex(({ id }) => id === world.release);
  if (place < active) return [400, 'can not promote an older release, try rollback'];
  world.promotions.push({ release, form });
  world.previous = world.release;
  world.script.splice(0, world.script.length, ...script);
  begin(world, release);
  return undefined;
}

/** The first sight is there at once: a rack that does not lag has begun when it answers. */
function begin(world: World, release: string): void {
  world.rolling = release;
  if (world.script[0] !== 'lag') see(world, world.script[0] ?? 'running');
}

export function lookAtApp(world: World): void {
  const other = world.others.shift();
  if (other !== undefined) world.status = other;
  else if (world.rolling) see(world, world.script.shift() ?? lastOf(world));
}

function see(world: World, sight: Sight): void {
  const { rolling = '' } = world;
  const sights: Record<Sight, readonly [status: string, release: string]> = {
    lag: ['running', world.previous],
    updating: ['updating', rolling],
    running: ['running', rolling],
    rolling: ['rollback', rolling],
    rollback: ['rollback', world.previous],
    back: ['running', world.previous],
    failed: ['failed', rolling],
  };
  [world.status, world.release] = sights[sight];
  world.last = sight;
}
const lastOf = (world: World): Sight => world.last ?? 'running';

export function cancelOn(world: World): readonly [status: number, text: string] | undefined {
  if (world.status !== 'updating') return [403, 'app is not updating'];
  world.cancels += 1;
  world.script.splice(0, world.script.length, 'rollback', 'rollback', 'back');
  return undefined;
}
