import { build } from 'esbuild';
import { builtinsOnDemand } from './build/builtins.ts';
import { trimmed } from './build/trimmed.ts';

// A package that builds a name at run time and requires it still finds Node's own modules.
const requireOnDemand =
  "const require=(id)=>process.getBuiltinModule('module').createRequire(import.meta.url)(id);";

/** One file that Node runs alone. An entry and an output may be named: the bench and the tests do. */
export async function bundle(
  entry = 'src/main.ts',
  outfile = 'dist/slipway.mjs',
): Promise<void> {
  await build({
    absWorkingDir: import.meta.dirname,
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
    legalComments: 'none',
    logLevel: 'warning',
  });
}

if (import.meta.main) await bundle();
