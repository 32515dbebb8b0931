/** A process that packs one tree, as a deploy does, and says how large the archive and the process became. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { packTree } from '../src/targets/convox/archive/archive.ts';

const [, , root = '', scratch = tmpdir()] = process.argv;
const { signal } = new AbortController();
void packTree({ root, scratch: [scratch], signal, warn: console.error }).then(async (archive) => {
  const { bytes, files, sourceBytes } = archive;
  // Not resourceUsage: its maximum counts the parent's memory from before exec.
  const status = readFileSync('/proc/self/status', 'utf8');
  const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  console.log(JSON.stringify({ bytes, files, sourceBytes, peakMiB }));
  await archive.remove();
});
