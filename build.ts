import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { builtinsOnDemand } from './build/builtins.ts';
import { trimmed } from './build/trimmed.ts';

const root = import.meta.dirname;
// A package that builds a name at run time and requires it still finds Node's own modules.
const requireOnDemand =
  "const require=(id)=>process.getBuiltinModule('module').createRequire(import.meta.url)(id);";

/** One file that Node runs alone. An entry and an output may be named: the bench and the tests do. */
export async function bundle(
  entry = 'src/main.ts',
  outfile = 'dist/slipway.mjs',
  { licenses = true, ...more }: BuildOptions & { licenses?: boolean } = {},
): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: requireOnDemand },
    plugins: [builtinsOnDemand, trimmed],
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    // Names stay, so that a stack of ours is readable without the map.
    minifyWhitespace: true,
    minifySyntax: true,
    // Their words are in LICENSES.txt.
    legalComments: 'none',
    logLevel: 'warning',
    ...more,
  });
  if (!licenses) return;
  const file = path.join(path.dirname(path.resolve(root, outfile)), 'LICENSES.txt');
  writeFileSync(file, licensesOf(Object.keys(metafile?.inputs ?? {})));
}

/** What the authors of the bundled packages ask for: their licence goes where their code goes. */
function licensesOf(inputs: readonly string[]): string {
  const folders = inputs.flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  const texts = [...new Set(folders)].sort().map((folder) => {
    const at = path.join(root, folder);
    const { name, version } = JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8'));
    const file = readdirSync(at).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file; look at what it asks for`);
    return `${name} ${version}\n\n${readFileSync(path.join(at, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (import.meta.main) await bundle();
