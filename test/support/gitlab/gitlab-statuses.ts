import {
  type Asked,
  type Posted,
  type Request,
  type Row,
  type Setting,
  type StatusForge,
  serveStatuses,
  type Told,
} from '../forge/statuses.ts';

const words = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'];
const events: Readonly<Record<string, string>> = {
  ...{ pending: 'enqueue', running: 'run', success: 'success' },
  ...{ failed: 'drop', canceled: 'cancel', skipped: 'skip' },
};
const fields = ['state', 'name', 'description', 'target_url', 'ref', 'pipeline_id'];

export type Deployment = {
  readonly id: number;
  readonly environment: string;
  readonly sha: string;
  readonly ref: string;
  readonly tag: boolean;
  status: string;
  readonly at: number;
  readonly deployable: object | null;
};

export type Pipeline = { readonly id: number; readonly sha: string; readonly ref: string };

export type GitlabOptions = Setting & {
  readonly repo: string;
  readonly token: string;
  /** Of the project, by which it goes too. */
  readonly number?: number;
  /** Path below which it is. */
  readonly base?: string;
  /** The token is a job's, which may do little. */
  readonly isOfJob?: true;
  /** What there is already, oldest first. */
  readonly pipelines?: readonly Pipeline[];
  readonly scopes?: readonly string[];
  readonly project?: object;
  /** Nothing ends that does not run, and statuses are listed oldest first. */
  readonly isOld?: true;
  /** What there is already. */
  readonly deployments?: Deployment[];
  /** What happens to the next creation of a deployment. */
  readonly spoilCreation?: ('lost after' | 'refused')[];
  /** What happens to the next change of one. */
  readonly spoilChange?: 'refused'[];
};

export type GitlabForge = StatusForge & {
  readonly deployments: Deployment[];
  /** Those that statuses made included. */
  readonly pipelines: Pipeline[];
  /** `name {body}` of each change. */
  readonly environments: readonly string[];
};

