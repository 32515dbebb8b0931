/**
 * What `docker run … slipway` does with its flags, without Docker: the bundle gets the variables that `-e` names
 * and no other, and the folder that `-w` names through `-v`. Anything else is refused. SHIM_API_URL,
 * SHIM_GITLAB_URL, SHIM_DIVIO_URL and SHIM_CONVOX_HOST stand for the network: there the APIs and Convox's console are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    rm: { type: 'boolean' },
    env: { type: 'string', short: 'e', multiple: true, default: [] },
    volume: { type: 'string', short: 'v', multiple: true, default: [] },
    workdir: { type: 'string', short: 'w' },
  },
});
const [run, image, ...words] = positionals;
if (run !== 'run' || image !== 'slipway' || !values.rm) {
  throw new Error(`the shim knows docker run --rm … slipway only, got ${process.argv.slice(2)}`);
}

const mounts = new Map<string, string>();
for (const volume of values.volume) {
  const [host = '', container = ''] = volume.split(':');
  // Docker would make a folder of it, and a relative one would be a volume's name.
  if (!path.isAbsolute(host) || !existsSync(host))
    throw new Error(`${host} is not on this machine`);
  mounts.set(container, host);
}

const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: '/root' };
for (const given of values.env) {
  const [, name = given, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  const found = value ?? process.env[name];
  if (found === undefined) continue;
  if (found.startsWith('/') && existsSync(found) && !isMounted(found) && name !== 'PATH') continue;
  env[name] = found;
}
if (process.env.SHIM_API_URL) env.PLUGIN_GITHUB_API_URL = process.env.SHIM_API_URL;
if (process.env.SHIM_GITLAB_URL) env.PLUGIN_GITLAB_URL = process.env.SHIM_GITLAB_URL;
if (process.env.SHIM_CONVOX_HOST) env.PLUGIN_CONVOX_HOST = process.env.SHIM_CONVOX_HOST;
if (process.env.SHIM_DIVIO_URL) env.PLUGIN_DIVIO_API_URL = process.env.SHIM_DIVIO_URL;

const bundle = path.join(import.meta.dirname, '../../../dist/slipway.mjs');
const { status } = spawnSync(process.execPath, [bundle, ...words], {
  // Without it the container starts in its own root.
  cwd: values.workdir ? (mounts.get(values.workdir) ?? '/nowhere') : tmpdir(),
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 137;

/** A file that is not mounted is not there, so its variable may as well be unset. */
function isMounted(file: string): boolean {
  return mounts.get(file) === file;
}
