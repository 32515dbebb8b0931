import { readFileSync } from 'node:fs';
import path from 'node:path';

const page = path.join(import.meta.dirname, '../../docs/serve.md');

/** The shell commands by which docs/serve.md shows a server in short, and of which the first begins so. */
export function serverBlock(begin: string): string {
  const [, section = ''] = readFileSync(page, 'utf8').split(/^## In short$/m);
  const [here = ''] = section.split(/^## /m);
  const blocks = [...here.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body = '']) => body);
  const found = blocks.find((block) => block.startsWith(begin));
  if (!found) throw new Error(`docs/serve.md shows in short no block ${begin}`);
  return found.trim();
}
