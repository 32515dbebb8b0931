import type { Application, Deployment, Environment, Variable, World } from './world.ts';

type Json = Readonly<Record<string, unknown>>;

/** As in the captures: microseconds. */
const time = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString().replace('Z', '704Z');

export const applicationView = ({ uuid, slug, organisation, repository }: Application): Json => ({
  ...{ uuid, slug, name: slug, organisation, repository },
});

export function environmentView(world: World, environment: Environment): Json {
  const { uuid, slug, branch, primaryDomain, deployed } = environment;
  const names = world.variables.filter((each) => each.environment === uuid);
  return {
    ...{ uuid, application: world.application.uuid, app_name: `hello-${slug}-0123`, slug, branch },
    primary_domain: primaryDomain,
    pending_commits_lookup: `${deployed}..${branch}`,
    environment_variables: ['STAGE', 'DOMAIN', ...names.map(({ name }) => name)],
    is_production_grade: slug === 'live',
  };
}

export function deploymentView(world: World, deployment: Deployment): Json {
  const { uuid, environment, startedAt, endedAt, course } = deployment;
  const { ends, lasts, percent } = course;
  const share = startedAt === undefined ? 0 : Math.min((world.now() - startedAt) / lasts, 1);
  const done = endedAt !== undefined;
  const status = startedAt === undefined ? 'waiting' : 'building';
  return {
    ...{ uuid, environment, region: 'y3sfjkvbzggzh6xzvkqv4j3jee' },
    ...{ started_at: time(startedAt), ended_at: time(endedAt) },
    status: done ? (ends === 'success' ? 'done' : 'failure') : status,
    is_usable: done && ends === 'success',
    success: done && ends !== 'silent' ? ends === 'success' : null,
    ...(percent ? { percent: done ? 100 : percent(share) } : {}),
  };
}

/** Divio does not give sensitive values back. */
export const variableView = ({ uuid, environment, name, value, isSensitive }: Variable): Json => ({
  ...{ uuid, environment, name, value: isSensitive ? null : value, is_sensitive: isSensitive },
});

/** The log as far as it is written. */
export function logView(world: World, { uuid, startedAt = 0, course }: Deployment): Json {
  const { log = 'Step 1/2\nStep 2/2\n', lasts } = course;
  const share = Math.min((world.now() - startedAt) / lasts, 1);
  return { uuid, logs: log.slice(0, Math.floor(log.length * share)) };
}
