import { readFileSync } from 'node:fs';
import path from 'node:path';

const readme = path.join(import.meta.dirname, '../../README.md');

/** The shell commands in README's section on the server of which the first begins so. */
export function serverBlock(begin: string): string {
  const [, section = ''] = readFileSync(readme, 'utf8').split(/^## A server$/m);
  const [here = ''] = section.split(/^## /m);
  const blocks = [...here.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body = '']) => body);
  const found = blocks.find((block) => block.startsWith(begin));
  if (!found) throw new Error(`README's section on the server has no block ${begin}`);
  return found.trim();
}
