import { diversionCommit, fullSha } from '../context/git-names.ts';
import type { Deployment } from '../deployments/config.ts';
import { matchesAny } from '../deployments/globs.ts';
import { messageOf, RemoteError } from '../errors.ts';
import { type Facts, type Patience, type RefKind, refKinds } from '../forges/facts.ts';
import { reach } from '../forges/reach.ts';
import type { HookEvent } from '../hooks/hook.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import { adoptable } from './adoptable.ts';
import { Contradiction } from './contradiction.ts';

/** What a run of the server goes by until the forge has said how it is. */
export type Claim = {
  readonly order: Order;
  readonly deployment: Deployment;
  /** What the event was that started it. */
  readonly kind: HookEvent['kind'] | undefined;
};

export type Witness = {
  readonly facts: Facts;
  readonly log: Log;
  /** ms since the epoch. */
  readonly now: number;
  readonly patience: Patience;
};

/** Whether nothing may be deployed without the forge's word. */
export const mustAsk = (claim: Claim): boolean =>
  claim.order.deploymentId !== undefined || isBinding(claim);

/** Whether it matters to which commit a ref belongs; elsewhere it is a name that is passed on. */
const isBinding = ({ order, deployment, kind }: Claim): boolean =>
  deployment.refs !== undefined ||
  kind === 'push' ||
  kind === 'tag' ||
  (order.commit === undefined && order.deploymentId === undefined && deployment.needsCommit);

/**
 * The order as the forge itself has it: a deployment's own commit, task and payload, the commit of a ref. Throws a
 * Contradiction where the forge has it otherwise, or where `refs` does not allow it.
 */
export async function settle(claim: Claim, witness: Witness): Promise<Order> {
  const { order } = claim;
  if (order.deploymentId === undefined) {
    const commit = await commitOf(claim, order.commit, witness, 'terminal');
    await demandReachable(claim, commit, order.ref, witness, 'terminal');
    return commit === undefined ? order : { ...order, commit };
  }
  const adopted = await adoptable(order, witness);
  // It deploys nothing, and nothing that is said of the deployment is its own.
  if (adopted.isEcho) return order;
  const tell = adopted.isAwaited ? 'terminal' : 'nothing';
  const commit = await commitOf(claim, adopted.order.commit, witness, tell);
  await demandReachable(claim, commit, adopted.order.ref, witness, tell);
  return adopted.order;
}

/** The commit that is known, if the ref has it; else the ref's. */
async function commitOf(
  claim: Claim,
  known: string | undefined,
  witness: Witness,
  tell: Contradiction['tell'],
): Promise<string | undefined> {
  const { order, kind } = claim;
  if (order.ref === undefined) return known;
  const ref = refOf(order.ref, kind);
  if ('commit' in ref) {
    if (known !== undefined && known !== ref.commit) {
      throw new Contradiction(`ref is commit ${ref.commit}, and not ${known}`, tell);
    }
    return ref.commit;
  }
  try {
    return await commitAt(ref, known, witness, tell);
  } catch (error) {
    const isDenied = error instanceof RemoteError && error.kind !== 'unavailable';
    if (isBinding(claim) || !isDenied) throw error;
    witness.log.warn(`ref ${order.ref} is taken at its word: ${messageOf(error)}`);
    return known;
  }
}

type Ref = { readonly kinds: readonly RefKind[]; readonly name: string };

/** As people write it: `main`, `refs/tags/v1`, a whole commit. */
function refOf(
  text: string,
  kind: HookEvent['kind'] | undefined,
): Ref | { readonly commit: string } {
  if (kind === 'push') return { kinds: ['branch'], name: text };
  if (kind === 'tag') return { kinds: ['tag'], name: text };
  const commit = fullSha(text) ?? diversionCommit(text);
  if (commit) return { commit };
  const [, group, name] = /^refs\/(heads|tags)\/(.+)$/.exec(text) ?? [];
  if (!name) return { kinds: refKinds, name: text };
  return { kinds: [group === 'tags' ? 'tag' : 'branch'], name };
}

async function commitAt(
  { kinds, name }: Ref,
  known: string | undefined,
  { facts, patience }: Witness,
  tell: Contradiction['tell'],
): Promise<string> {
  const what = kinds.join(' or ');
  let isThere = false;
  for (const kind of kinds) {
    const tip = await facts.tipOf(kind, name, patience);
    if (!tip) continue;
    isThere = true;
    // Some forges name the annotated tag, not its commit.
    if (known === undefined || known === tip.tagObject) return tip.commit;
    if (known === tip.commit || (await facts.holds(tip.commit, known, patience))) return known;
  }
  throw new Contradiction(
    isThere
      ? `commit ${known} is not on ${what} ${name} of ${facts.place}`
      : `there is no ${what} ${name} in ${facts.place} that ${facts.setting} can see`,
    tell,
  );
}

async function demandReachable(
  { deployment }: Claim,
  commit: string | undefined,
  ref: string | undefined,
  { facts, log, patience }: Witness,
  tell: Contradiction['tell'],
): Promise<void> {
  const { refs, name } = deployment;
  if (!refs) return;
  const allowed = `refs of ${name} (${refs.join(', ')})`;
  if (commit === undefined) {
    throw new Contradiction(`${allowed} cannot be looked at: no commit and no ref is given`, tell);
  }
  const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);
  const hint = ref?.replace(/^refs\/(?:heads|tags)\//, '');
  const likely = hint !== undefined && matchesAny(refs, hint) ? [hint] : [];
  const reached = await reach(
    facts,
    {
      commit,
      names: [...new Set([...likely, ...refs.filter((each) => !isGlob(each))])],
      starts: refs.filter(isGlob).map((each) => each.replace(/[*?].*$/s, '')),
      matches: (each) => matchesAny(refs, each),
    },
    patience,
  );
  if (reached.from !== undefined) {
    log.info(`commit ${commit} is on ${reached.from} of ${facts.place}, as refs demands`);
    return;
  }
  const cut = reached.isCut
    ? `; only ${reached.looked} of those that match were compared, so name fewer`
    : '';
  const message = `commit ${commit} is on no branch or tag of ${facts.place} that matches ${allowed}${cut}`;
  throw new Contradiction(message, tell);
}
