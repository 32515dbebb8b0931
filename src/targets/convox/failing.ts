import { messageOf, RemoteError } from '../../errors.ts';
import type { Verdict } from '../target.ts';
import { isForbidden } from './dialect.ts';
import { type Deploying, Ended, type Facts, leftOf, stopped } from './stage.ts';

type Left = Pick<Verdict, 'goesOn' | 'part'> & { readonly what: string };

/** What a request that failed comes to where nobody nearer to it has said. */
export function verdictOf(d: Deploying, error: unknown): Verdict {
  if (error instanceof Ended) return error.verdict;
  if (!(error instanceof RemoteError)) throw error;
  const { what, ...left } = leftBehind(d);
  const description = `${what}: ${messageOf(error)}`;
  if (d.job.signal.aborted) return stopped(d, description, left).verdict;
  const hasBegun = d.course.facts !== undefined && !nothing.includes(d.course.facts.step);
  // Credentials that do not work are the author's to mend, and this run deployed nothing.
  if (isForbidden(error) && !hasBegun) throw d.job.predecessor ? said(description, error) : error;
  const isNo = error.kind === 'refused' && error.status !== undefined;
  return { outcome: isNo && !hasBegun ? 'failure' : 'error', description, ...left };
}

const said = (message: string, { kind, status, answer }: RemoteError): RemoteError =>
  new RemoteError(message, {
    kind,
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });

const nothing: readonly Facts['step'][] = [
  ...(['looking', 'creating', 'env', 'env set', 'uploading', 'uploaded'] as const),
];

/** What the run leaves behind, with all that an earlier process of it did. */
export function leftBehind({ job, rack, course, values }: Deploying): Left {
  const { facts } = course;
  const at = rack.name();
  if (!facts) return { what: job.predecessor ? unknown : 'nothing was built' };
  const { step, build, release = 'of its build' } = facts;
  if (step === 'creating') {
    return { what: `not known whether the app ${values.convoxApp} was created; nothing was built` };
  }
  if (step === 'building') {
    const goesOn = `${at}, if a build was started`;
    return { what: 'not known whether a build was started', goesOn, part: 'the build' };
  }
  if (step === 'build started') {
    const what = `not known how build ${build} ends`;
    return { what, goesOn: at, part: `build ${build}, which is not promoted,` };
  }
  if (step === 'promoting') {
    const what = `not known whether release ${release} was promoted`;
    return { what, goesOn: `${at}, if it was promoted` };
  }
  if (step === 'promoted') {
    return { what: `not known how the rollout of release ${release} ends`, goesOn: at };
  }
  return { what: leftOf(facts) };
}

const unknown = 'nothing was built, and what the earlier run did is not known';
