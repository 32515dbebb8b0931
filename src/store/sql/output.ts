import { messageOf } from '../../errors.ts';
import { LeaseLost } from '../errors.ts';
import { append } from './log-text.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import type { LeaseDeps, Owner } from './owner.ts';

/** Writes the log of an owned run. What could not be kept is told of where it is missing. */
export function createOutput(
  { claimed, update }: Owner,
  { db, herald, clock, log, bounds }: LeaseDeps,
): LogWriter {
  let lost = 0;
  const missing = (): Uint8Array =>
    lost === 0
      ? new Uint8Array()
      : Buffer.from(`\n[${lost} bytes of output are missing here: they could not be stored]\n`);

  return createLogWriter(clock, async (output) => {
    const bytes = Buffer.concat([missing(), output]);
    try {
      await db.write(async (session) => {
        const changed = await update(session, ['log_size = log_size + $1'], [bytes.length]);
        const place = { seq: Number(changed.seq), size: Number(changed.log_size), bytes };
        await append(session, place, bounds);
        await herald.tell(session, [{ id: claimed.id, what: 'log' }]);
      });
      lost = 0;
    } catch (error) {
      // What is said after a hand-over is not of the run any more: its next owner writes the log.
      if (error instanceof LeaseLost) return;
      lost += output.length;
      log.warn(
        `run ${claimed.id}: ${output.length} bytes of its log are lost: ${messageOf(error)}`,
      );
    }
  });
}
