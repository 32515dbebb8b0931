import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Node's own modules are fetched when something of theirs is first used, and without `import`.
 * An `import` of node:http builds a namespace that reads every export, among them the getters that load WebSocket
 * with the whole of undici: 35 ms. And https, tls, http2, zlib, dns cost 20 ms more that `--version` never needs.
 */
export const builtinsOnDemand: Plugin = {
  name: 'builtins-on-demand',
  setup(build) {
    build.onResolve({ filter: /^[a-z_/:0-9]+$/ }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, '');
      if (!path.startsWith('node:') && !builtinModules.includes(name)) return undefined;
      // A CommonJS package may write to what it requires; it is given the module itself.
      // Ours import by name; a package may also want the class or function that such a module is.
      const namespace = importer.includes('/node_modules/')
        ? 'builtin-on-demand'
        : 'builtin-by-name';
      return { path: name, namespace: kind === 'require-call' ? 'builtin' : namespace };
    });
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: whole(path) }));
    build.onLoad({ filter: /.*/, namespace: 'builtin-on-demand' }, ({ path }) => ({
      contents: isPlain(path) ? onDemand(path) : whole(path),
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin-by-name' }, ({ path }) => ({
      contents: path === 'process' ? whole(path) : onDemand(path),
    }));
  },
};

const fetched = (name: string): string => `process.getBuiltinModule('node:${name}')`;
const whole = (name: string): string => `module.exports = ${fetched(name)};`;

/** A module that is itself a function or a class (events, stream, assert) cannot stand behind getters as a whole. */
function isPlain(name: string): boolean {
  const real = process.getBuiltinModule(`node:${name}`);
  return typeof real === 'object' && real !== process;
}

function onDemand(name: string): string {
  const real: object = process.getBuiltinModule(`node:${name}`) ?? {};
  // On a prototype, because esbuild copies what an object owns for each file that imports it.
  return [
    'let real;',
    'const behind = {};',
    `for (const key of ${JSON.stringify(Object.keys(real))})`,
    `  Object.defineProperty(behind, key, { get: () => (real ??= ${fetched(name)})[key] });`,
    'module.exports = Object.create(behind);',
  ].join('\n');
}
