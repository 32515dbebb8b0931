import { readEach, type Seen, type Where } from '../commit-statuses.ts';
import type { Patience, Posted } from '../forge.ts';
import { type Github, mayAskRest } from './client.ts';
import { readCommit } from './commit-rest.ts';
import type { Purpose } from './explain.ts';
import { understood } from './shape.ts';
import { githubPosted } from './shown.ts';

type Context = {
  readonly context: string;
  readonly state: string;
  readonly createdAt: string;
  readonly targetUrl: string | null;
  readonly description: string | null;
};
type Commit = {
  readonly oid: string;
  readonly status: { readonly own?: Context | null; readonly contexts?: readonly Context[] } | null;
};
type History = { readonly history?: { readonly nodes: readonly Commit[] } };
type Answer = {
  readonly repository: {
    readonly own?: Partial<Commit> | null;
    readonly ref?: (History & { readonly target?: History | null }) | null;
  };
};

const reading: Purpose = { lost: 'commits not read', needs: 'contents: read', scope: 'repo' };
/** How far back one look sees. */
const commits = { graphql: 100, rest: 10 };

const text = (wanted: string, variables: string): string => `query Commits(${variables}) {
  repository(owner: $owner, name: $name) {
    own: object(expression: $sha) { ... on Commit { ...seen } }
    ref: object(expression: $ref) {
      ... on Commit { ...past }
      ... on Tag { target { ... on Commit { ...past } } }
    }
  }
}
fragment past on Commit { history(first: ${commits.graphql}) { nodes { ...seen } } }
fragment seen on Commit { oid status { ${wanted} } }
fragment shown on StatusContext { context state createdAt targetUrl description }`;

const common = '$owner: String!, $name: String!, $sha: String!, $ref: String!';
const queries = {
  one: text('own: context(name: $context) { ...shown }', `${common}, $context: String!`),
  all: text('contexts { ...shown }', common),
};

/** What the commit, and the last hundred of its ref, were told; the commit itself first. */
export async function readHistory(
  github: Github,
  where: Where,
  patience: Patience,
): Promise<readonly Seen[]> {
  try {
    return await readByGraphql(github, where, patience);
  } catch (error) {
    if (!mayAskRest(error) || patience.signal.aborted) throw error;
    return readByRest(github, where, patience);
  }
}

async function readByGraphql(
  github: Github,
  { sha, ref, context }: Where,
  patience: Patience,
): Promise<readonly Seen[]> {
  const [owner, name] = github.repo.split('/');
  const variables = { owner, name, sha: sha ?? 'HEAD', ref: ref ?? sha ?? 'HEAD' };
  const data = await (context === undefined
    ? github.graphql(queries.all, variables, patience, reading)
    : github.graphql(queries.one, { ...variables, context }, patience, reading));
  return understood({ status: 200 }, reading.lost, () => seenIn(data as Answer));
}

function seenIn({ repository }: Answer): readonly Seen[] {
  const { own, ref: found } = repository;
  const past = found?.history ?? found?.target?.history;
  const nodes = [...(own?.oid ? [own as Commit] : []), ...(past?.nodes ?? [])];
  const unique = [...new Map(nodes.map((node) => [node.oid, node])).values()];
  return unique.flatMap(({ oid, status }) =>
    [status?.own, ...(status?.contexts ?? [])]
      .filter((shown) => shown !== null && shown !== undefined)
      .map((shown) => ({ sha: oid, context: shown.context, posted: [statusOf(shown)] })),
  );
}

/** GitHub expects a status that nobody has posted: a pending one. */
const statusOf = ({ state, createdAt, targetUrl, description }: Context): Posted =>
  githubPosted({
    state: state === 'EXPECTED' ? 'pending' : state,
    at: createdAt,
    link: targetUrl,
    description,
  });

async function readByRest(
  github: Github,
  where: Where,
  patience: Patience,
): Promise<readonly Seen[]> {
  return readEach(
    where,
    (start) => listCommits(github, where.sha, start, patience),
    (sha) => readCommit(github, sha, patience),
  );
}

/** A token that may only write statuses sees no commits: the own one then has to do. */
async function listCommits(
  github: Github,
  sha: string | undefined,
  start: string | undefined,
  patience: Patience,
): Promise<readonly string[]> {
  const filter = new URLSearchParams({
    ...(start ? { sha: start } : {}),
    per_page: String(commits.rest),
  });
  try {
    const path = `/commits?${filter}`;
    const reply = await github.rest({ method: 'GET', path, purpose: reading, ...patience });
    const rows = reply.body as readonly { readonly sha: string }[];
    return understood(reply, reading.lost, () => rows.map((commit) => commit.sha));
  } catch (error) {
    if (sha === undefined || !mayAskRest(error)) throw error;
    return [];
  }
}
