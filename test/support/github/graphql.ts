import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { Api, Request } from './api.ts';
import { queryRoot } from './graphql-world.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './route.ts';

type Query = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
};

// GitHub's schema is 1.4 MB of text; it is read once for all tests of the process and never changed.
let schema: GraphQLSchema | undefined;

function readSchema(): GraphQLSchema {
  const beside = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'));
  schema ??= buildSchema(readFileSync(beside, 'utf8'), { assumeValid: true });
  return schema;
}

/** Parses, validates and executes against GitHub's published schema, over what the fake remembers. */
export async function answerGraphql(api: Api, request: Request): Promise<Reply> {
  const caller = api.credentials.identify(request.headers.authorization);
  const query = readQuery(request);
  const document = check(api, query);
  if (!(document && 'kind' in document)) return { status: 200, body: { errors: document } };
  const result = await execute({
    schema: readSchema(),
    document,
    rootValue: queryRoot(api, caller),
    variableValues: query.variables ?? {},
    operationName: query.operationName ?? null,
    fieldResolver: modelled(api),
  });
  if (result.data === undefined) violateAll(api, result.errors ?? []);
  return {
    status: 200,
    body: { ...result, ...(result.errors && { errors: show(result.errors) }) },
  };
}

function readQuery({ method, body }: Request): Query {
  if (method !== 'POST') throw new Refusal(404, 'Not Found', { violation: true });
  const query = body as Query | undefined;
  if (typeof query?.query !== 'string') {
    throw new Refusal(400, 'A query attribute must be specified and must be a string.', {
      violation: true,
    });
  }
  const known = ['query', 'variables', 'operationName'];
  const unknown = Object.keys(query).filter((key) => !known.includes(key));
  if (unknown.length === 0) return query;
  throw new Refusal(400, `body has unknown fields: ${unknown.join(', ')}`, { violation: true });
}

/** The document, or what is wrong with it: GitHub says that in an answer of 200. */
function check(api: Api, { query, variables, operationName }: Query) {
  const document = parsed(query);
  const errors = document instanceof GraphQLError ? [document] : validate(readSchema(), document);
  if (errors.length > 0 || document instanceof GraphQLError) {
    violateAll(api, errors);
    return show(errors);
  }
  const declared = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const names = declared.map(({ variable }) => variable.name.value);
  for (const name of Object.keys(variables ?? {})) {
    if (!names.includes(name)) api.violate(`the query does not declare $${name}`);
  }
  return document;
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function violateAll(api: Api, errors: readonly GraphQLError[]): void {
  for (const { message } of errors) api.violate(`GraphQL: ${message}`);
}

/** GitHub puts an error's type beside its message, not into extensions. */
const show = (errors: readonly GraphQLError[]) =>
  errors.map(({ message, path, locations, extensions: { type, ...rest } }) => ({
    ...(type !== undefined && { type }),
    ...(path && { path }),
    ...(Object.keys(rest).length > 0 && { extensions: rest }),
    locations,
    message,
  }));

/** What GitHub has and the fake has not is the fake's fault, and must not look like an empty field. */
const modelled =
  (api: Api): GraphQLFieldResolver<unknown, unknown> =>
  (source, args, _context, { fieldName, parentType }) => {
    const found = (source as Readonly<Record<string, unknown>>)[fieldName];
    if (found === undefined) {
      const what = `the fake does not model ${parentType.name}.${fieldName}`;
      api.violate(what);
      throw new GraphQLError(what);
    }
    return typeof found === 'function' ? found(args) : found;
  };
