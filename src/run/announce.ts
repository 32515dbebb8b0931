import type { Order } from '../order.ts';
import { lookAll } from './look.ts';
import { createSession, openAll, sayAll } from './run.ts';
import type { RunDeps } from './session.ts';
import { words } from './words.ts';

/**
 * Opens the deployment of a run that waits for its turn and says `queued`: forges give up on silence. Rejects where
 * somebody did not hear it.
 */
export async function announce(order: Order, deps: RunDeps): Promise<void> {
  const reporters = deps.reporters.filter(({ forge }) => forge);
  const session = createSession(order, { ...deps, reporters });
  try {
    const plans = await lookAll(session);
    // Whatever stands against it is for the run itself to say.
    if (plans.some(({ plan }) => plan.go !== 'on')) return;
    for (const { channel, plan } of plans) channel.adopt(plan.go === 'on' ? plan.adopt : undefined);
    await openAll(session);
    await sayAll(session, 'queued', words.queued(session.order));
    const denied = session.channels.map((channel) => channel.denied()).find((each) => each);
    if (denied && !session.brake.stopped()) throw denied;
  } finally {
    session.brake.release();
  }
}
