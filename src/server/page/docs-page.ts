import type { Document } from '../openapi.ts';
import type { Operation } from '../openapi-operations.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The OpenAPI document for people. */
export function docsPage(frame: Frame, document: Document): Html {
  const { title, description } = document.info;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const body = html`
<div class="docs">
<h1>The API of ${title}</h1>
<p>${description} For programs: <a href="${frame.links.page('/openapi.json')}">openapi.json</a>.</p>
<p>Answers are JSON objects. Failures are <code>{"error": &hellip;, "message": &hellip;, "faults": [&hellip;]}</code>. A token of slipway.yml goes into the header <code>Authorization: Bearer</code>.</p>
${operations.map(({ path, method, operation }) => section(path, method, operation, document))}
</div>`;
  return layout(frame, { title: 'API', body });
}

const section = (
  path: string,
  method: string,
  operation: Operation,
  document: Document,
): Html => html`
<h2><code>${method.toUpperCase()} ${path}</code> ${operation.summary}</h2>
${operation.description && html`<p>${operation.description}</p>`}
${table(fieldsOf(operation, document))}
${table(
  Object.entries(operation.responses).map(([status, { description }]) => [
    status,
    String(description ?? ''),
  ]),
)}`;

/** `code` in backticks, as the tables of settings have it. */
const codes = (words: string): readonly (Html | string)[] =>
  words.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));

const table = (rows: readonly (readonly [string, string])[]): Html | undefined =>
  rows.length === 0
    ? undefined
    : html`<table>${rows.map(([name, words]) => html`<tr><th scope="row">${name}</th><td>${codes(words)}</td></tr>`)}</table>`;

function fieldsOf(
  { parameters = [], requestBody }: Operation,
  document: Document,
): readonly (readonly [string, string])[] {
  const named = parameters.map(
    (each) => [`${each.name} (${each.in})`, String(each.description ?? '')] as const,
  );
  const { properties = {} } = bodyOf(requestBody, document) as {
    properties?: Readonly<Record<string, Schema>>;
  };
  const fields = Object.entries(properties).map(
    ([name, { description = '' }]) => [name, String(description)] as const,
  );
  return [...named, ...fields];
}

function bodyOf(requestBody: Schema | undefined, document: Document): Schema {
  const content = requestBody?.content as Record<string, { schema?: Schema }> | undefined;
  const schema = content?.['application/json']?.schema ?? {};
  const { schemas } = document.components as { schemas: Readonly<Record<string, Schema>> };
  const [, name] = /schemas\/(\w+)$/.exec(String(schema.$ref ?? '')) ?? [];
  return name === undefined ? schema : (schemas[name] ?? {});
}
