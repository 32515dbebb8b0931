import type { Acceptance, Intake } from '../store.ts';
import { places, type Session } from './database.ts';
import { clean } from './rows.ts';

/** An intake with the id that its run will have: asked for again after a lost commit, it is still one run. */
export type Numbered = Intake & { readonly id: string };

/** `accepted` is to be written; everything else is about a run that is there already. */
export type Verdict = {
  readonly outcome: Acceptance['outcome'];
  readonly of: string;
  readonly isNew: boolean;
};

type Known = Map<string, { readonly id: string; readonly bodyHash: string | null }>;

export const scopedKey = (scope: string, key: string): string =>
  JSON.stringify([clean(scope), clean(key)]);
const keyOf = ({ key }: Intake): string | undefined => key && scopedKey(key.scope, key.key);
const eventOf = ({ event }: Intake): string | undefined =>
  event === undefined ? undefined : clean(event);

/** The columns by which an intake may be known, and what it says for each. */
export const identities = {
  idempotency_key: keyOf,
  event: eventOf,
} as const;
const columns = Object.keys(identities) as (keyof typeof identities)[];

const namesOf = (intake: Numbered): readonly string[] =>
  columns.flatMap((column) => {
    const value = identities[column](intake);
    return value === undefined ? [] : [`${column} ${value}`];
  });

/** What is to become of each, in their order: the second of two with one key finds the first. */
export async function judgeAll(
  session: Session,
  intakes: readonly Numbered[],
): Promise<readonly Verdict[]> {
  const known = await findKnown(session, intakes);
  const busy = await findBusy(session, intakes);
  return intakes.map((intake) => judge(intake, known, busy));
}

function judge(intake: Numbered, known: Known, busy: Map<string, string>): Verdict {
  const { id, key, run } = intake;
  const names = namesOf(intake);
  const same = names.map((name) => known.get(name)).find((found) => found !== undefined);
  if (same) {
    if (same.id === id) return { outcome: 'accepted', of: id, isNew: false };
    const isReused = key !== undefined && same.bodyHash !== null && same.bodyHash !== key.bodyHash;
    return { outcome: isReused ? 'key_reused' : 'known', of: same.id, isNew: false };
  }
  const slot = clean(run.slot);
  const holder = busy.get(slot);
  if (intake.busy === 'refuse' && holder !== undefined && holder !== id) {
    return { outcome: 'busy', of: holder, isNew: false };
  }
  busy.set(slot, id);
  for (const name of names) known.set(name, { id, bodyHash: key?.bodyHash ?? null });
  return { outcome: 'accepted', of: id, isNew: true };
}

async function findKnown(session: Session, intakes: readonly Numbered[]): Promise<Known> {
  const known: Known = new Map();
  for (const column of columns) {
    const wanted = intakes.flatMap((intake) => identities[column](intake) ?? []);
    if (wanted.length === 0) continue;
    const rows = await session.query(
      `SELECT id, body_hash, ${column} AS found FROM run WHERE ${column} IN (${places(wanted.length)})`,
      wanted,
    );
    for (const { id, body_hash: hash, found } of rows) {
      const bodyHash = hash === null ? null : String(hash);
      known.set(`${column} ${found}`, { id: String(id), bodyHash });
    }
  }
  return known;
}

/** The newest run of each slot that is not over, for those who will not wait. */
async function findBusy(
  session: Session,
  intakes: readonly Numbered[],
): Promise<Map<string, string>> {
  const impatient = intakes.filter(({ busy }) => busy === 'refuse');
  const slots = [...new Set(impatient.map(({ run }) => clean(run.slot)))];
  if (slots.length === 0) return new Map();
  const rows = await session.query(
    `SELECT slot, id FROM run
     WHERE status IN ('QUEUED', 'IN_PROGRESS') AND slot IN (${places(slots.length)}) ORDER BY seq`,
    slots,
  );
  return new Map(rows.map((row) => [String(row.slot), String(row.id)]));
}
