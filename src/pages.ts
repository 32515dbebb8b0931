/** What `npm run docs` derives on pages for people. Not in the bundle. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exits } from './outcome.ts';
import { figures } from './server/metrics.ts';
import { openApi } from './server/openapi.ts';
import { aligned, serverMarkdown, settingsMarkdown } from './settings/emit/markdown.ts';
import { type Form, replaceRegion } from './settings/emit/region.ts';
import { catalog, owners, serverOwner } from './verbs/owners.ts';

function routes(): string {
  const { paths } = openApi(catalog, '', '');
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary }]) => [
      `\`${method.toUpperCase()} ${path}\``,
      summary,
    ]),
  );
  return aligned([['Route', 'Does'], ...rows]).join('\n');
}

const figureTable = (): string =>
  aligned([
    ['Figure', 'Type', 'Meaning'],
    ...figures.map(([name, type, about]) => [`\`${name}\``, type, about]),
  ]).join('\n');

const exitCodes = (): string =>
  aligned([
    ['Exit', 'Means'],
    ...Object.values(exits).map(({ code, means }) => [String(code), means]),
  ]).join('\n');

/** A Jenkinsfile has none. */
const languages: Readonly<Record<string, string>> = { '.yml': 'yaml', '.sh': 'bash' };

function fenced(name: string): string {
  const source = readIfThere(placeOf(name));
  const language = languages[path.extname(name)] ?? 'groovy';
  return `\`\`\`${language}\n${source}\`\`\``;
}

/** What is derived on pages for people; each may stand on several of them. */
export const pageRegions: ReadonlyMap<string, () => string> = new Map([
  ['settings', () => settingsMarkdown(owners)],
  ['exit codes', exitCodes],
  ['server settings', () => serverMarkdown(serverOwner)],
  ['routes', routes],
  ['figures', figureTable],
  ...[
    ...readdirSync(placeOf('examples/ci')).map((name) => `examples/ci/${name}`),
    'examples/compose/slipway.yml',
  ].map((name) => [name, () => fenced(name)] as const),
]);

/** Every page for people. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(placeOf('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const regionsOn = (text: string): readonly string[] =>
  [...text.matchAll(/^<!-- begin generated: (.*) -->$/gm)].map(([, name = '']) => name);

/** A page as it must be, from the page as it is. */
export function renderPage(current: string): string {
  const regions = regionsOn(current).map((name) => {
    const content = pageRegions.get(name)?.();
    if (content === undefined) throw new Error(`Nothing makes "${name}".`);
    return [name, content];
  });
  return withRegions(current, 'markdown', regions);
}

export function withRegions(
  current: string,
  form: Form,
  regions: readonly (readonly string[])[],
): string {
  return regions.reduce(
    (text, [name = '', content = '']) => replaceRegion(text, form, name, content),
    current,
  );
}

export function placeOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
