import { messageOf } from '../../errors.ts';
import { type BuildLog, createBuildLog, isBare } from './build-log.ts';
import { createHint, type Hint } from './hint.ts';
import { listenToBuild } from './listen-to-build.ts';
import type { Build } from './shapes.ts';
import { type Deploying, ended, type Facts, stopped } from './stage.ts';
import { createTroubles } from './troubles.ts';

const lookEveryMs = 2000;
const leastMs = 1000;
/** A build is complete a moment before everybody can see its release. */
const patientLooks = 5;

/** Follows a build to its end: status and log side by side, and the status decides. */
export async function followBuild(d: Deploying, facts: Facts, id: string): Promise<Build> {
  const log = createBuildLog();
  const hint = createHint(d.deps.clock);
  const listener = listenToBuild(d, id, log, hint.give);
  try {
    const build = await lookUntilOver(d, id, hint);
    await listener.finish();
    return completed(d, facts, build, log);
  } finally {
    listener.stop();
  }
}

function completed({ rack }: Deploying, { build: id }: Facts, build: Build, log: BuildLog): Build {
  if (build.status === 'complete' && build.release) return build;
  if (build.status === 'complete') {
    throw ended('failure', `build ${id} is complete and has no release; look at ${rack.name()}`);
  }
  // Of a command that failed the rack knows its exit status, and the log knows more.
  const said = isBare(build.reason) ? log.cause() || build.reason : build.reason;
  const reason = said || log.cause() || log.complaint() || 'it does not say why';
  throw ended('failure', `build ${id} failed: ${reason}`);
}

async function lookUntilOver(d: Deploying, id: string, hint: Hint): Promise<Build> {
  const { job, rack, values, deps } = d;
  const { clock, log } = deps;
  const troubles = createTroubles(log, 'the build');
  const where = { goesOn: rack.name(), part: `build ${id}, which is not promoted,` };
  const until = clock.now() + (values.convoxBuildTimeout ?? Number.POSITIVE_INFINITY);
  const strange = new Set<string>();
  let releaseLess = 0;
  for (;;) {
    const left = Math.max(until - clock.now(), 0);
    await hint.wait(Math.min(leastMs, left), Math.min(lookEveryMs, left), job.signal);
    if (job.signal.aborted) throw stopped(d, `build ${id} cannot be cancelled`, where);
    if (clock.now() >= until) {
      throw ended('timed_out', `build ${id} took longer than convox_build_timeout`, where);
    }
    try {
      const build = await rack.build(id, job.signal);
      troubles.over();
      if (build.status === 'failed') return build;
      releaseLess += build.status === 'complete' ? 1 : 0;
      if (build.status === 'complete' && (build.release || releaseLess === patientLooks))
        return build;
      if (!['created', 'running', 'complete', ...strange].includes(build.status)) {
        strange.add(build.status);
        log.warn(`The rack calls the build ${build.status}, a word not known: taken as running`);
      }
    } catch (error) {
      if (job.signal.aborted) continue;
      try {
        troubles.add(error);
      } catch (final) {
        const why = `the rack does not let us follow build ${id}, so how it ends is not known`;
        throw ended('error', `${why}: ${messageOf(final)}`, where);
      }
    }
  }
}
