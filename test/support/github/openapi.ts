import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type Components, type Json, standalone } from './openapi-schema.ts';

export type Flavour = 'dotcom' | 'ghes';

/** Faults of one exchange, in words; empty when it is as GitHub describes it. */
export interface Description {
  /** The operation's template, of those that the fake serves, exists in the description. */
  has(method: string, template: string): boolean;
  request(method: string, template: string, sent: Sent): string[];
  answer(method: string, template: string, status: number, body: unknown): string[];
}

export type Sent = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Json;
};
type Content = { readonly content?: { readonly 'application/json'?: { readonly schema: Json } } };
type Operation = {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content | { readonly $ref: string }>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Components & {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, Content>>;
  };
};

const FILES = { dotcom: 'api.github.com.json', ghes: 'ghes-3.19.json' } as const;

// A description is 11 to 13 MB of JSON and uvu runs every test file in one process: read and compile it once.
// It is never changed after it was read, so that tests cannot see each other through it.
const described = new Map<Flavour, Description>();

export function describe(flavour: Flavour): Description {
  const found = described.get(flavour) ?? readDescription(FILES[flavour]);
  described.set(flavour, found);
  return found;
}

function readDescription(file: string): Description {
  const path = createRequire(import.meta.url).resolve(`@octokit/openapi/generated/${file}`);
  const document = amend(JSON.parse(readFileSync(path, 'utf8')) as Document);
  const operation = (method: string, template: string): Operation | undefined =>
    document.paths[template]?.[method.toLowerCase()];
  const compile = createCompiler(document.components);
  return {
    has: (method, template) => operation(method, template) !== undefined,
    request(method, template, sent) {
      const found = operation(method, template);
      if (!found) return [`${method} ${template} is not described`];
      const parameters = (found.parameters ?? []).map((p) => resolve(p, document));
      return [
        ...checkParameters(parameters, sent, (p) =>
          compile(`${method} ${template} ${p.in} ${p.name}`, p.schema, true),
        ),
        ...checkBody(found, sent.body, (schema) => compile(`${method} ${template}`, schema, true)),
      ];
    },
    answer(method, template, status, body) {
      const found = operation(method, template)?.responses[String(status)];
      if (!found) return status >= 400 ? checkError(body) : [`status ${status} is not described`];
      const schema = resolve<Content>(found, document).content?.['application/json']?.schema;
      if (!schema) return status >= 400 || body === undefined ? [] : ['a body is not described'];
      const name = `${method} ${template} ${status}`;
      return judge(compile(name, schema, status < 400), body, 'answer');
    },
  };
}

/** REST shows `waiting` (Actions' protection rules), though its description has it in webhooks and GraphQL only. */
function amend(document: Document): Document {
  const properties = document.components.schemas['deployment-status']?.properties;
  const state = (properties as { readonly state?: { readonly enum: string[] } } | undefined)?.state;
  state?.enum.push('waiting');
  return document;
}

type Compile = (name: string, schema: Json, closed: boolean) => ValidateFunction;

function createCompiler(components: Components): Compile {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false });
  formats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (name, schema, closed) => {
    const found = compiled.get(name) ?? ajv.compile(standalone(schema, components, closed));
    compiled.set(name, found);
    return found;
  };
}

function resolve<T>(part: T | { readonly $ref: string }, document: Document): T {
  if (typeof part !== 'object' || part === null || !('$ref' in part)) return part as T;
  const [, , kind = '', name = ''] = part.$ref.split('/');
  const found = (document.components as Readonly<Record<string, Json>>)[kind]?.[name];
  return resolve(found as T, document);
}

function judge(validate: ValidateFunction, value: unknown, what: string): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const detail = Object.values(params).join(' ');
    return `${what}${instancePath} ${message ?? 'is wrong'} (${detail})`;
  });
}

function checkParameters(
  parameters: readonly Parameter[],
  { params, query }: Sent,
  compiled: (parameter: Parameter) => ValidateFunction,
): string[] {
  const faults: string[] = [];
  const known = new Set(parameters.filter((p) => p.in === 'query').map((p) => p.name));
  for (const name of new Set(query.keys())) {
    if (!known.has(name)) faults.push(`query parameter ${name} is unknown`);
    if (query.getAll(name).length > 1) faults.push(`query parameter ${name} is repeated`);
  }
  for (const parameter of parameters) {
    const raw = parameter.in === 'path' ? params[parameter.name] : query.get(parameter.name);
    const label = `${parameter.in} parameter ${parameter.name}`;
    if (raw === undefined || raw === null) {
      if (parameter.required) faults.push(`${label} is missing`);
    } else if (raw === '') {
      faults.push(`${label} is empty`);
    } else {
      faults.push(...judge(compiled(parameter), typed(parameter.schema, raw), label));
    }
  }
  return faults;
}

/** What a parameter's text means by its type; text that is not of the type stays text and fails. */
function typed(schema: Json, raw: string): unknown {
  if (schema.type === 'integer') return /^-?\d+$/.test(raw) ? Number(raw) : raw;
  if (schema.type === 'boolean') return raw === 'true' || (raw === 'false' ? false : raw);
  return raw;
}

function checkBody(
  operation: Operation,
  body: unknown,
  compiled: (schema: Json) => ValidateFunction,
): string[] {
  const described = operation.requestBody;
  const schema = described?.content?.['application/json']?.schema;
  if (!schema) return body === undefined ? [] : ['a body is not described'];
  if (body === undefined) return described?.required ? ['the body is missing'] : [];
  return judge(compiled(schema), body, 'body');
}

/** Errors that an operation does not list have GitHub's general form. */
function checkError(body: unknown): string[] {
  const sound =
    typeof body === 'object' &&
    body !== null &&
    'message' in body &&
    typeof body.message === 'string';
  return sound ? [] : ['an error has a message'];
}
