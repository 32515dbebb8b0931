import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const start = readFileSync(path.join(import.meta.dirname, 'start.mjs'), 'utf8');

/** What stands round the program while esbuild writes it, so that its source map counts lines of the whole file. */
export const banner = `${start}
/* program ID
(function(__url){"use strict";const require=(id)=>process.getBuiltinModule('module').createRequire(__url)(id);`;
export const footer = '})*/';

/** Puts the program to sleep in its comment, under a name by which what V8 makes of it is known again. */
export function enclose(written: string): { readonly text: string; readonly id: string } {
  const from = start.length + 1;
  const program = written.slice(from, written.lastIndexOf(footer));
  if (/[\x7f-\uffff]/.test(program)) throw new Error('the bundle holds more than plain ASCII');
  const id = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const asleep = program.replace(' ID\n', ` ${id}\n`).replaceAll('*/', '*\x7f/');
  const map = '//# sourceMappingURL=slipway.mjs.map';
  return { text: `${written.slice(0, from)}${asleep}${footer}\n${map}\n`, id };
}
