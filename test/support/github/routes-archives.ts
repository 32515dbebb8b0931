import type { Route } from './route.ts';

/** A link for whoever may read, whether or not there is such a commit: that is codeload's to know. */
export const archiveRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/tarball/{ref}',
    needs: ['contents', 'read'],
    serve: ({ repo, params, places }) => ({
      status: 302,
      headers: { location: places.archive(repo, params.ref ?? '') },
    }),
  },
];
