// `node keep-compiled.mjs BUNDLE NAME`: runs the bundle as it always runs, and writes what V8 compiled meanwhile.
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

const [node, , bundle, name] = process.argv;
process.argv = [node, bundle];
let script;
vm.Script = class extends vm.Script {
  constructor(...parts) {
    super(...parts);
    script = this;
  }
};
// V8 notes in a function that its baseline compiler was here, which depends on the weather. The flags are part of
// what it writes, so they are as usual again by then.
setFlagsFromString('--no-sparkplug');
process.on('exit', (code) => {
  setFlagsFromString('--sparkplug');
  if (code !== 0) return;
  const file = path.join(path.dirname(bundle), name);
  writeFileSync(`${file}.new`, script.createCachedData());
  renameSync(`${file}.new`, file);
});
await import(bundle);
