import type { Deployment, Patience, Posted } from '../forge.ts';
import type { Github } from './client.ts';
import type { Purpose } from './explain.ts';
import { understood } from './shape.ts';
import { deploymentOf, githubPosted, ownerOf, type ShownDeployment } from './shown.ts';

type RestStatus = {
  readonly id: number;
  readonly state: string;
  readonly created_at: string;
  readonly log_url?: string | null;
  readonly target_url?: string | null;
  readonly description?: string | null;
};
export type RestDeployment = Omit<ShownDeployment, 'created'> & {
  readonly node_id: string;
  readonly created_at: string;
};

export const reading: Purpose = {
  lost: 'deployments not read',
  needs: 'deployments: read',
  scope: 'repo_deployment',
};

/** How many statuses of one deployment are looked at. */
const depth = 30;

export async function readDeployment(
  github: Github,
  id: string,
  patience: Patience,
): Promise<Deployment> {
  const path = `/deployments/${id}`;
  const purpose = { ...reading, thing: `deployment ${id}` };
  const [reply, statuses] = await Promise.all([
    github.rest({ method: 'GET', path, purpose, ...patience }),
    readStatuses(github, id, patience),
  ]);
  const { posted } = statuses;
  return understood(reply, reading.lost, () =>
    shownOf(github, reply.body as RestDeployment, posted),
  );
}

export type StatusReading = {
  readonly posted: readonly Posted[];
  readonly etag: string | undefined;
  readonly fresh: boolean;
};

/** Newest first; with the tag of an earlier reading, an unchanged list costs nothing. */
export async function readStatuses(
  github: Github,
  id: string,
  patience: Patience,
  known?: StatusReading,
): Promise<StatusReading> {
  const path = `/deployments/${id}/statuses?per_page=${depth}`;
  const purpose = { ...reading, thing: `deployment ${id}` };
  const etag = known?.etag;
  const reply = await github.rest({ method: 'GET', path, etag, purpose, ...patience });
  if (reply.status === 304 && known) return { ...known, fresh: false };
  const posted = understood(reply, reading.lost, () =>
    [...(reply.body as readonly RestStatus[])].sort((a, b) => b.id - a.id).map(restPosted),
  );
  return { posted, etag: reply.headers.etag, fresh: true };
}

const restPosted = (row: RestStatus): Posted =>
  githubPosted({
    state: row.state,
    at: row.created_at,
    link: row.log_url || row.target_url,
    description: row.description,
  });

/** Without statuses: the list does not show them. */
export async function listDeployments(
  github: Github,
  environment: string | undefined,
  most: number,
  patience: Patience,
  page = 1,
): Promise<readonly (RestDeployment & { readonly deployment: Deployment })[]> {
  const filter = new URLSearchParams({
    ...(environment === undefined ? {} : { environment }),
    per_page: String(most),
    ...(page > 1 ? { page: String(page) } : {}),
  });
  const path = `/deployments?${filter}`;
  const reply = await github.rest({ method: 'GET', path, purpose: reading, ...patience });
  const rows = reply.body as readonly RestDeployment[];
  return understood(reply, reading.lost, () =>
    rows.map((row) => ({ ...row, deployment: shownOf(github, row, []) })),
  );
}

export const shownOf = (
  github: Github,
  row: RestDeployment,
  statuses: readonly Posted[],
): Deployment => deploymentOf({ ...row, created: row.created_at }, statuses, github);

export const withStatuses = (deployment: Deployment, statuses: readonly Posted[]): Deployment => ({
  ...deployment,
  statuses,
  owner: ownerOf(deployment.payload, statuses),
});
