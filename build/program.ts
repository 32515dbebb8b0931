import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Part } from './parts.ts';

const start = readFileSync(path.join(import.meta.dirname, 'start.mjs'), 'utf8');

/** What stands round the program while esbuild writes it, so that its source map counts lines of the whole file. */
export const banner = `${start}
/* program ID
(function(__url,__part){"use strict";const require=(id)=>process.getBuiltinModule('module').createRequire(__url)(id);`;
export const footer = '})*/';

/** Puts the program to sleep in its comment, under a name by which what V8 makes of it is known again. */
export function enclose(
  written: string,
  parts: readonly Part[],
): { readonly text: string; readonly id: string } {
  const from = start.length + 1;
  const program = written.slice(from, written.lastIndexOf(footer));
  const id = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const map = '//# sourceMappingURL=slipway.mjs.map';
  const text = [
    written.slice(0, from) + asleep(program.replace(' ID\n', ` ${id}\n`)) + footer,
    ...parts.map(({ name, code }) => `/* part ${name}\n${packed(`${lead}${code}})`)}*/`),
    map,
  ];
  return { text: `${text.join('\n')}\n`, id };
}

const lead =
  '(function(module,__url,__part){"use strict";const exports=module.exports,require=(id)=>process.getBuiltinModule(\'module\').createRequire(__url)(id);';

/** Node reads the whole file, comments too: what few runs need is as short as it can be. */
const packed = (code: string): string => deflateRawSync(code, { level: 9 }).toString('base64');

/** The file is read byte by byte. What esbuild leaves beyond ASCII stands in tagged templates, which must not be raw. */
function asleep(code: string): string {
  if (code.includes('\x7f'))
    throw new Error('the bundle holds the byte that hides ends of comments');
  const ascii = code.replace(
    /[\x80-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return ascii.replaceAll('*/', '*\x7f/');
}
