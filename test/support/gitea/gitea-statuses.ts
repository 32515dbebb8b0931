import {
  type Asked,
  type Request,
  type Row,
  type Setting,
  type StatusForge,
  serveStatuses,
  told,
} from '../forge/statuses.ts';

const words = ['pending', 'success', 'error', 'failure', 'warning'];
const fields = ['state', 'context', 'description', 'target_url'];
const brief = 'stat=false&verification=false&files=false';
const page = 50;

export type GiteaOptions = Setting & {
  readonly repo: string;
  readonly token: string;
  /** Gogs has the same routes but for statuses and versions. */
  readonly isGogs?: true;
  readonly shown?: {
    readonly archived?: boolean;
    readonly permissions?: { readonly push: boolean };
  };
};

/** Commit statuses of a Gitea or Forgejo with one repository. */
export const fakeGiteaStatuses = (options: GiteaOptions): Promise<StatusForge> => {
  const { repo, token, isGogs = false } = options;
  const missing: Asked = { other: { status: 404, body: { message: 'Not Found' } } };

  function read({ method, url, body }: Request): Asked | string {
    const { pathname, search } = url;
    if (pathname === '/api/v1/version') {
      return isGogs ? missing : { other: { status: 200, body: { version: '1.27.0' } } };
    }
    const api = `/api/v1/repos/${repo}`;
    if (method === 'GET' && `${pathname}${search}` === api) {
      const { archived = false, permissions = { push: true } } = options.shown ?? {};
      return { other: { status: 200, body: { full_name: repo, archived, permissions } } };
    }
    const rest = pathname.startsWith(`${api}/`) ? pathname.slice(api.length + 1) : '';
    if (!rest && pathname.startsWith('/api/v1/repos/')) return missing;
    const [, sha] = /^statuses\/([0-9a-f]{40})$/.exec(rest) ?? [];
    if (sha && isGogs) return missing;
    if (sha && method === 'POST') return posted(sha, body);
    if (sha && method === 'GET' && search === `?sort=highestindex&limit=${page}`) {
      return { list: sha };
    }
    const { sha: ref, ...others } = Object.fromEntries(url.searchParams);
    const isBrief = new URLSearchParams(others).toString() === `limit=10&${brief}`;
    if (rest === 'commits' && isBrief) return { commits: ref ?? 'main' };
    return 'is no route';
  }

  return serveStatuses(
    {
      credential: ['authorization', `token ${token}`],
      read,
      listed: (rows) => told(rows.toReversed().slice(0, page).map(show)),
      commits: (shas) => told(shas.slice(0, 10).map((sha) => ({ sha, url: '' }))),
      posted: (row) => ({ status: 201, body: show(row) }),
      refusal: (status, why) => ({ message: `${status}: ${why}`, url: '/api/swagger' }),
    },
    options,
  );
};

function posted(sha: string, body: Request['body']): Asked | string {
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  if (unknown) return `knows no ${unknown}`;
  const { state, context, description, target_url: link } = body;
  if (!words.includes(String(state))) return `has no word ${state}`;
  if (typeof context !== 'string' || context === '') return 'a status has a context';
  if (typeof description !== 'string' || [...description].length > 255) return 'is too long';
  if (link !== undefined && !URL.canParse(String(link))) return 'leads nowhere';
  return {
    post: { sha, context, state: String(state), description, link: link && String(link) },
  } as Asked;
}

const show = ({ id, state, context, description, link, at }: Row) => ({
  id,
  // Posted as `state`, shown as `status`.
  status: state,
  context,
  description,
  target_url: link ?? '',
  creator: { login: 'slipway' },
  created_at: new Date(at).toISOString(),
  updated_at: new Date(at).toISOString(),
});
