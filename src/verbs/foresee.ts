import { limited } from '../ending.ts';
import { messageOf, RemoteError } from '../errors.ts';
import type { Order } from '../order.ts';
import { exitOf, exitOfRemote, exits } from '../outcome.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { nameOf, type Plan } from '../run/decide.ts';
import { adoptedOrder, planFor } from '../run/look.ts';
import { planText } from '../run/plan-text.ts';
import type { Prepared } from './prepare.ts';

/** Where a deploy would get to before it changes anything. */
export type Foresight = {
  /** As an adopted deployment makes it. */
  readonly order: Order;
  /** What the forges lead to, in the order of the reporters. */
  readonly lines: readonly string[];
  /** Why a deploy would end here, and with which exit code; undefined when it would go on. */
  readonly end: End | undefined;
};
type End = {
  readonly why: string;
  readonly exit: number;
  /** What the author wrote is why; otherwise it is how things stand at the forge just now. */
  readonly isFault: boolean;
};

const longestMs = 60_000;

/** Looks and decides as a deploy does, and changes nothing. */
export async function foresee(p: Prepared, reporters: readonly Reporter[]): Promise<Foresight> {
  const limit = limited(p.host.clock, longestMs, p.host.signal);
  let { order } = p;
  const lines: string[] = [];
  const ends: End[] = [];
  try {
    for (const { id, forge, required } of reporters) {
      const look = await forge?.look(limit.signal, limit.until).catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        const passes = error.kind === 'unavailable' || !required || !p.values.requireStatus;
        const text = `${id} cannot be read${passes ? ' now; go on without it' : ''}: ${messageOf(error)}`;
        lines.push(text);
        if (!passes) ends.push({ why: text, exit: exitOfRemote[error.kind], isFault: true });
        return undefined;
      });
      if (!look) continue;
      const plan = planFor(p.order, look, forge, {
        clock: p.host.clock,
        supersede: p.values.supersede,
      });
      if (look.adopted && plan.go === 'on') order = adoptedOrder(order, look.adopted);
      lines.push(...planText(plan, look).map((line) => `${id}: ${line}`));
      const end = endOf(plan, p);
      if (end) ends.push(end);
    }
  } finally {
    limit.done();
  }
  return { order, lines, end: ends[0] };
}

function endOf(plan: Plan, { values }: Prepared): End | undefined {
  if (plan.go === 'stop') {
    const { outcome, reason } = plan;
    return { why: reason, exit: exitOf[outcome], isFault: outcome === 'refused' };
  }
  if (plan.go === 'echo') {
    const why = `${nameOf(plan.original)} is deployed by the run that made it`;
    return { why, exit: exits.ok.code, isFault: false };
  }
  const [alive] = plan.alive;
  if (!alive || values.whenBusy !== 'refuse') return undefined;
  const why = `${nameOf(alive)} is open (when_busy: refuse)`;
  return { why, exit: exits.refused.code, isFault: false };
}
