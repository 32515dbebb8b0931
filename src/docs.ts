/** `npm run docs`: writes everything that is derived from the settings tables. Not in the bundle. */
import { writeFileSync } from 'node:fs';
import { ciSystems } from './context/index.ts';
import { fileSchema } from './deployments/schema.ts';
import { standardOutputs } from './outputs/run-outputs.ts';
import { pages, placeOf, readIfThere, renderPage, withRegions } from './pages.ts';
import { actionInputs, actionOutputs } from './settings/emit/action-yaml.ts';
import { entries } from './settings/emit/entries/index.ts';
import { orcaYaml } from './settings/emit/orca/index.ts';
import { pluginSettings } from './settings/emit/plugin-yaml.ts';
import { replaceRegion } from './settings/emit/region.ts';
import { settingsSchema } from './settings/emit/schema.ts';
import { catalog, owners } from './verbs/owners.ts';

type Artifact = {
  /** Relative to the repository. */
  readonly file: string;
  /** The file as it must be, from the file as it is. */
  render(current: string): string;
};

export const artifacts: readonly Artifact[] = [
  ...pages.map((file) => ({ file, render: renderPage })),
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

if (import.meta.main) artifacts.forEach(write);
