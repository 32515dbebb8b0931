import { RemoteError } from '../../errors.ts';
import type { CommitReading, CommitWords } from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { Github } from './client.ts';
import { because, type Purpose } from './explain.ts';
import { demandMade, understood } from './shape.ts';
import { githubPosted } from './shown.ts';

type RestStatus = {
  readonly context: string;
  readonly state: string;
  readonly target_url: string | null;
  readonly description: string | null;
  readonly created_at: string;
};

export const readingStatuses: Purpose = {
  lost: 'commit statuses not read',
  needs: 'statuses: read',
  scope: 'repo:status',
};
const posting: Purpose = {
  lost: 'status not delivered',
  needs: 'statuses: write',
  scope: 'repo:status',
};

/** Every context's, newest first: that order GitHub documents. */
export async function readCommit(
  github: Github,
  sha: string,
  patience: Patience,
  known?: CommitReading,
): Promise<CommitReading> {
  const reply = await github.rest({
    ...patience,
    method: 'GET',
    path: `/commits/${sha}/statuses?per_page=100`,
    etag: known?.etag,
    purpose: { ...readingStatuses, thing: `commit ${sha}` },
  });
  if (reply.status === 304 && known) return known;
  const rows = reply.body as readonly RestStatus[];
  const posted = understood(reply, readingStatuses.lost, () =>
    rows.map((row) => ({
      ...githubPosted({ ...row, at: row.created_at, link: row.target_url }),
      context: row.context,
    })),
  );
  return { posted, etag: reply.headers.etag };
}

export async function postCommitStatus(
  github: Github,
  sha: string,
  { state, description, link, context }: CommitWords,
  patience: Patience,
): Promise<void> {
  const reply = await github
    .rest({
      ...patience,
      method: 'POST',
      path: `/statuses/${sha}`,
      body: {
        state,
        context,
        description,
        ...(link ? { target_url: link } : {}),
      },
      purpose: { ...posting, thing: `commit ${sha}` },
    })
    .catch((error: unknown) => {
      throw refusalAdvice(error, sha, context);
    });
  demandMade(reply, `status of commit ${sha}`);
}

function refusalAdvice(error: unknown, sha: string, context: string): unknown {
  if (!(error instanceof RemoteError) || error.status !== 422) return error;
  const said = error.answer?.body ?? '';
  if (/maximum number of statuses/i.test(said)) {
    const why = `commit ${sha} has 1000 statuses in the context ${context}, and GitHub takes no more: set another status_context`;
    return because(error, 'refused', why);
  }
  return /No commit found/i.test(said)
    ? because(error, 'refused', `commit ${sha} is wrong, or was never pushed`)
    : error;
}
