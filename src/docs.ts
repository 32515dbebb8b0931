/** `npm run docs`: writes everything that is derived from the settings tables. Not in the bundle. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ciSystems } from './context/index.ts';
import { fileSchema } from './deployments/schema.ts';
import { exits } from './outcome.ts';
import { standardOutputs } from './outputs/run-outputs.ts';
import { figures } from './server/metrics.ts';
import { openApi } from './server/openapi.ts';
import { actionInputs, actionOutputs } from './settings/emit/action-yaml.ts';
import { entries } from './settings/emit/entries/index.ts';
import { aligned, serverMarkdown, settingsMarkdown } from './settings/emit/markdown.ts';
import { orcaYaml } from './settings/emit/orca/index.ts';
import { pluginSettings } from './settings/emit/plugin-yaml.ts';
import { type Form, replaceRegion } from './settings/emit/region.ts';
import { settingsSchema } from './settings/emit/schema.ts';
import { catalog, owners, serverOwner } from './verbs/owners.ts';

type Artifact = {
  /** Relative to the repository. */
  readonly file: string;
  /** The file as it must be, from the file as it is. */
  render(current: string): string;
};

export const artifacts: readonly Artifact[] = [
  { file: 'README.md', render: readme },
  { file: 'docs/serve.md', render: servePage },
  {
    file: 'plugin.yml',
    render: (current) => replaceRegion(current, 'yaml', 'settings', pluginSettings(owners)),
  },
  {
    file: 'action.yml',
    render: (current) =>
      withRegions(current, 'yaml', [
        ['inputs', actionInputs(owners)],
        ['outputs', actionOutputs(standardOutputs)],
      ]),
  },
  {
    file: 'orca-local.yml.example',
    render: () =>
      orcaYaml({
        publicUrl: 'https://deployments.example.com',
        image: 'registry.example.com/slipway:1',
      }),
  },
  { file: 'docs/settings.schema.json', render: () => `${formatJson(settingsSchema(owners))}\n` },
  { file: 'docs/slipway.schema.json', render: () => `${formatJson(fileSchema(catalog))}\n` },
  ...entries({
    owners,
    facts: (system) => ciSystems.find(({ id }) => id === system)?.variables ?? [],
    example: (name) => readIfThere(placeOf(`examples/ci/${name}`)),
  }).map(({ file, form, regions }) => ({
    file,
    render: (current: string) => withRegions(current, form, Object.entries(regions)),
  })),
];

function readme(current: string): string {
  const regions = [
    ['settings', settingsMarkdown(owners)],
    ['exit codes', exitCodes()],
    ...readdirSync(new URL('../examples/ci/', import.meta.url)).map((name) => [
      `examples/ci/${name}`,
      fenced(`examples/ci/${name}`),
    ]),
    ['examples/compose/slipway.yml', fenced('examples/compose/slipway.yml')],
  ];
  return withRegions(current, 'markdown', regions);
}

function servePage(current: string): string {
  return withRegions(current, 'markdown', [
    ['server settings', serverMarkdown(serverOwner)],
    ['routes', routes()],
    ['figures', figureTable()],
  ]);
}

function withRegions(current: string, form: Form, regions: readonly (readonly string[])[]): string {
  return regions.reduce(
    (text, [name = '', content = '']) => replaceRegion(text, form, name, content),
    current,
  );
}

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

/** As Biome formats it: a list of scalars stays on one line where it fits. */
function formatJson(value: unknown, indent = '', lead = 0): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const scalars = value.every((item) => typeof item !== 'object' || item === null);
    if (scalars && indent.length + lead + flat.length < 100) return flat;
    return `[\n${value.map((item) => inner + formatJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${inner}${name}${formatJson(item, inner, name.length)}`;
  });
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}

function write({ file, render }: Artifact): void {
  const place = placeOf(file);
  const current = readIfThere(place);
  const wanted = render(current);
  if (wanted === current) return;
  writeFileSync(place, wanted);
  console.log(`wrote ${file}`);
}

function placeOf(file: string): string {
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

if (import.meta.main) artifacts.forEach(write);
