import type { Manners } from './manners.ts';
import type { Route } from './routes.ts';
import type { Asked } from './strictness.ts';
import {
  addBuild,
  addRelease,
  cancelOn,
  type FakeBuild,
  lookAtApp,
  lookAtBuild,
  promoteOn,
  type World,
} from './world.ts';

export type Reply = readonly [
  status: number,
  said: unknown,
  headers?: Readonly<Record<string, string>>,
];

const ok: Reply = [200, 'ok'];
const zero = '0001-01-01T00:00:00Z';

/** What the rack does, once it has heard who asks for what. */
export function act(route: Route, asked: Asked, world: World, manners: Manners): Reply {
  const { exchange, id } = route;
  const version = manners.version ?? '3.24.6';
  const isThree = /^\d{1,2}\./.test(version);
  if (exchange === 'racks') return [200, (manners.racks ?? []).map(rackOf)];
  if (exchange === 'system') {
    return [200, { name: 'rack1', provider: 'aws', status: 'running', version }];
  }
  if (exchange === 'create') return create(asked, world);
  const isMissing = !world.isThere || route.app !== world.app;
  if (isMissing) return [isThree ? 404 : 500, `app not found: ${route.app}`];
  if (exchange === 'app') return lookApp(world, isThree);
  if (world.status === 'creating' && ['env', 'upload', 'start'].includes(exchange)) {
    return [500, `app is being created: ${world.app}`];
  }
  if (exchange === 'upload') {
    world.objects.set(id, asked.body);
    return [200, { Url: `object://${world.app}/${id}` }];
  }
  if (exchange === 'object') {
    if (!world.objects.has(id) && manners.noObject) return [500, manners.noObject];
    return world.objects.has(id)
      ? [200, 'bytes']
      : [isThree ? 404 : 500, `object not found: ${id}`];
  }
  if (exchange === 'diagnose') {
    return manners.diagnosis === undefined ? [404, ''] : [200, manners.diagnosis];
  }
  if (exchange === 'cancel') return cancelOn(world) ?? ok;
  if (exchange === 'promote') {
    const script = manners.rollout ?? ['updating', 'updating', 'running'];
    return promoteOn(world, id, asked.form, script) ?? ok;
  }
  return ofBuilds(route, asked, world, manners) ?? ofProcesses(route, asked, world);
}

const rackOf = (full: string): unknown => {
  const [organization, name] = full.split('/');
  return { name, organization: { name: organization }, provider: 'aws', status: 'running' };
};

function create({ form }: Asked, world: World): Reply {
  if (world.isThere) return [409, `app already exists: ${form.name}`];
  world.isThere = true;
  world.release = '';
  world.status = 'creating';
  world.releases.splice(0);
  world.others.push('creating', 'running');
  return [200, { name: form.name, status: 'creating', generation: form.generation }];
}

function lookApp(world: World, isThree: boolean): Reply {
  lookAtApp(world);
  const { app: name, release, status } = world;
  const generation = isThree ? '3' : '2';
  return [200, { generation, locked: false, name, release, router: '', status, parameters: {} }];
}

const show = (build: FakeBuild): unknown => ({
  ...{ id: build.id, app: 'app1', entrypoint: '', logs: '', process: '' },
  ...{ description: build.form.description ?? '', manifest: '', 'git-sha': '' },
  ...{ release: build.release, reason: build.reason, status: build.status },
  // Of an external build this holds a password.
  ...{ repository: 'https://docker:reg-0ff1cec0ffee@registry.example.com/app1' },
  ...{ started: '2026-11-21T02:14:25.336845988Z', ended: zero },
});

function ofBuilds(
  { exchange, id }: Route,
  { form }: Asked,
  world: World,
  manners: Manners,
): Reply | undefined {
  if (exchange === 'start') {
    const build = addBuild(world, form, manners.build ?? ['running', 'running', 'complete']);
    build.reason = manners.reason ?? '';
    const args = form['build-args'];
    // What a shell would make of it: unbalanced quotes and stray words are a doomed build.
    if (args && /^[^']*\s/.test(args)) build.script.splice(0, 9, 'failed');
    return [200, show(build)];
  }
  if (exchange === 'builds') return [200, world.builds.toReversed().map(show)];
  if (exchange === 'build') {
    const build = world.builds.find((each) => each.id === id);
    if (!build) return [500, `builds.convox.com "${id.toLowerCase()}" not found`];
    lookAtBuild(world, build);
    return [200, show(build)];
  }
  if (exchange === 'env') return [200, { ...addRelease(world, '', form.env), app: world.app }];
  if (exchange === 'releases') {
    // A list comes without variables.
    return [200, world.releases.toReversed().map((each) => ({ ...each, env: '' }))];
  }
  if (exchange === 'release') {
    const release = world.releases.find((each) => each.id === id);
    return release ? [200, release] : missingRelease(id, manners);
  }
  return undefined;
}

const missingRelease = (id: string, { version = '3' }: Manners): Reply =>
  version.length > 8 ? [500, `no such release: ${id}`] : [404, `release not found: ${id}`];

function ofProcesses({ exchange, id }: Route, { request }: Asked, world: World): Reply {
  if (exchange === 'processes') return [200, world.processes.map(({ script: _, ...rest }) => rest)];
  if (exchange === 'process start') {
    const { command, release } = request.headers;
    if (command !== 'sleep 3600') return [400, `command ${command}`];
    const name = `${id}-${world.processes.length + 1}`;
    const about = { id: name, name: id, release: String(release), command: 'sleep 3600' };
    const process = { ...about, script: ['pending', 'running'], status: 'starting' };
    world.processes.push(process);
    return [200, { ...about, status: process.status }];
  }
  const process = world.processes.find((each) => each.id === id);
  if (!process) return [404, `process not found: ${id}`];
  if (exchange === 'process end') {
    world.ended.push(id);
    process.status = 'complete';
    return ok;
  }
  process.status = process.script.shift() ?? process.status;
  const { script: _, ...shown } = process;
  return [200, shown];
}
