import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { serverBlock } from '../../test/examples/server-block.ts';
import { flagsOf, podOf, thing, thingsOf } from '../../test/support/manifest.ts';
import { commit, type Ground, hostFlags, onGround, root, textOf } from './ground.ts';

type Check = () => Promise<void>;
const stamp = `slipway-check-${process.pid}`;
const order = { deployment: 'hello-production', commit };

function expect(good: boolean, otherwise: string): void {
  if (!good) throw new Error(otherwise.slice(0, 2000));
}

/** `slipway serve` in the image, as docs/serve.md and the examples start it. */
export function serveChecks(image: string, docker: string): Record<string, Check> {
  const play = (scene: (ground: Ground) => Promise<void>): Check => {
    return () => onGround(docker, scene);
  };
  return {
    'serves by the line of its page, survives docker kill, and is backed up meanwhile': play(
      (ground) => byReadme(ground, image),
    ),
    'writes nowhere but below data_dir': play((ground) => byRoot(ground, image)),
    'serves by examples/compose': play((ground) => byCompose(ground, image, docker)),
    'serves by examples/kubernetes/one.yml': play((ground) => byOnePod(ground, image)),
    'serves by examples/kubernetes/replicas.yml, and one goes on for the other': play((ground) =>
      byReplicas(ground, image, docker),
    ),
  };
}

const urlOf = ({ docker }: Ground, name: string): string =>
  `http://${docker('port', name, '8080').split('\n')[0]}`;

/** Accepted once, and in progress at the service that deploys. */
async function start(ground: Ground, url: string, key: string): Promise<string> {
  await ground.ready(url);
  const { status, body } = await ground.ask(url, 'POST', '/v1/runs', order, key);
  expect(status === 202, JSON.stringify(body));
  while (ground.service.runs.length === 0) await pause(50);
  return String((await ground.until(url, String(body.id), 'IN_PROGRESS')).id);
}

/** The service ends the one deploy that it was asked for, and so does the run, at GitHub too. */
async function finish(ground: Ground, url: string, id: string, key: string): Promise<void> {
  const { service, github } = ground;
  service.runs[0]?.script.push('SUCCESS');
  await ground.until(url, id, 'SUCCESS');
  const again = await ground.ask(url, 'POST', '/v1/runs', order, key);
  expect(again.status === 200 && again.body.id === id, JSON.stringify(again));
  expect(service.runs.length === 1, `${service.runs.length} deploys`);
  const [deployment] = github.deployments;
  const [last] = deployment ? github.statusesOf(deployment.id) : [];
  expect(last?.state === 'success', `GitHub was told ${JSON.stringify(last)}`);
}

async function byReadme(ground: Ground, image: string): Promise<void> {
  const name = ground.container(`${stamp}-readme`);
  const volume = ground.volume(`${stamp}-readme`);
  writeFileSync(
    path.join(ground.folder, 'slipway.yml'),
    ground.here(textOf('examples/compose/slipway.yml')),
    { mode: 0o644 },
  );
  const line = serverBlock('docker run -d')
    .replace('--name slipway', `--name ${name}`)
    .replace('-v slipway:', `-v ${volume}:`)
    .replace('-p 8080:8080', `-p 127.0.0.1:0:8080 ${hostFlags.join(' ')}`)
    .replace(/\bslipway serve$/m, `${image} serve`);
  const ran = spawnSync('sh', ['-c', line.replaceAll(/^docker/gm, dockerWord)], {
    cwd: ground.folder,
    env: { ...process.env, ...ground.env },
    encoding: 'utf8',
  });
  expect(ran.status === 0, ran.stderr);
  const id = await start(ground, urlOf(ground, name), 'readme');
  const backup = serverBlock('docker exec')
    .replaceAll(/^docker/gm, dockerWord)
    .replaceAll(/(exec|cp) slipway/g, `$1 ${name}`);
  const saved = spawnSync('sh', ['-ec', backup], { cwd: ground.folder, encoding: 'utf8' });
  expect(saved.status === 0, saved.stdout + saved.stderr);
  ground.docker('kill', name);
  ground.docker('start', name);
  const url = urlOf(ground, name);
  await ground.ready(url);
  await finish(ground, url, id, 'readme');
  const before = performance.now();
  ground.docker('stop', name);
  const seconds = (performance.now() - before) / 1000;
  const code = ground.docker('inspect', '--format', '{{.State.ExitCode}}', name);
  expect(code === '0' && seconds < 10, `exit ${code} after ${seconds} s`);
  const logs = ground.docker('logs', name);
  ground.assertClean(logs);
  expect(logs.split('\n').every(isJson), logs);
}

