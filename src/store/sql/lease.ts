import type { RunEnd } from '../run.ts';
import type { Ending, Lease } from '../store.ts';
import type { Row, Session } from './database.ts';
import { counted, mostChanges } from './events.ts';
import { createOutput } from './output.ts';
import { createOwner, type LeaseDeps, type Owner, setting } from './owner.ts';
import { cancelOf, clean, runOf, shown } from './rows.ts';

/** The claimed run's row, as its owner works on it. */
export function createLease(row: Row, deps: LeaseDeps): Lease {
  const { db, queue, herald, ended } = deps;
  const run = runOf(row);
  const attempt = Number(row.attempt);
  const owner = createOwner({ id: run.id, attempt, spentMs: Number(row.spent_ms) }, deps);
  const { claimed, spent, update, note, must, insist } = owner;
  const output = createOutput(owner, deps);
  return {
    run,
    request: JSON.parse(String(row.request)),
    attempt,
    spent,
    checkpoint: row.checkpoint === null ? undefined : JSON.parse(String(row.checkpoint)),
    renew: () =>
      db.write(async (session) => {
        await must(queue.renew(session, claimed));
        const current = await update(session, []);
        return current.cancel_at === null ? undefined : cancelOf(current);
      }),
    save: (checkpoint) =>
      insist(async (session) => {
        await must(queue.renew(session, claimed));
        await update(session, ['checkpoint = $1'], [JSON.stringify(checkpoint)]);
      }),
    tell: (change) =>
      db.write(async (session) => {
        const { columns, values } = setting(change);
        if (columns.length === 0) return;
        const changed = await update(session, [...columns, counted], values);
        if (Number(changed.events) <= mostChanges) {
          await note(session, changed, { what: 'changed', change });
        }
        await herald.tell(session, [{ id: claimed.id, what: 'changed' }]);
      }),
    log: (bytes) => output.write(bytes),
    async end(status, words) {
      await output.flush();
      const last = await insist((session) => finish(session, { owner, status, words }, deps));
      const over = runOf(last);
      ended(over);
      return over;
    },
    async release() {
      await output.flush();
      await db.write(async (session) => {
        await must(queue.giveBack(session, claimed));
        await update(session, ['owner = NULL']);
        await herald.tell(session, [{ id: claimed.id, what: 'waiting' }]);
      });
    },
  };
}

type Last = { readonly owner: Owner; readonly status: RunEnd; readonly words: Ending };

/** Writes the end, unless we have already written it and only the answer was lost. */
async function finish(
  session: Session,
  { owner: { claimed, update, note, must }, status, words: { text, outputs, change } }: Last,
  { queue, clock, herald }: LeaseDeps,
): Promise<Row> {
  const [already] = await session.query(
    `SELECT ${shown} FROM run WHERE id = $1 AND attempt = $2 AND status = $3`,
    [claimed.id, claimed.attempt, status],
  );
  if (already) return already;
  await must(queue.finish(session, claimed));
  const { columns, values } = setting({ ...change, progress: text });
  const next = values.length + 1;
  const end = [`status = $${next}`, `outputs = $${next + 1}`, `ended_at = $${next + 2}`];
  const ended = await update(
    session,
    [...columns, ...end, 'owner = NULL', 'checkpoint = NULL', counted],
    [...values, status, JSON.stringify(outputs ?? {}), clock.now()],
  );
  await note(session, ended, { what: 'status', status, text: clean(text) });
  await herald.tell(session, [{ id: claimed.id, what: 'ended' }]);
  return ended;
}
