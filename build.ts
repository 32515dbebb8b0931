import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { builtinsOnDemand } from './build/builtins.ts';
import { callsForParts, partsOf } from './build/parts.ts';
import { banner, enclose, footer } from './build/program.ts';
import { rehearse } from './build/rehearse.ts';
import { trimmed } from './build/trimmed.ts';

const root = import.meta.dirname;

/** How everything here is bundled; the tests take it for parts. */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  plugins: [builtinsOnDemand, trimmed],
  // Native helpers of ws, which nobody installs here: not even looked for.
  define: {
    'process.env.WS_NO_BUFFER_UTIL': '"1"',
    'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
  },
  // Names stay, so that a stack of ours is readable without the map.
  minifyWhitespace: true,
  minifySyntax: true,
  // Their words are in LICENSES.txt.
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

const here = { define: { ...bundling.define, 'import.meta.url': '__url' } };

/** `dist/slipway.mjs`, one file that Node runs alone, and beside it what makes it start faster. */
export async function bundle(folder = 'dist'): Promise<void> {
  const file = path.resolve(root, folder, 'slipway.mjs');
  const called = new Set<string>();
  const { metafile, outputFiles } = await build({
    ...bundling,
    plugins: [callsForParts(called), ...bundling.plugins],
    entryPoints: ['src/main.ts'],
    outfile: file,
    format: 'cjs',
    banner: { js: banner },
    footer: { js: footer },
    ...here,
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    write: false,
  });
  mkdirSync(path.dirname(file), { recursive: true });
  const [program, map] = ['.mjs', '.map'].map((end) =>
    outputFiles.find((output) => output.path.endsWith(end)),
  );
  const { parts, inputs } = await partsOf(called, { ...bundling, ...here });
  const { text, id } = enclose(program?.text ?? '', parts);
  writeFileSync(file, text, { mode: 0o755 });
  writeFileSync(`${file}.map`, map?.text ?? '');
  writeFileSync(
    path.join(path.dirname(file), 'LICENSES.txt'),
    licensesOf([...Object.keys(metafile.inputs), ...inputs]),
  );
  await rehearse(file, id);
}

/** What the authors of the bundled packages ask for: their licence goes where their code goes. */
function licensesOf(inputs: readonly string[]): string {
  const folders = inputs.flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  const texts = [...new Set(folders)].sort().map((folder) => {
    const at = path.join(root, folder);
    const { name, version, license, author } = JSON.parse(
      readFileSync(path.join(at, 'package.json'), 'utf8'),
    );
    const file = readdirSync(at).find((entry) => /^licen[cs]e/i.test(entry));
    if (file) return `${name} ${version}\n\n${readFileSync(path.join(at, file), 'utf8').trim()}\n`;
    if (!license) throw new Error(`${name} has no licence; look at what it asks for`);
    const by = typeof author === 'string' ? author : author?.name;
    return `${name} ${version}\n\n${license}, as its package says${by ? `; by ${by}` : ''}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (import.meta.main) await bundle();