const dockerWord = process.env.DOCKER ?? 'docker';
const isJson = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

/** As root, on a root that can be written: what changed in it is what the server wrote. */
async function byRoot(ground: Ground, image: string): Promise<void> {
  const name = ground.container(`${stamp}-root`);
  const { env } = ground;
  const byCommand = {
    name: 'by-command',
    repository: 'octo/hello',
    environment: 'staging',
    target: 'command',
    settings: { report: 'none', command: 'mktemp; echo made=here >> "$SLIPWAY_OUTPUT"' },
  };
  const file = {
    tokens: [
      { name: 'ci', value: { env: 'SLIPWAY_TOKEN' }, may: ['deploy', 'read'], deployments: ['*'] },
    ],
    deployments: [byCommand],
  };
  writeFileSync(path.join(ground.folder, 'slipway.yml'), stringify(file), { mode: 0o644 });
  ground.docker(
    ...['run', '-d', '--name', name, '-p', '127.0.0.1:0:8080'],
    ...['-v', '/var/lib/slipway', '-v', `${ground.folder}:/etc/slipway:ro`],
    ...[
      '-e',
      'SLIPWAY_CONFIG=/etc/slipway/slipway.yml',
      '-e',
      `SLIPWAY_TOKEN=${env.SLIPWAY_TOKEN}`,
    ],
    ...['-e', `SLIPWAY_PUBLIC_URL=${env.SLIPWAY_PUBLIC_URL}`, image, 'serve'],
  );
  const url = urlOf(ground, name);
  await ground.ready(url);
  const asked = { deployment: 'by-command', commit };
  const { body } = await ground.ask(url, 'POST', '/v1/runs', asked);
  const run = await ground.until(url, String(body.id), 'SUCCESS');
  expect(JSON.stringify(run.outputs).includes('"made":"here"'), JSON.stringify(run));
  // The place of the mount itself is Docker's.
  const changed = ground
    .docker('diff', name)
    .split('\n')
    .filter((line) => line !== '' && !/^(?:C \/etc|A \/etc\/slipway)$/.test(line));
  expect(changed.length === 0, `written: ${changed.join(', ')}`);
}

