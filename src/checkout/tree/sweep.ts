import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of garbage that may lie about. */
const most = 2 * 1024 * 1024;

type Collect = (options: { readonly type: 'minor' | 'major' }) => void;

/**
 * V8 gives the young more room the longer a process runs, and lets the buffers of a download lie to 64 MiB: nothing is
 * held, and yet a large tree takes more memory than a small one. To be called for every piece of the work; collects
 * where there is enough, and costs less than a microsecond where there is not.
 */
export function createSweep(): () => void {
  let collect: Collect | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  let settled: number | undefined;
  return () => {
    const now = inUse();
    lowest = Math.min(lowest, now.all);
    if (now.all - lowest < most) return;
    collect ??= collector();
    collect({ type: 'minor' });
    // What buffers held is given back a little later; what objects did is seen at once.
    const { objects } = inUse();
    settled ??= objects;
    if (objects - settled > most) {
      collect({ type: 'major' });
      settled = inUse().objects;
    }
    lowest = inUse().all;
  };
}

function inUse(): { readonly objects: number; readonly all: number } {
  const { used_heap_size: objects, external_memory: buffers } = getHeapStatistics();
  return { objects, all: objects + buffers };
}

/** Known to new contexts only. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