/** Commit statuses, deployments and environments of a GitLab with one project. */
export async function fakeGitlabStatuses(options: GitlabOptions): Promise<GitlabForge> {
  const { repo, token, setup, now, deployments = [] } = options;
  const { spoilCreation = [], spoilChange = [] } = options;
  const environments: string[] = [];
  const pipelines: Pipeline[] = [...(options.pipelines ?? [])];
  const environmentNames: string[] = [];
  const envIdOf = (name: string): number => {
    if (!environmentNames.includes(name)) environmentNames.push(name);
    return environmentNames.indexOf(name) + 1;
  };
  const shown = (each: Deployment) => ({
    ...{ id: each.id, iid: each.id, ref: each.ref, sha: each.sha, status: each.status },
    ...{ created_at: new Date(each.at).toISOString(), deployable: each.deployable },
    environment: { id: envIdOf(each.environment), name: each.environment, external_url: null },
  });

  function create(body: Request['body']): Told | 'cut' | string {
    const keys = Object.keys(body).sort().join();
    if (keys !== 'environment,ref,sha,status,tag') return `a deployment has no ${keys}`;
    const { environment, ref, sha, status, tag } = body;
    if (typeof tag !== 'boolean') return 'tag is no boolean';
    if (tag !== Object.hasOwn(setup.tags ?? {}, String(ref))) return `tag of ${ref} is wrong`;
    const spoil = spoilCreation.shift();
    if (spoil === 'refused') return forbidden;
    const made: Deployment = {
      ...{ id: 100 + deployments.length, at: now(), deployable: null, tag },
      ...{ environment: String(environment), ref: String(ref), sha: String(sha) },
      status: String(status),
    };
    deployments.push(made);
    return spoil === 'lost after' ? 'cut' : { status: 201, body: shown(made) };
  }

  function change(id: number, body: Request['body']): Told {
    const found = deployments.find((each) => each.id === id);
    if (spoilChange.shift()) return forbidden;
    if (!found) return { status: 404, body: { message: '404 Not found' } };
    // Whatever it is it can end, and end otherwise; nothing begins again.
    if (found.status === body.status || body.status === 'running') {
      return {
        status: 400,
        body: { message: `Cannot transition status via :x from :${found.status}` },
      };
    }
    found.status = String(body.status);
    return { status: 200, body: shown(found) };
  }

  const api = `${options.base ?? ''}/api/v4`;
  const names = [encodeURIComponent(repo), ...(options.number ? [`${options.number}`] : [])];
  /** What of the project is asked for; undefined: nothing of it. */
  const restOf = (pathname: string): string | undefined => {
    const project = names.map((name) => `${api}/projects/${name}`);
    const found = project.find((each) => pathname === each || pathname.startsWith(`${each}/`));
    return found && pathname.slice(found.length);
  };

  function other({ method, url, body }: Request): Told | 'cut' | string | undefined {
    const { pathname, searchParams, search } = url;
    if (pathname === `${api}/personal_access_tokens/self`) {
      return options.scopes
        ? { status: 200, body: { scopes: options.scopes } }
        : { status: 404, body: {} };
    }
    const rest = restOf(pathname);
    if (rest === undefined) return { status: 404, body: { message: '404 Project Not Found' } };
    if (`${rest}${search}` === '') {
      return { status: 200, body: options.project ?? { path_with_namespace: repo } };
    }
    if (rest === '/deployments' && method === 'POST') return create(body);
    if (rest === '/deployments') {
      const found = deployments.filter(
        (each) =>
          each.environment === (searchParams.get('environment') ?? each.environment) &&
          each.status === searchParams.get('status'),
      );
      return { status: 200, body: found.toReversed().map(shown) };
    }
    const [, id] = /^\/deployments\/(\d+)$/.exec(rest) ?? [];
    if (id && method === 'PUT') return change(Number(id), body);
    const one = id && deployments.find((each) => each.id === Number(id));
    if (one) return { status: 200, body: shown(one) };
    if (id) return { status: 404, body: { message: '404 Not found' } };
    const [, env] = /^\/environments\/(\d+)$/.exec(rest) ?? [];
    if (env && method === 'PUT') {
      environments.push(`${environmentNames[Number(env) - 1]} ${JSON.stringify(body)}`);
      return { status: 200, body: { id: Number(env) } };
    }
    if (rest === '/environments') {
      return { status: 200, body: [{ id: envIdOf(searchParams.get('name') ?? '') }] };
    }
    const [, tag] = /^\/repository\/tags\/(.+)$/.exec(rest) ?? [];
    if (tag && Object.hasOwn(setup.tags ?? {}, decodeURIComponent(tag))) {
      return { status: 200, body: { name: tag } };
    }
    if (tag) return { status: 404, body: { message: '404 Tag Not Found' } };
    const [, sha] = /^\/repository\/commits\/([0-9a-f]{40})$/.exec(rest) ?? [];
    if (sha && search === '?stats=false') {
      const last = pipelines.findLast((each) => each.sha === sha) ?? null;
      return { status: 200, body: { id: sha, last_pipeline: last } };
    }
    return undefined;
  }

  function read(request: Request): Asked | string {
    const { method, url, body } = request;
    if (options.isOfJob && !/\/(?:deployments|environments)(?:\/\d+)?$/.test(url.pathname)) {
      return { other: { status: 401, body: { message: '401 Unauthorized' } } };
    }
    const told = other(request);
    if (told === 'cut') return { cut: true };
    if (typeof told === 'string') return told;
    if (told) return { other: told };
    const rest = restOf(url.pathname) ?? '';
    const [, posted] = /^\/statuses\/([0-9a-f]{40})$/.exec(rest) ?? [];
    if (posted && method === 'POST') return postOf(posted, body, pipelines);
    const [, listed] = /^\/repository\/commits\/([0-9a-f]{40})\/statuses$/.exec(rest) ?? [];
    const [, page] = listQuery.exec(url.search) ?? [];
    if (listed && listQuery.test(url.search)) return { list: listed, page: Number(page ?? 1) };
    const from = url.searchParams.get('ref_name') ?? 'main';
    if (rest === '/repository/commits' && url.search.endsWith('per_page=10')) {
      return { commits: from };
    }
    return 'is no route';
  }

  const forge = await serveStatuses(
    {
      credential: [options.isOfJob ? 'job-token' : 'private-token', token],
      read,
      judge: (posted, rows) => judge(posted, rows, options.isOld ?? false),
      listed: (rows, page) => {
        const all = currentOf(rows).map(show);
        const sorted = options.isOld ? all : all.toReversed();
        return { status: 200, body: sorted.slice((page - 1) * 100, page * 100) };
      },
      commits: (shas) => ({ status: 200, body: shas.slice(0, 10).map((id) => ({ id })) }),
      posted: (row) => ({ status: 201, body: show(row) }),
      refusal: (status, why) => ({ message: `${status} ${why}` }),
    },
    options,
  );
  return Object.assign(forge, { deployments, environments, pipelines });
}