async function byCompose(ground: Ground, image: string, docker: string): Promise<void> {
  const { folder, env } = ground;
  const project = `${stamp}-compose`;
  cpSync(path.join(root, 'examples/compose/compose.yml'), path.join(folder, 'compose.yml'));
  writeFileSync(
    path.join(folder, 'slipway.yml'),
    ground.here(textOf('examples/compose/slipway.yml')),
    { mode: 0o644 },
  );
  const given = Object.entries({ ...env, PORT: '0' }).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(folder, '.env'), given.join(''));
  const over = {
    services: {
      slipway: { image, extra_hosts: [hostFlags[1]] },
      postgres: { image: postgresImage(docker) },
    },
  };
  writeFileSync(path.join(folder, 'over.yml'), stringify(over));
  const compose = (...args: string[]): string => {
    const [file = '', ...words] = composeWords(docker);
    const all = [...words, '-p', project, '-f', 'compose.yml', '-f', 'over.yml', ...args];
    const { status, stdout, stderr } = spawnSync(file, all, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`compose ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  compose('config');
  try {
    compose('up', '-d');
    let url = urlOf(ground, compose('ps', '-q', 'slipway'));
    const id = await start(ground, url, 'compose');
    const server = compose('ps', '-q', 'slipway');
    ground.docker('kill', server);
    ground.docker('start', server);
    url = urlOf(ground, server);
    await ground.ready(url);
    await finish(ground, url, id, 'compose');
    for (let tries = 0; tries < 60; tries += 1) {
      if (ground.docker('inspect', '--format', '{{.State.Health.Status}}', server) === 'healthy') {
        break;
      }
      expect(tries < 59, ground.docker('inspect', '--format', '{{json .State.Health}}', server));
      await pause(1000);
    }
    ground.assertClean(ground.docker('logs', server));
  } finally {
    compose('down', '--volumes', '--timeout', '5');
  }
}

/** The plug-in, or Debian's older program of the same name. */
function composeWords(docker: string): readonly string[] {
  const plugin = [docker, 'compose'];
  if (spawnSync(docker, ['compose', 'version']).status === 0) return plugin;
  if (spawnSync('docker-compose', ['version']).status === 0) return ['docker-compose'];
  throw new Error('there is no docker compose; on Debian: apt-get install docker-compose');
}

/** PostgreSQL's own image where it can be had, else what stands for it. */
function postgresImage(docker: string): string {
  const name = 'slipway-check-postgres';
  const { status, stderr } = spawnSync(
    docker,
    ['build', '--network=host', '-q', '-t', name, path.join(root, 'test/support/postgres-image')],
    { encoding: 'utf8', env: { ...process.env, DOCKER_BUILDKIT: '1' } },
  );
  if (status !== 0) throw new Error(stderr);
  return name;
}

/** The things of these files, with the services and secrets of this machine. */
function thingsHere(ground: Ground, ...files: readonly string[]) {
  const things = thingsOf(...files.map((file) => textOf(`examples/kubernetes/${file}`)));
  const { data = {} } = thing(things, 'ConfigMap');
  data['slipway.yml'] = ground.here(data['slipway.yml'] ?? '');
  Object.assign(thing(things, 'Secret').stringData ?? {}, {
    token: ground.env.SLIPWAY_TOKEN,
    'github-webhook-secret': ground.env.GITHUB_WEBHOOK_SECRET,
    'hello-deploy-url': ground.env.HELLO_DEPLOY_URL,
    'github-token': ground.github.token,
  });
  return things;
}

type Things = ReturnType<typeof thingsHere>;

/** One pod of the Deployment; its address. */
function runPod(ground: Ground, things: Things, name: string, image: string, more: string[]) {
  const { args } = podOf(things).containers[0];
  const volumeOf = (claim: string): string => ground.volume(`${stamp}-${claim}`);
  ground.docker(
    ...['run', '-d', '--name', ground.container(name), '-p', '127.0.0.1:0:8080', ...hostFlags],
    ...[...flagsOf(things, ground.folder, volumeOf), ...more, image, ...args],
  );
}

async function probe(url: string, things: Things): Promise<void> {
  const [{ readinessProbe, livenessProbe }] = podOf(things).containers;
  for (const { httpGet } of [readinessProbe, livenessProbe]) {
    const { status } = await fetch(url + httpGet.path);
    expect(status === 200, `${httpGet.path} answers ${status}`);
  }
}

async function byOnePod(ground: Ground, image: string): Promise<void> {
  const things = thingsHere(ground, 'common.yml', 'one.yml');
  const name = `${stamp}-pod`;
  runPod(ground, things, name, image, []);
  const id = await start(ground, urlOf(ground, name), 'pod');
  await probe(urlOf(ground, name), things);
  const { command } = podOf(things).containers[0].lifecycle.preStop.exec;
  ground.docker('exec', name, ...command);
  // As the kubelet: a new pod on the same claim.
  ground.docker('rm', '--force', name);
  runPod(ground, things, name, image, []);
  await ground.ready(urlOf(ground, name));
  await finish(ground, urlOf(ground, name), id, 'pod');
  ground.assertClean(ground.docker('logs', name));
}

async function byReplicas(ground: Ground, image: string, docker: string): Promise<void> {
  const network = `${stamp}-net`;
  const database = ground.container(`${stamp}-postgres`);
  ground.docker('network', 'create', network);
  try {
    ground.docker(
      ...['run', '-d', '--name', database, '--network', network, '--network-alias', 'postgres'],
      ...['-e', 'POSTGRES_USER=slipway', '-e', 'POSTGRES_DB=slipway'],
      ...['-e', 'POSTGRES_PASSWORD=hunter2', postgresImage(docker)],
    );
    while (!ground.docker('logs', database).includes('ready to accept connections')) {
      await pause(200);
    }
    const things = thingsHere(ground, 'common.yml', 'replicas.yml');
    Object.assign(thing(things, 'Secret').stringData ?? {}, {
      // The one of this machine speaks no TLS.
      'database-url': 'postgres://slipway:hunter2@postgres/slipway',
    });
    const names = [`${stamp}-pod-a`, `${stamp}-pod-b`];
    for (const name of names) runPod(ground, things, name, image, ['--network', network]);
    const [a = '', b = ''] = names;
    await ground.ready(urlOf(ground, b));
    const id = await start(ground, urlOf(ground, a), 'replicas');
    await probe(urlOf(ground, a), things);
    // Whichever has the run: the other must go on with it once its lease is over.
    const owner = names.find((name) => ground.docker('logs', name).includes(`"run":"${id}"`)) ?? a;
    const heir = owner === a ? b : a;
    ground.docker('kill', owner);
    await finish(ground, urlOf(ground, heir), id, 'replicas');
    for (const name of names) ground.assertClean(ground.docker('logs', name));
  } finally {
    for (const name of ['pod-a', 'pod-b', 'postgres']) {
      spawnSync(docker, ['rm', '--force', `${stamp}-${name}`]);
    }
    ground.docker('network', 'rm', network);
  }
}
