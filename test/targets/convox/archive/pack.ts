/** A process of its own, for what only another process may be: without root's right to read everything. */
import { packTree } from '../../../../src/targets/convox/archive/archive.ts';

const [, , root = ''] = process.argv;
const signal = new AbortController().signal;
await packTree({ root, scratch: [], signal, warn: console.log }).then(
  async (archive) => {
    console.log(`${archive.files} files`);
    await archive.remove();
  },
  (error: Error) => console.log(`${error.name}: ${error.message}`),
);
