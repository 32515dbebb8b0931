import { addCommitStatus, type CommitStatusBody, statusesOfCommit } from './commit-statuses.ts';
import { compare, history, resolveRef } from './git.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { refRoutes } from './routes-refs.ts';
import { showCombined, showCommit, showCommitStatus, showComparison } from './views.ts';

const COMMITS = '/repos/{owner}/{repo}/commits';

function named({ repo, params }: Call): string {
  const ref = params.ref ?? '';
  const sha = resolveRef(repo, ref);
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  return sha;
}

// The longer templates come first: a ref may hold slashes, so `{ref}` alone would swallow them.
export const commitRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/statuses/{sha}',
    needs: ['statuses', 'write'],
    serve({ world, repo, params, body, login, places }) {
      const sha = params.sha ?? '';
      const made = addCommitStatus(world, repo, sha, body as CommitStatusBody, login);
      const shown = showCommitStatus(repo, made, places);
      return { status: 201, body: shown, headers: { location: shown.url } };
    },
  },
  {
    method: 'GET',
    template: `${COMMITS}/{ref}/status`,
    needs: ['statuses', 'read'],
    serve: (call) => ({
      status: 200,
      body: showCombined(call.repo, named(call), call.page, call.places),
    }),
  },
  {
    method: 'GET',
    template: `${COMMITS}/{ref}/statuses`,
    needs: ['statuses', 'read'],
    serve(call) {
      const found = call.page(statusesOfCommit(call.repo, named(call)));
      return { status: 200, body: found.map((s) => showCommitStatus(call.repo, s, call.places)) };
    },
  },
  {
    method: 'GET',
    template: `${COMMITS}/{ref}`,
    needs: ['contents', 'read'],
    serve(call) {
      const commit = call.repo.commits.get(named(call));
      if (!commit) throw notFound();
      return { status: 200, body: showCommit(call.repo, commit, call.places) };
    },
  },
  {
    method: 'GET',
    template: COMMITS,
    needs: ['contents', 'read'],
    serve({ repo, query, page, places }) {
      const sha = resolveRef(repo, query.get('sha') ?? repo.defaultBranch);
      if (sha === undefined) throw notFound();
      const found = page(history(repo, sha));
      return { status: 200, body: found.map((commit) => showCommit(repo, commit, places)) };
    },
  },
  ...refRoutes,
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/compare/{basehead}',
    needs: ['contents', 'read'],
    serve: ({ repo, params, page, places, query }) => {
      const [base = '', head = ''] = (params.basehead ?? '').split('...');
      const found = compare(repo, base, head);
      if (!found) throw notFound();
      const commits = page(found.ahead);
      const isFirst = (query.get('page') ?? '1') === '1';
      return { status: 200, body: showComparison(repo, found, commits, isFirst, places) };
    },
  },
];
