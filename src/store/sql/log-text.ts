import type { LogPiece } from '../store.ts';
import type { Row, Session, Value } from './database.ts';

export type LogBounds = { readonly headBytes: number; readonly tailBytes: number };

/** Of one row: so large that a long log is few rows, so small that the middle can be cut out closely. */
export const chunkBytes = 32 * 1024;

const bytesOf = (value: Value | undefined): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array();

/** Writes output behind what is there, of a run whose row says that it ends at `size` with it. */
export async function append(
  session: Session,
  { seq, size, bytes }: { readonly seq: number; readonly size: number; readonly bytes: Uint8Array },
  { headBytes, tailBytes }: LogBounds,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = bytes.subarray(at, at + chunkBytes);
    await session.query('INSERT INTO run_log (run_seq, start, bytes) VALUES ($1, $2, $3)', [
      seq,
      size - bytes.length + at,
      piece,
    ]);
  }
  // The head's last row may reach beyond it, and the tail's first begin before it.
  const last = size - tailBytes - chunkBytes;
  if (last <= headBytes) return;
  await session.query('DELETE FROM run_log WHERE run_seq = $1 AND start >= $2 AND start < $3', [
    seq,
    headBytes,
    last,
  ]);
}

export async function readLog(
  session: Session,
  run: { readonly seq: number; readonly size: number },
  { from, most }: { readonly from: number; readonly most: number },
): Promise<LogPiece> {
  const rows = await session.query(
    'SELECT start, bytes FROM run_log WHERE run_seq = $1 AND start > $2 ORDER BY start LIMIT $3',
    [run.seq, from - chunkBytes, Math.ceil(most / chunkBytes) + 2],
  );
  return pieceOf(rows, { from, most, size: run.size });
}

/** The first stretch without a gap that ends after `from`. */
function pieceOf(
  rows: readonly Row[],
  { from, most, size }: { readonly from: number; readonly most: number; readonly size: number },
): LogPiece {
  const parts: Uint8Array[] = [];
  let begin: number | undefined;
  let end = from;
  for (const row of rows) {
    const start = Number(row.start);
    const bytes = bytesOf(row.bytes);
    if (start + bytes.length <= from) continue;
    if (begin !== undefined && start !== end) break;
    const skip = Math.max(0, from - start);
    if (begin === undefined) {
      begin = start + skip;
      end = begin;
    }
    const part = bytes.subarray(skip, skip + most - (end - begin));
    parts.push(part);
    end += part.length;
    if (end - begin >= most) break;
  }
  const first = begin ?? from;
  const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  return { from: first, bytes: all, next: first + all.length, size, cut: first - from };
}
