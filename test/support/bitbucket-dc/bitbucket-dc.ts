import {
  type Asked,
  latestOf,
  type Request,
  type Row,
  type Setting,
  type StatusForge,
  serveStatuses,
  told,
} from '../forge/statuses.ts';

const words = {
  builds: ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'CANCELLED', 'UNKNOWN'],
  old: ['SUCCESSFUL', 'FAILED', 'INPROGRESS'],
  deployments: [
    ...['PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'FAILED'],
    ...['CANCELLED', 'ROLLED_BACK', 'UNKNOWN'],
  ],
};
const fields = ['key', 'state', 'url', 'name', 'description'];

export type DcOptions = Setting & {
  readonly repo: string;
  readonly token: string;
  /** Before 7.4, with neither builds of a repository nor deployments. */
  readonly isOld?: true;
  /** Builds and deployments that cannot be cancelled yet. */
  readonly knowsNoCancel?: true;
};

export type DcForge = StatusForge & {
  /** `sha8 environment state` of what each deployment is now, by sequence. */
  deployments(): readonly string[];
  /** The body of the last one that was posted. */
  lastDeployment(): Readonly<Record<string, unknown>> | undefined;
};

/** Builds and deployments of a Bitbucket Data Center with one repository. */
export async function fakeBitbucketDc(options: DcOptions): Promise<DcForge> {
  const { repo, token, isOld = false, knowsNoCancel = false } = options;
  const [project, name] = repo.split('/');
  const api = `/rest/api/latest/projects/${project}/repos/${name}`;
  const missing: Asked = {
    other: { status: 404, body: { message: 'HTTP 404 Not Found', 'status-code': 404 } },
  };
  const noSuchRepo: Asked = {
    other: {
      status: 404,
      body: {
        errors: [
          {
            message: 'Repository does not exist.',
            exceptionName: 'com.atlassian.bitbucket.repository.NoSuchRepositoryException',
          },
        ],
      },
    },
  };
  const deployments = new Map<string, Request['body'] & { readonly sha: string }>();
  let last: Request['body'] | undefined;

  function deploy(sha: string, body: Request['body']): Asked | string {
    const { deploymentSequenceNumber: sequence, key, displayName, description, url, state } = body;
    const environment = body.environment as Readonly<Record<string, unknown>> | undefined;
    if (!Number.isSafeInteger(sequence)) return 'a deployment has a sequence';
    for (const each of [key, displayName, description, url, environment?.key]) {
      if (typeof each !== 'string' || !each || each.length > 450) return 'a field is empty or long';
    }
    if (String(description).length > 255) return 'description is long';
    if (!words.deployments.includes(String(state))) return `has no word ${state}`;
    if (knowsNoCancel && state === 'CANCELLED') return refusedWord;
    last = body;
    deployments.set(`${sequence} ${key} ${environment?.key}`, { ...body, sha });
    return { other: { status: 200, body } };
  }

  function shownDeployment(query: URLSearchParams): Asked {
    const names = ['deploymentSequenceNumber', 'key', 'environmentKey'];
    const body = deployments.get(names.map((name) => query.get(name)).join(' '));
    return { other: body ? { status: 200, body } : { status: 404, body: { errors: [] } } };
  }

  function read({ method, url, body }: Request): Asked | string {
    const { pathname, search } = url;
    if (method === 'GET' && `${pathname}${search}` === api) {
      return { other: { status: 200, body: { slug: name, archived: false } } };
    }
    const isElsewhere = pathname.startsWith('/rest/api/') && !`${pathname}/`.startsWith(`${api}/`);
    if (isElsewhere) return isOld ? missing : noSuchRepo;
    const [, built] = /\/commits\/([0-9a-f]{40})\/builds$/.exec(pathname) ?? [];
    if (built && method === 'POST' && pathname.startsWith(api)) {
      return isOld ? missing : postOf(built, body, words.builds, knowsNoCancel);
    }
    const [, deployed] = /\/commits\/([0-9a-f]{40})\/deployments$/.exec(pathname) ?? [];
    if (deployed && method === 'POST' && pathname.startsWith(api)) {
      return isOld ? missing : deploy(deployed, body);
    }
    if (deployed && method === 'GET') return isOld ? missing : shownDeployment(url.searchParams);
    const [, sha] = /^\/rest\/build-status\/1\.0\/commits\/([0-9a-f]{40})$/.exec(pathname) ?? [];
    if (sha && method === 'POST') return postOf(sha, body, words.old, true);
    if (sha && search === '?orderBy=NEWEST&limit=100') return { list: sha };
    const isList = pathname === `${api}/commits` && url.searchParams.get('limit') === '10';
    return isList ? { commits: url.searchParams.get('until') ?? 'main' } : 'is no route';
  }

  const forge = await serveStatuses(
    {
      credential: ['authorization', `Bearer ${token}`],
      read,
      listed: (rows) => told({ values: latestOf(rows).toReversed().map(show), isLastPage: true }),
      commits: (shas) => told({ values: shas.slice(0, 10).map((id) => ({ id })) }),
      posted: () => ({ status: 204 }),
      refusal: (status, why) => ({ errors: [{ message: `${status}: ${why}` }] }),
    },
    options,
  );
  return Object.assign(forge, {
    lastDeployment: () => last,
    deployments: () =>
      [...deployments.values()].map(({ sha, environment, state }) => {
        const { key } = environment as { readonly key: string };
        return `${sha.slice(0, 8)} ${key} ${state}`;
      }),
  });
}

const refusedWord: Asked = { other: { status: 400, body: { errors: [{ message: 'state' }] } } };

function postOf(
  sha: string,
  body: Request['body'],
  known: readonly string[],
  knowsNoCancel: boolean,
): Asked | string {
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  if (unknown) return `knows no ${unknown}`;
  const { key, state, url, description } = body;
  if (typeof key !== 'string' || !key || key.length > 255) return 'key is blank or long';
  if (typeof url !== 'string' || !URL.canParse(url) || url.length > 450) return 'url is no link';
  if (state === 'CANCELLED' && knowsNoCancel) return refusedWord;
  if (!known.includes(String(state))) return `has no word ${state}`;
  const posted = { sha, context: key, state: String(state), link: url };
  return { post: { ...posted, description: String(description) } };
}

const show = ({ context, body, state, description, link, at }: Row) => ({
  ...{ key: context, name: body.name, state, url: link, description, dateAdded: at },
});