const forbidden: Told = { status: 403, body: { message: '403 Forbidden' } };
const listQuery = /^\?per_page=100&all=true&order_by=id&sort=desc(?:&page=(\d+))?$/;
const isOpen = ({ state }: Pick<Row, 'state'>): boolean =>
  state === 'pending' || state === 'running';

/** An open status is changed in place; after one that has ended there is a new one. */
function currentOf(rows: readonly Row[]): readonly Row[] {
  const current: Row[] = [];
  for (const row of rows) {
    const at = current.findIndex((each) => isSame(each, row) && isOpen(each));
    if (at < 0) current.push(row);
    else current[at] = { ...row, id: current[at]?.id ?? row.id };
  }
  return current;
}

const isSame = (one: Posted, other: Posted): boolean =>
  one.context === other.context && one.group === other.group;

function judge(posted: Posted, rows: readonly Row[], isOld: boolean): Told | undefined {
  const { state } = posted;
  const latest = currentOf(rows).findLast((row) => isSame(row, posted));
  if (!latest || !isOpen(latest)) return undefined;
  const isBack = state === latest.state || state === 'pending';
  const isEarly = isOld && latest.state === 'pending' && state === 'success';
  if (!isBack && !isEarly) return undefined;
  const message = `Cannot transition status via :${events[state]} from :${latest.state}`;
  return { status: 400, body: { message } };
}

/** https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/ci/create_commit_status_service.rb */
function pipelineFor(
  sha: string,
  body: Request['body'],
  pipelines: Pipeline[],
): number | undefined {
  const { ref, pipeline_id: id } = body;
  const found = pipelines.findLast(
    (each) => each.sha === sha && (!ref || each.ref === ref) && (!id || each.id === id),
  );
  if (found || id !== undefined) return found?.id;
  const made = { id: 900 + pipelines.length, sha, ref: String(ref ?? 'main') };
  pipelines.push(made);
  return made.id;
}

function postOf(sha: string, body: Request['body'], pipelines: Pipeline[]): Asked | string {
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  if (unknown) return `knows no ${unknown}`;
  const { state, name, description, target_url: link, ref = '' } = body;
  if (!words.includes(String(state))) return `has no word ${state}`;
  for (const each of [name, description, link ?? '', ref]) {
    if (typeof each !== 'string' || [...each].length > 255) return 'is too long';
  }
  const group = pipelineFor(sha, body, pipelines);
  if (group === undefined) {
    const message = '404 Pipeline for pipeline_id, sha and ref Not Found';
    return { other: { status: 404, body: { message } } };
  }
  const posted = { sha, context: String(name), state: String(state), group };
  return {
    post: { ...posted, description: String(description), link: link ? String(link) : undefined },
  };
}

const show = ({ id, state, context, description, link, at, group }: Row) => ({
  pipeline_id: group,
  ...{ id, status: state, name: context, description, target_url: link ?? null },
  ...{ created_at: new Date(at).toISOString(), allow_failure: false },
});
