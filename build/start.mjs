#!/usr/bin/env node
// The head of dist/slipway.mjs: it finds the program in the comment at the end of this file and starts it. Written
// as code there, V8 would read all of it before anything else is done. `npm run build` leaves what V8 has compiled
// beside it; where that is missing, or of another Node, the program is compiled now.

// As PID 1 a signal without a handler is lost. These wait for the program's own, which hear what came meanwhile.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});

const { readFileSync } = process.getBuiltinModule('fs');
const { constants, Script } = process.getBuiltinModule('vm');
const { dirname, filename } = import.meta;

const file = readFileSync(filename, 'latin1');
/** Where the comment begins that begins with these words, and where it ends. */
const placeOf = (opening) => {
  const from = file.indexOf(opening) + opening.length;
  return [from, file.indexOf('*/', from)];
};
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const run = (code, options) =>
  new Script(code, { filename, importModuleDynamically, ...options }).runInThisContext();

const parts = new Map();
/** Packages that few runs need; they are packed, so their stacks name no lines of this file. */
const part = (name) => {
  const known = parts.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  parts.set(name, module);
  const packed = Buffer.from(file.slice(...placeOf(`\n/* part ${name}\n`)), 'base64');
  const code = process.getBuiltinModule('zlib').inflateRawSync(packed).toString();
  run(code, { filename: `${filename}.${name}` })(module, import.meta.url, part);
  return module.exports;
};

const [opening, id] = /^\/\* program (\w+)\n/m.exec(file);
const compiled = () => {
  try {
    return readFileSync(`${dirname}/slipway.${id}.cache`);
  } catch {
    return undefined;
  }
};
const [from, to] = placeOf(opening);
run(file.slice(from, to).replaceAll('*\x7f/', '*/'), {
  // So that a stack names lines of this file.
  lineOffset: file.slice(0, from).split('\n').length - 1,
  cachedData: compiled(),
})(import.meta.url, part);
