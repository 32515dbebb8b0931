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
const [opening, id] = /^\/\* program (\w+)\n/m.exec(file);
const start = file.indexOf(opening);
const compiled = () => {
  try {
    return readFileSync(`${dirname}/slipway.${id}.cache`);
  } catch {
    return undefined;
  }
};
new Script(file.slice(start + opening.length, file.lastIndexOf('*/')).replaceAll('*\x7f/', '*/'), {
  filename,
  // So that a stack names lines of this file.
  lineOffset: file.slice(0, start + opening.length).split('\n').length - 1,
  cachedData: compiled(),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext()(import.meta.url);
