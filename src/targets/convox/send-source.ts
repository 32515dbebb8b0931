import { isAbsolute, resolve } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { Source } from '../../http/http.ts';
import { packTree } from './archive/archive.ts';
import { ArchiveError } from './archive/archive-error.ts';
import { faultOfSource } from './manifest.ts';
import {
  after,
  before,
  type Deploying,
  ended,
  type Facts,
  faulty,
  objectKey,
  stopped,
} from './stage.ts';

const mebibyte = 2 ** 20;

export const sourceOf = ({ job, deps, values }: Deploying): string =>
  resolve(job.tree ?? deps.cwd, values.convoxDir);

/** Packs the tree and sends it. The same name each time, so a repeat replaces and never doubles. */
export async function sendSource(d: Deploying, facts: Facts): Promise<string> {
  const { job, rack, deps, key } = d;
  await before(d, { ...facts, step: 'uploading' });
  job.progress('packing the source');
  const archive = await packTree({
    root: sourceOf(d),
    scratch: [deps.env.TMPDIR ?? '', '/tmp', '/dev/shm'].filter(isAbsolute),
    signal: job.signal,
    warn: deps.log.warn,
  }).catch((error: unknown) => {
    if (job.signal.aborted) throw stopped(d, 'nothing was built');
    throw notPacked(error);
  });
  try {
    job.progress(`uploading ${archive.files} files, ${sizeText(archive.bytes)} compressed`);
    const source = counted(archive, (tries) =>
      deps.log.warn(`The upload broke off and is sent again from its start (try ${tries})`),
    );
    const url = await rack.upload(objectKey(key, 'source'), source, job.signal);
    await after(d, { ...facts, step: 'uploaded', url });
    return url;
  } catch (error) {
    if (job.signal.aborted) throw stopped(d, 'nothing was built');
    throw error;
  } finally {
    await archive.remove();
  }
}

function counted({ bytes, open }: Source, onRepeat: (tries: number) => void): Source {
  let tries = 0;
  return {
    bytes,
    open() {
      tries += 1;
      if (tries > 1) onRepeat(tries);
      return open();
    },
  };
}

export async function assertSource(d: Deploying): Promise<void> {
  const fault = await faultOfSource(d.job.tree ?? d.deps.cwd, d.values);
  if (fault) throw faulty(d, fault);
}

const notPacked = (error: unknown): unknown =>
  error instanceof ArchiveError
    ? ended('failure', `nothing was built: ${messageOf(error)}`)
    : error;

const sizeText = (bytes: number): string =>
  bytes < mebibyte ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / mebibyte).toFixed(1)} MiB`;
