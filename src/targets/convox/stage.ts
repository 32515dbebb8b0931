import { createHash } from 'node:crypto';
import { type Ending, stoppedAs } from '../../ending.ts';
import { messageOf, SettingsError } from '../../errors.ts';
import type { Checkpoint, Job, TargetDeps, Verdict } from '../target.ts';
import type { Rack } from './rack.ts';
import type { ConvoxValues, Found, NameOf } from './settings.ts';

/** What one deploy works with. */
export type Deploying = {
  readonly job: Job;
  readonly rack: Rack;
  readonly values: ConvoxValues;
  readonly deps: TargetDeps;
  readonly nameOf: NameOf;
  readonly ending: Ending;
  /** Of this attempt: in the build's description, and in the names of what is uploaded. */
  readonly key: string;
  /** An earlier process of this run, of which only the rack remembers anything, has begun what this one goes on with. */
  readonly isFollowing?: boolean;
  /** How far it has come, with what an earlier process did. */
  readonly course: { facts?: Facts };
  /** Releases of which a trace was left on the rack, each with the key that it was left by. */
  readonly traced: Map<string, string>;
};

/** How far a deploy is; plain JSON, without secrets. */
export type Facts = {
  readonly step: Step;
  readonly url?: string;
  readonly build?: string;
  readonly release?: string;
  readonly previous?: string;
  readonly process?: string;
  readonly version?: string;
  readonly isThree?: boolean;
};
/** Once there is a release. */
export type Promoting = Facts & { readonly release: string };
export const fresh: Facts = { step: 'looking' };

export type Step =
  | 'looking'
  | 'creating'
  | 'env'
  | 'env set'
  | 'uploading'
  | 'uploaded'
  | 'building'
  | 'build started'
  | 'built'
  | 'before promote'
  | 'prepared'
  | 'promoting'
  | 'promoted';

/** The deploy is over, wherever that turned out. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.description);
    this.verdict = verdict;
  }
}
type Left = Pick<Verdict, 'goesOn' | 'part'>;
export const ended = (outcome: Verdict['outcome'], description: string, left: Left = {}): Ended =>
  new Ended({ outcome, description, ...left });

/** The pipeline's author must act, and nothing was deployed. */
export const faulty = ({ nameOf }: Deploying, [key, message]: Found): SettingsError =>
  new SettingsError([{ name: nameOf(key), message }]);

/** The run was told to end. */
export const stopped = ({ job }: Deploying, description: string, left: Left = {}): Ended =>
  ended(stoppedAs(job.signal), description, left);

const checkpointOf = ({ key }: Deploying, facts: Facts): Checkpoint => ({ key, ...facts });

/** Before a step that changes the world. A run that was stopped meanwhile does not take it. */
export async function before(d: Deploying, facts: Facts): Promise<void> {
  const { job, course } = d;
  try {
    await job.before(checkpointOf(d, facts));
    course.facts = facts;
  } catch (error) {
    // The run's own reason is the better one, but where the build is would be lost.
    if (job.signal.aborted && (facts.build || facts.release)) throw stopped(d, leftOf(facts));
    throw error;
  }
  if (job.signal.aborted) throw stopped(d, leftOf(facts));
}

export const leftOf = ({ build, release }: Facts): string =>
  release
    ? `release ${release} was not promoted`
    : build
      ? `build ${build} was not promoted`
      : 'nothing was built';

/** After it. What was done is done, also where it cannot be written down: a later process asks the rack. */
export function after(d: Deploying, facts: Facts): Promise<void> {
  d.course.facts = facts;
  return store(d, checkpointOf(d, facts));
}

export const store = ({ job, deps }: Deploying, state: Checkpoint): Promise<void> =>
  job.after(state).catch((error: unknown) => {
    deps.log.warn(`How far the deploy is could not be stored: ${messageOf(error)}`);
  });

/** What the rack knows this deploy by, since it has no idempotency keys. */
export const markOf = (key: string): string => `[slipway ${key}]`;

/** The key in a build's description, if it is of this run: of any attempt, where nobody remembers which there were. */
export function keyIn(description: string, runKey: string): string | undefined {
  const [, key] = /\[slipway ([\w.-]+)\](?!.*\[slipway )/.exec(description) ?? [];
  return key?.startsWith(`${runKey}-`) ? key : undefined;
}

/** Names in the rack's store: the same for each try of one attempt, and no other's. */
export const objectKey = (key: string, what: string): string =>
  createHash('sha256').update(`${what} ${key}`).digest('hex').slice(0, 30);
