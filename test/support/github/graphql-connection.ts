import { GraphQLError } from 'graphql';

export type Cut = {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
};

const MOST = 100;

/** A part of a list, as GitHub's connections show it: one of `first` and `last`, at most 100. */
export function connect<T, N>(name: string, all: readonly T[], cut: Cut, show: (item: T) => N) {
  demandBounds(name, cut);
  const from = cut.after ? indexOf(cut.after) + 1 : 0;
  const to = cut.before ? indexOf(cut.before) : all.length;
  const start = cut.last ? Math.max(from, to - cut.last) : from;
  const end = cut.first ? Math.min(to, from + cut.first) : to;
  const nodes = all.slice(start, end).map(show);
  const edges = nodes.map((node, index) => ({ node, cursor: cursorOf(start + index) }));
  return {
    nodes,
    edges,
    totalCount: all.length,
    pageInfo: {
      hasNextPage: end < all.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function demandBounds(name: string, { first, last }: Cut): void {
  const bound = first ?? last;
  if (bound === null || bound === undefined) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
    throw new GraphQLError(message, { extensions: { type: 'MISSING_PAGINATION_BOUNDARIES' } });
  }
  if (bound >= 1 && bound <= MOST) return;
  const message = `Requesting ${bound} records on the \`${name}\` connection exceeds the limit of ${MOST} records.`;
  throw new GraphQLError(message, { extensions: { type: 'EXCESSIVE_PAGINATION' } });
}

const cursorOf = (index: number): string => Buffer.from(`cursor:${index}`).toString('base64');

const indexOf = (cursor: string): number =>
  Number(Buffer.from(cursor, 'base64').toString('utf8').replace('cursor:', ''));
