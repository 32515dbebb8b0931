import type { RunEvent } from '../run.ts';
import { places, type Row, type Session, type Value } from './database.ts';

/** A target that reports each second must not fill the disk: beyond these only statuses and cancellations are kept. */
export const mostChanges = 1000;

export type Happened = RunEvent extends infer E
  ? E extends unknown
    ? Omit<E, 'number' | 'at'>
    : never
  : never;
export type Entry = {
  readonly seq: number;
  readonly number: number;
  readonly at: number;
  readonly happened: Happened;
};

/** The run's own row counts its events, so that two writers wait for each other. */
export const counted = 'events = events + 1';

export async function record(session: Session, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const values = entries.flatMap(({ seq, number, at, happened }): Value[] => [
    seq,
    number,
    at,
    JSON.stringify(happened),
  ]);
  const rows = entries.map((_, index) => `(${places(4, index * 4)})`).join(', ');
  await session.query(
    `INSERT INTO run_event (run_seq, number, at, happened) VALUES ${rows}`,
    values,
  );
}

/** The first of every run, which its own row tells. */
export const acceptance = (at: number): RunEvent => ({
  ...{ number: 1, at, what: 'status', status: 'QUEUED' },
});

export const eventOf = (row: Row): RunEvent => ({
  number: Number(row.number),
  at: Number(row.at),
  ...JSON.parse(String(row.happened)),
});
