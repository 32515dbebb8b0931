import { mayBeDoneWithout } from './dialect.ts';
import type { Build } from './shapes.ts';
import { type Deploying, ended, type Facts } from './stage.ts';
import { hasTrace, leavesTraces } from './trace.ts';

export type Recalled = {
  readonly facts: Facts;
  /** By which the rack knows what was begun. */
  readonly key: string;
  /** What is there may not be an earlier run's doing. */
  readonly isGuess?: true;
};

export type Begun = { readonly build?: string; readonly release?: string };

export const ofBuild = ({ id, release }: Build): Begun => ({
  build: id,
  ...(release ? { release } : {}),
});

/** How far it came after the build; undefined when it has ended since, and whoever comes now means to start again. */
export async function ofPromotion(d: Deploying, begun: Begun): Promise<Facts | undefined> {
  const { rack, job, deps, values } = d;
  const { release } = begun;
  if (release === undefined) return { ...begun, step: 'build started' };
  if (!values.convoxPromote) return { ...begun, step: 'built' };
  const app = await rack.app(job.signal).catch((error: unknown) => {
    if (mayBeDoneWithout(error)) return undefined;
    throw error;
  });
  const isThere = app?.release === release;
  // A release of our own build is there by our promotion; of another one nobody knows, but that we were at it.
  if ((isThere && (begun.build || job.predecessor)) || (await hasTrace(d, 'promotion', release))) {
    if (!isThere && (await hasTrace(d, 'end', release))) return undefined;
    deps.log.info(`It has begun to promote release ${release}`);
    return { ...begun, step: 'promoting' };
  }
  if (values.convoxBeforePromote && (await hasTrace(d, 'before promote', release))) {
    if (await hasTrace(d, 'end', release)) return undefined;
    throw halfPrepared(begun);
  }
  if (!begun.build && !(await leavesTraces(d, release))) {
    const why = `the credential may leave no note on the rack of how far it is with release ${release}`;
    throw ended('error', `not known what the earlier run did: ${why}`);
  }
  return { ...begun, step: 'built' };
}

export function halfPrepared({ release }: Begun): Error {
  const what = 'not known whether convox_before_promote has run, and how far';
  const left = release ? `release ${release}` : 'what it built';
  const cure = release ? `; once that is certain, promote it with convox_release: ${release}` : '';
  return ended('error', `${what}; ${left} was not promoted${cure}`);
}
