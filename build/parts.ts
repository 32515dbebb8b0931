import { type BuildOptions, build, type Plugin } from 'esbuild';

/**
 * Packages that few runs need. Each sleeps, packed, in a comment of its own at the end of the file, and is
 * compiled when it is first imported.
 */
const apart = new Set([
  'dotenv',
  'fastify',
  'pg',
  'pg-boss',
  'pino',
  'prom-client',
  'tar/parse',
  'ws',
  'yaml',
  'yargs',
]);

/** Replaces each of these packages by a call for its part, and notes who was called for. */
export const callsForParts = (called: Set<string>): Plugin => ({
  name: 'parts',
  setup(on) {
    on.onResolve({ filter: /^[a-z][a-z/-]*$/ }, ({ path, kind, pluginData }) => {
      if (!apart.has(path) || pluginData === itself) return undefined;
      called.add(path);
      return { path, namespace: kind === 'require-call' ? 'part-required' : 'part' };
    });
    on.onLoad({ filter: /.*/, namespace: 'part-required' }, ({ path }) => ({
      contents: `module.exports = ${callFor(path)};`,
    }));
    on.onLoad({ filter: /.*/, namespace: 'part' }, async ({ path }) => ({
      contents: [
        `const part = ${callFor(path)};`,
        'export default part.__esModule ? part.default : part;',
        ...namesOf(await import(path)).map((name) => `export const ${name} = part.${name};`),
      ].join('\n'),
    }));
  },
});

const callFor = (name: string): string => `__part(${JSON.stringify(name)})`;
const namesOf = (module: object): readonly string[] =>
  Object.keys(module).filter((name) => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name));

export type Part = { readonly name: string; readonly code: string };

/** Every part that is called for, and those that they call for; and the files that they were made of. */
export async function partsOf(
  called: ReadonlySet<string>,
  options: BuildOptions & { readonly absWorkingDir: string },
): Promise<{ readonly parts: readonly Part[]; readonly inputs: readonly string[] }> {
  const wanted = new Set(called);
  const parts: Part[] = [];
  const inputs: string[] = [];
  // Grows while it is walked.
  for (const name of wanted) {
    const { outputFiles, metafile } = await build({
      ...options,
      // By the name that a bundle would give it: the resolver must not find the part again.
      stdin: {
        contents: `module.exports = require('${name}/.')`,
        resolveDir: options.absWorkingDir,
      },
      plugins: [whole(name), callsForParts(wanted), ...(options.plugins ?? [])],
      format: 'cjs',
      metafile: true,
      write: false,
    });
    parts.push({ name, code: outputFiles?.[0]?.text ?? '' });
    inputs.push(...Object.keys(metafile?.inputs ?? {}));
  }
  return { parts, inputs };
}

const itself = 'itself';
const whole = (name: string): Plugin => ({
  name: 'whole',
  setup(on) {
    on.onResolve({ filter: new RegExp(`^${name}/\\.$`) }, ({ resolveDir }) =>
      on.resolve(name, { kind: 'import-statement', resolveDir, pluginData: itself }),
    );
  },
});
