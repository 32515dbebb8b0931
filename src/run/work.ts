import type { Found } from '../checkout/checkout.ts';
import { CheckoutError, RemoteError, type Stop } from '../errors.ts';
import { exits } from '../outcome.ts';
import type { Checkpoint, Job, Verdict } from '../targets/target.ts';
import { attemptOf, isUnremembered, predecessorSince } from './attempt.ts';
import { keepable } from './saved.ts';
import { type Session, statusOf } from './session.ts';
import { stopOf } from './stop.ts';
import { lookAgain } from './watch.ts';
import { type Ending, endingOf, lineOf, words } from './words.ts';

/** How long a target that is told to stop may take. CI kills ten seconds after its signal; a person does not. */
const stopMs = (stop: Stop | undefined): number =>
  stop?.kind === 'person' || stop?.kind === 'request' ? 15_000 : 4500;
/** Each status is a line in somebody's timeline, and a message to its owner. */
const progressEveryMs = 60_000;
const mostProgress = 10;

/** Fetches the tree, lets the target deploy it and turns its verdict into an ending. */
export async function work(s: Session): Promise<Ending> {
  const { target, checkout } = s.deps;
  const { job, shut } = createJob(s);
  try {
    const { signal, deadline: until, progress } = job;
    const isLate = s.brake.stopped() !== undefined;
    const found = (facts: Found): void => {
      s.order = { ...s.order, ...facts };
      s.deps.note?.({ order: s.order });
    };
    const fetched = isLate
      ? undefined
      : checkout?.fetch(s.order, { signal, until, progress, found });
    // A disk that does not answer must not cost us the last words either.
    const tree = (await Promise.race([fetched, stopOf(s.brake)])) ?? undefined;
    const stopped = s.brake.stopped();
    // Nothing was begun, or else the target has to stop it.
    if (stopped && !job.checkpoint) return endingOf(stopped, s.deps.timeoutMs);
    s.started = true;
    const verdict = await Promise.race([
      target.deploy({ ...job, order: s.order, tree }),
      overdue(s),
    ]);
    return endingOfVerdict(s, verdict);
  } catch (error) {
    if (error instanceof CheckoutError && !s.brake.stopped()) {
      return { outcome: 'error', tell: 'terminal', description: error.message };
    }
    if (error instanceof RemoteError && !s.brake.stopped()) {
      const mine = error.kind === 'credentials' || error.kind === 'permission';
      const exit = mine ? { exit: exits.credentials.code } : {};
      return { outcome: 'error', tell: 'terminal', description: error.message, ...exit };
    }
    throw error;
  } finally {
    shut();
    s.deps.log.endOutput();
    // The last status does not wait for the removal of a hundred thousand files.
    if (checkout) s.chores.push(checkout.release());
  }
}

/** A service that does not come back after a stop must not cost us the last words. */
async function overdue(s: Session): Promise<Verdict> {
  const { clock } = s.deps;
  await stopOf(s.brake);
  await clock.pause(stopMs(s.brake.stopped()));
  return {
    outcome: 'error',
    description: 'the deploy did not stop in time: what it did is not known',
  };
}

function endingOfVerdict(s: Session, verdict: Verdict): Ending {
  const stopped = s.brake.stopped();
  const goesOn = verdict.goesOn
    ? `; ${verdict.part ?? 'the deploy'} goes on at ${verdict.goesOn}`
    : '';
  // A deploy that was finished before the stop reached it has succeeded: that is the truth.
  if (verdict.outcome === 'success') {
    return {
      outcome: 'success',
      tell: 'terminal',
      description: s.order.description ?? (verdict.description || words.done(s.order)),
    };
  }
  if (stopped) {
    const ending = endingOf(stopped, s.deps.timeoutMs);
    const said = goesOn || (verdict.description ? `. ${sentence(verdict.description)}` : '');
    return { ...ending, description: `${ending.description}${said}` };
  }
  return {
    outcome: verdict.outcome,
    tell: 'terminal',
    description: `${verdict.description}${goesOn}`,
  };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function createJob(s: Session): { job: Job; shut(): void } {
  const { deps, brake } = s;
  const since = s.predecessor ? predecessorSince(s) : undefined;
  let open = true;
  let posted = 0;
  let postedAt = deps.clock.now();
  const announce = (text: string): void => {
    if (posted === mostProgress || deps.clock.now() - postedAt < progressEveryMs) return;
    posted += 1;
    postedAt = deps.clock.now();
    for (const channel of s.channels)
      void channel.say(statusOf(s, 'in_progress', text), progressEveryMs);
  };
  const keep = async (state: Checkpoint): Promise<void> =>
    deps.store?.({ checkpoint: keepable(state, deps.redact) });
  const job: Job = {
    order: s.order,
    signal: brake.signal,
    deadline: brake.deadline,
    tree: undefined,
    checkpoint: deps.saved?.checkpoint,
    predecessor: s.predecessor,
    ...(since === undefined ? {} : { predecessorSince: since }),
    attempt: attemptOf(s),
    ...(isUnremembered(s) ? { unremembered: true } : {}),
    output: async (bytes) => {
      if (open) await deps.log.output(bytes);
    },
    progress(said) {
      const text = lineOf(deps.redact(said));
      if (!open || text === '' || text === s.lastProgress) return;
      s.lastProgress = text;
      deps.log.info(text);
      deps.note?.({ progress: text });
      announce(text);
    },
    serves(url) {
      // What the author wrote is what people expect to open.
      if (!open) return;
      if (deps.redact(url) === url) {
        s.environmentUrl = s.order.environmentUrl ?? url;
        deps.note?.({ environmentUrl: s.environmentUrl });
      } else deps.log.warn('environment_url holds a secret, so nobody is shown it');
    },
    result(name, value) {
      // A server keeps them, wherever they go from there.
      if (open) s.results.set(name, deps.redact(value));
    },
    async before(state) {
      if (!brake.stopped()) await lookAgain(s);
      const stopped = brake.stopped();
      if (stopped) throw new Error(endingOf(stopped, deps.timeoutMs).description);
      await keep(state);
    },
    after: keep,
  };
  const shut = (): void => {
    open = false;
  };
  return { job, shut };
}
