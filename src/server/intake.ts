import { reaches } from '../deployments/access.ts';
import type { Deployment, Token } from '../deployments/config.ts';
import { createRequestReader, type Door, type RunRequest } from '../deployments/request.ts';
import { selectRun } from '../deployments/select.ts';
import type { HookEvent } from '../hooks/hook.ts';
import type { Run } from '../store/run.ts';
import type { Acceptance, Store } from '../store/store.ts';
import type { ServerDeps } from './deps.ts';
import { Failure, failureOf } from './failure.ts';
import { hashOf } from './idempotency.ts';
import { runOfEvent, runOfRequest } from './kept.ts';
import type { Sparing } from './sparing.ts';
import { unavailable } from './troubles.ts';

export type Asking = {
  readonly text: string;
  readonly door: Door;
  readonly token: Token;
  readonly key: string | undefined;
};
export type Taken = { readonly run: Run; readonly isNew: boolean };

export type Intake = {
  /** A run that somebody asks for. Resolves when it is durable. */
  ask(asking: Asking): Promise<Taken>;
  /** A run that an event starts: `busy` where it may not wait for its turn. */
  start(deployment: Deployment, event: HookEvent): Promise<Acceptance>;
};

export function createIntake(
  deps: ServerDeps & { readonly sparing: Sparing },
  store: () => Store,
): Intake {
  const { catalog, sparing } = deps;
  const judge = createRequestReader(catalog);

  async function ask({ text, door, token, key }: Asking): Promise<Taken> {
    if (!deps.ready()) throw unavailable('The server starts or ends. Ask again.');
    const read = judge(text, door);
    if ('refusal' in read) throw failureOf(read.refusal);
    const { request } = read;
    const selection = selectRun(deps.config(), request, token, catalog);
    if ('refusal' in selection) {
      const known = key === undefined ? undefined : await store().runs.byKey(token.name, key);
      // slipway.yml may have changed since; what was accepted stays accepted.
      if (known && isOf(known, request) && reaches(token, known.deployment)) {
        return { run: known, isNew: false };
      }
      throw failureOf(selection.refusal);
    }
    if (door === 'spinnaker' && key === undefined) {
      sparing.say(
        'warn',
        '/spinnaker/v1/runs',
        `The token ${token.name} asks for runs without the header Idempotency-Key: what Orca sends again is a second run, and no cancellation finds it; see slipway orca`,
      );
    }
    const acceptance = await store().accept({
      run: runOfRequest(selection, door, token.name),
      busy: selection.deployment.busy,
      ...(key === undefined ? {} : { key: { scope: token.name, key, bodyHash: hashOf(request) } }),
    });
    return takenOf(acceptance);
  }

  return {
    ask: (asking) => measured(asking, deps, () => ask(asking)),
    start: (deployment, event) =>
      store().accept({
        run: runOfEvent(deployment, event),
        busy: deployment.busy,
        event: `${event.identity} ${deployment.name}`,
      }),
  };
}

/** Counts what becomes of requests, and says which run was accepted. */
async function measured(
  { door, token }: Asking,
  { clock, metrics, log }: ServerDeps,
  ask: () => Promise<Taken>,
): Promise<Taken> {
  const began = clock.now();
  const count = (outcome: string): void =>
    metrics.count('slipway_runs_accepted_total', { door, outcome });
  try {
    const taken = await ask();
    const { run, isNew } = taken;
    count(isNew ? 'accepted' : 'known');
    if (!isNew) return taken;
    metrics.observe('slipway_intake_seconds', { door }, (clock.now() - began) / 1000);
    log.info(`Run ${run.id} of ${run.deployment} is accepted`, { run: run.id, token: token.name });
    return taken;
  } catch (error) {
    count(error instanceof Failure ? error.code : 'failed');
    throw error;
  }
}

function takenOf({ outcome, run }: Acceptance): Taken {
  if (outcome === 'accepted' || outcome === 'known') return { run, isNew: outcome === 'accepted' };
  if (outcome === 'key_reused') {
    const message = `This Idempotency-Key belongs to run ${run.id}, which was asked for with another body.`;
    throw new Failure(422, 'key_reused', message);
  }
  const message = `${run.deployment} is busy with run ${run.id}, and does not queue.`;
  throw new Failure(409, 'busy', message);
}

/** Whether a known run can be what this request asked for, as far as it says. */
const isOf = (run: Run, { deployment, repository, environment }: RunRequest): boolean =>
  (deployment === undefined || deployment === run.deployment) &&
  (repository === undefined || repository.toLowerCase() === run.repo.toLowerCase()) &&
  (environment === undefined || environment.toLowerCase() === run.environment.toLowerCase());
