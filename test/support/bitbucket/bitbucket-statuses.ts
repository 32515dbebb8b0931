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

const words = ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'];
const fields = ['key', 'state', 'url', 'name', 'description', 'refname'];
const shown = 'values.key,values.name,values.state,values.url,values.description,values.updated_on';

export type BitbucketOptions = Setting & {
  readonly repo: string;
  /** Value of the header that signs in. */
  readonly authorization: string;
};

/** Build statuses of a Bitbucket Cloud with one repository. */
export const fakeBitbucketStatuses = (options: BitbucketOptions): Promise<StatusForge> => {
  const { repo, authorization } = options;

  function read({ method, url, body }: Request): Asked | string {
    const { pathname, search } = url;
    const api = `/2.0/repositories/${repo}`;
    if (method === 'GET' && `${pathname}${search}` === `${api}?fields=full_name`) {
      return { other: { status: 200, body: { full_name: repo } } };
    }
    const rest = pathname.startsWith(`${api}/`) ? pathname.slice(api.length + 1) : '';
    if (!rest && pathname.startsWith('/2.0/repositories/')) return { other: { status: 404 } };
    const [, posted] = /^commit\/([0-9a-f]{40})\/statuses\/build$/.exec(rest) ?? [];
    if (posted && method === 'POST') return postOf(posted, body);
    const [, listed] = /^commit\/([0-9a-f]{40})\/statuses$/.exec(rest) ?? [];
    const isWhole = search === `?pagelen=100&sort=-updated_on&fields=${shown}`;
    if (listed && method === 'GET' && isWhole) return { list: listed };
    const { include, ...others } = Object.fromEntries(url.searchParams);
    const isPlain = new URLSearchParams(others).toString() === 'pagelen=10&fields=values.hash';
    if (rest === 'commits' && isPlain) return { commits: include ?? 'main' };
    return 'is no route';
  }

  return serveStatuses(
    {
      credential: ['authorization', authorization],
      read,
      listed: (rows) => told({ values: latestOf(rows).toReversed().map(show) }),
      commits: (shas) => told({ values: shas.slice(0, 10).map((hash) => ({ hash })) }),
      posted: (row) => ({ status: 201, body: show(row) }),
      refusal: (status, why) => ({ type: 'error', error: { message: `${status}: ${why}` } }),
    },
    options,
  );
};

function postOf(sha: string, body: Request['body']): Asked | string {
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  if (unknown) return `knows no ${unknown}`;
  const { key, state, url, description = '', name, refname } = body;
  if (typeof key !== 'string' || key.length < 1 || key.length > 40) {
    return 'key: Ensure this value has at most 40 characters';
  }
  if (!words.includes(String(state))) return `has no word ${state}`;
  if (typeof url !== 'string' || !URL.canParse(url)) return 'url: Required field';
  for (const each of [description, name, refname]) {
    if (each !== undefined && (typeof each !== 'string' || [...each].length > 255))
      return 'is too long';
  }
  const posted = { sha, context: key, state: String(state), link: url };
  return { post: { ...posted, description: String(description) } };
}

const show = ({ context, body, state, description, link, at }: Row) => ({
  key: context,
  name: body.name ?? null,
  state,
  url: link,
  description,
  updated_on: new Date(at).toISOString(),
});
