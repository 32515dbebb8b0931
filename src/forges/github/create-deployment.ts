import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import { doubted } from '../../http/failure.ts';
import { type Marker, markerOf, payloadMarks, readPayload } from '../../identity.ts';
import type { Order } from '../../order.ts';
import type { Deployment, Patience } from '../forge.ts';
import type { Github } from './client.ts';
import { listDeployments, shownOf } from './deployments.ts';
import { because, type Purpose } from './explain.ts';
import { understood } from './shape.ts';
import { shorten } from './text.ts';

export type CreateSettings = {
  readonly autoMerge: boolean;
  readonly requiredContexts: readonly string[];
  readonly productionEnvironment: boolean | undefined;
  readonly transientEnvironment: boolean | undefined;
};

export type Creation = Patience & {
  readonly github: Github;
  readonly clock: Clock;
  readonly order: Order;
  readonly settings: CreateSettings;
  /** Deployments that were there before: none of them is the one that we lost sight of. */
  readonly known: ReadonlySet<string>;
  /** The answer to an earlier creation was lost. */
  readonly doubtful: boolean;
};

const purpose: Purpose = {
  lost: 'deployment not created',
  needs: 'deployments: write',
  scope: 'repo_deployment',
};
const attempts = 3;
/** A creation whose answer was lost may show up late. */
const patienceSeconds = 5;

/**
 * Creates one deployment; after a lost answer it is looked for, for five seconds, before another is made. Once an
 * answer was lost, every failure is `unknown`.
 */
export async function createOnce(creation: Creation): Promise<{
  readonly deployment: Deployment;
  /** Some answer was lost: its deployment may yet appear. */
  readonly doubtful: boolean;
}> {
  const before = creation.doubtful ? await findLost(creation) : undefined;
  if (before) return { deployment: before, doubtful: true };
  for (let failed = 0; ; ) {
    try {
      return { deployment: await create(creation), doubtful: failed > 0 || creation.doubtful };
    } catch (error) {
      if (!(error instanceof RemoteError) || !error.unknown || creation.signal.aborted) throw error;
      const found = await findLost(creation);
      if (found) return { deployment: found, doubtful: true };
      failed += 1;
      if (failed === attempts || creation.signal.aborted) throw error;
    }
  }
}

async function create(creation: Creation): Promise<Deployment> {
  const { github, order, settings, signal, until } = creation;
  const body = bodyOf(order, settings, markerOf(order, github.ahead()));
  const reply = await github
    .rest({ method: 'POST', path: '/deployments', body, purpose, signal, until })
    .catch((error: unknown) => {
      throw refusalAdvice(error, order);
    });
  const made = reply.body as Parameters<typeof shownOf>[1] & { readonly message?: string };
  if (reply.status === 202) throw mergedError(made?.message);
  return understood(reply, purpose.lost, () => shownOf(github, made, []), { unknown: true });
}

const mergedError = (message: string | undefined): RemoteError => {
  const [, from, into] = /merged (\S+) into (\S+)/.exec(message ?? '') ?? [];
  const what = from ? `merged ${from} into ${into}` : 'merged the default branch';
  return new RemoteError(
    `GitHub ${what} and created no deployment: the push of that merge starts its own build`,
    { kind: 'refused', status: 202 },
  );
};

function bodyOf(order: Order, settings: CreateSettings, marker: Marker): object {
  const { autoMerge, requiredContexts, productionEnvironment, transientEnvironment } = settings;
  const payload = Object.entries(order.payload).filter(([key]) => !key.startsWith('slipway_'));
  return {
    // The commit says what is deployed; but nothing can be merged into a commit.
    ref: autoMerge ? (order.ref ?? order.commit) : (order.commit ?? order.ref),
    task: order.task,
    auto_merge: autoMerge,
    ...(requiredContexts.includes('all') ? {} : { required_contexts: requiredContexts }),
    payload: { ...Object.fromEntries(payload), ...payloadMarks(marker) },
    environment: order.environment,
    description: shorten(order.description ?? ''),
    ...(productionEnvironment === undefined
      ? {}
      : { production_environment: productionEnvironment }),
    ...(transientEnvironment === undefined ? {} : { transient_environment: transientEnvironment }),
  };
}

async function findLost(creation: Creation): Promise<Deployment | undefined> {
  const { clock, signal } = creation;
  for (let second = 0; second <= patienceSeconds; second += 1) {
    const [found] = await findOwn(creation).catch((error: unknown) => {
      throw error instanceof RemoteError ? doubted(error) : error;
    });
    if (found || signal.aborted) return found;
    if (second < patienceSeconds) await clock.pause(1000, signal);
  }
  return undefined;
}

/** Deployments with our key that were not there before, lowest id first; without their statuses. */
export async function findOwn(creation: Creation): Promise<readonly Deployment[]> {
  const { github, order, known } = creation;
  const own = markerOf(order);
  const listed = await listDeployments(github, order.environment, 30, creation);
  return listed
    .map(({ deployment }) => deployment)
    .filter(({ id, payload }) => {
      const marker = readPayload(payload);
      return !known.has(id) && marker?.key === own.key && marker.component === own.component;
    })
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/** The refusals of a creation, told apart. */
function refusalAdvice(error: unknown, order: Order): unknown {
  if (!(error instanceof RemoteError)) return error;
  const { errors } = answerOf(error);
  if (error.status === 409) {
    return errors.some(({ field }) => field === 'required_contexts')
      ? because(error, 'refused', checksAdvice(errors))
      : because(
          error,
          'refused',
          'the default branch cannot be merged into the ref: merge it by hand, or leave auto_merge unset',
        );
  }
  if (error.status === 422 && /No ref found/i.test(error.answer?.body ?? '')) {
    const ref = order.commit ? `commit ${order.commit}` : `ref ${order.ref}`;
    return because(
      error,
      'refused',
      `${ref} is not in ${order.repo}: commit or ref is wrong, or was never pushed`,
    );
  }
  return error;
}

type FieldError = {
  readonly field?: string;
  readonly contexts?: readonly { readonly context: string; readonly state: string }[];
};

function checksAdvice(errors: readonly FieldError[]): string {
  const open = errors
    .flatMap(({ contexts }) => contexts ?? [])
    .filter(({ state }) => state !== 'success')
    .map(({ context, state }) => `${context} is ${state}`);
  const which = open.length > 0 ? ` (${open.slice(0, 5).join(', ')})` : '';
  return `required_contexts are not green${which}`;
}

function answerOf(error: RemoteError): { readonly errors: readonly FieldError[] } {
  try {
    const { errors } = JSON.parse(error.answer?.body ?? '') as { errors?: unknown };
    return { errors: Array.isArray(errors) ? (errors as FieldError[]) : [] };
  } catch {
    return { errors: [] };
  }
}
