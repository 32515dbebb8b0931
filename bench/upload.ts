import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startRack } from '../test/support/convox/fake-rack.ts';

// The kernel's own number, told at the very end. Not resourceUsage: that counts the parent's memory from before exec.
const teller = `data:text/javascript,${encodeURIComponent(
  "const fs=process.getBuiltinModule('fs');process.on('exit',()=>fs.writeSync(3,/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1]))",
)}`;

/** The most memory, in MiB, that the whole program takes to pack a tree, send it to a rack on loopback and build. */
export async function peakOfDeploy(bundle: string, tree: string): Promise<number> {
  const rack = await startRack({ build: ['complete'], forgets: true });
  writeFileSync(path.join(tree, 'convox.yml'), 'services:\n  web:\n    build: .\n');
  const run = spawn(process.execPath, ['--import', teller, bundle], {
    env: {
      PATH: process.env.PATH,
      ...{ PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_RACK_URL: rack.rackUrl, PLUGIN_REPORT: 'none' },
      ...{ PLUGIN_CONVOX_APP: 'app1', PLUGIN_CONVOX_DIR: tree, PLUGIN_CONVOX_PROMOTE: 'false' },
      ...{ PLUGIN_ENVIRONMENT: 'live', PLUGIN_COMMIT: 'c'.repeat(40), PLUGIN_REPO: 'octo/hello' },
    },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let told = '';
  run.stdio[3]?.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  const [status] = await once(run, 'close');
  await rack.close();
  if (rack.complaints.length > 0) throw new Error(rack.complaints.join());
  if (status !== 0 || rack.world.builds.length !== 1) throw new Error(`a deploy exited ${status}`);
  return Number(told) / 1024;
}
