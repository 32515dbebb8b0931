import type { Deployment, Patience, Posted } from '../forge.ts';
import { type Github, mayAskRest } from './client.ts';
import { listDeployments, reading, readStatuses, withStatuses } from './deployments.ts';
import { understood } from './shape.ts';
import { deploymentOf, githubPosted } from './shown.ts';

type Node = {
  readonly id: string;
  readonly databaseId: number | null;
  readonly commitOid: string;
  readonly environment: string | null;
  readonly task: string | null;
  readonly description: string | null;
  readonly payload: string | null;
  readonly createdAt: string;
  readonly latestStatus: StatusNode | null;
  readonly oldest: { readonly nodes: readonly StatusNode[] } | null;
  readonly newest: { readonly nodes: readonly StatusNode[] } | null;
};
type StatusNode = {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly logUrl: string | null;
  readonly description: string | null;
};
type Answer = {
  readonly repository: {
    readonly deployments: {
      readonly nodes: readonly Node[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
};

/** How far back one look sees. */
const rows = { graphql: 30, rest: 10 };
const pageSize = 100;

// The order of `statuses` is not documented, so both of its ends are read.
const query = `query Deployments($owner: String!, $name: String!, $environments: [String!], $most: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    deployments(first: $most, after: $after, environments: $environments, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes {
        id databaseId commitOid environment task description payload createdAt
        latestStatus { ...status }
        oldest: statuses(first: 10) { nodes { ...status } }
        newest: statuses(last: 10) { nodes { ...status } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
fragment status on DeploymentStatus { id state createdAt logUrl description }`;

/** The newest deployments of an environment with their statuses: one exchange where GraphQL is allowed. */
export async function readNeighbours(
  github: Github,
  environment: string,
  patience: Patience,
): Promise<readonly Deployment[]> {
  try {
    return (await readPage(github, environment, rows.graphql, undefined, patience)).deployments;
  } catch (error) {
    if (!mayAskRest(error) || patience.signal.aborted) throw error;
    return readByRest(github, environment, rows.rest, 1, patience);
  }
}

/** The newest deployments of one or all environments, page by page. */
export async function readMany(
  github: Github,
  environment: string | undefined,
  most: number,
  patience: Patience,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  try {
    let after: string | undefined;
    do {
      const page = await readPage(github, environment, pageSize, after, patience);
      found.push(...page.deployments);
      after = page.after;
    } while (after !== undefined && found.length < most);
    return found;
  } catch (error) {
    if (!mayAskRest(error) || patience.signal.aborted) throw error;
    return readManyByRest(github, environment, most, patience);
  }
}

async function readPage(
  github: Github,
  environment: string | undefined,
  most: number,
  after: string | undefined,
  patience: Patience,
): Promise<{ readonly deployments: readonly Deployment[]; readonly after: string | undefined }> {
  const [owner, name] = github.repo.split('/');
  const environments = environment === undefined ? undefined : [environment];
  const variables = { owner, name, environments, most, after };
  const data = await github.graphql(query, variables, patience, reading, 'databaseId');
  const { nodes, after: next } = understood({ status: 200 }, reading.lost, () => {
    const { nodes, pageInfo } = (data as Answer).repository.deployments;
    const after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined;
    return { nodes: nodes.map((node) => ({ ...node, posted: statusesOf(node) })), after };
  });
  const ids = await idsOf(github, nodes, environment, patience);
  const deployments = understood({ status: 200 }, reading.lost, () =>
    nodes.map((node) => {
      const id = ids.get(node.id) ?? '';
      const shown = { ...node, id, sha: node.commitOid, created: node.createdAt };
      return deploymentOf(shown, node.posted, github);
    }),
  );
  return { deployments: deployments.filter(({ id }) => id !== ''), after: next };
}

/** GraphQL's Int ends at 2^31 - 1 and deployment ids do not: there REST tells them. */
async function idsOf(
  github: Github,
  nodes: readonly Node[],
  environment: string | undefined,
  patience: Patience,
): Promise<ReadonlyMap<string, string>> {
  const known = nodes.filter(({ databaseId }) => databaseId !== null);
  const ids = new Map(known.map(({ id, databaseId }) => [id, String(databaseId)]));
  const missing = (): boolean => nodes.some(({ id }) => !ids.has(id));
  for (let page = 1; missing() && page <= 3; page += 1) {
    const listed = await listDeployments(github, environment, pageSize, patience, page);
    for (const { node_id, id } of listed) ids.set(node_id, String(id));
    if (listed.length < pageSize) break;
  }
  return ids;
}

/** Newest first. `latestStatus` tells which end of the list is the new one where times are equal. */
function statusesOf({ latestStatus, oldest, newest }: Node): readonly Posted[] {
  const listed = [...(oldest?.nodes ?? []), ...(newest?.nodes ?? [])];
  if (!latestStatus) return [];
  const unique = [...new Map(listed.map((node) => [node.id, node])).values()];
  const ascending = unique[0]?.id !== latestStatus.id;
  const ordered = ascending ? unique.reverse() : unique;
  const byTime = ordered
    .filter(({ id }) => id !== latestStatus.id)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  return [latestStatus, ...byTime].map((node) =>
    githubPosted({ ...node, at: node.createdAt, link: node.logUrl }),
  );
}

async function readByRest(
  github: Github,
  environment: string | undefined,
  most: number,
  page: number,
  patience: Patience,
): Promise<readonly Deployment[]> {
  const listed = await listDeployments(github, environment, most, patience, page);
  return Promise.all(
    listed.map(async ({ deployment }) => {
      const { posted } = await readStatuses(github, deployment.id, patience);
      return withStatuses(deployment, posted);
    }),
  );
}

/** Ten at a time: more at once is what secondary limits are for. */
async function readManyByRest(
  github: Github,
  environment: string | undefined,
  most: number,
  patience: Patience,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  for (let page = 1; found.length < most; page += 1) {
    const next = await readByRest(github, environment, rows.rest, page, patience);
    found.push(...next);
    if (next.length < rows.rest) break;
  }
  return found;
}
