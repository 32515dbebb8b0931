import type { DatabaseSync } from 'node:sqlite';
import { createBatch } from '../batch.ts';
import type { Database, Session } from '../sql/database.ts';
import { faultOf } from './faults.ts';
import { createSession } from './statements.ts';

type Work = (session: Session) => Promise<unknown>;

/** Works of one moment are one transaction, and so one fsync; each can fail alone. */
const mostAtOnce = 256;

export type Connections = {
  readonly file: string;
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  readonly news: Outbox;
};

/** What is to be told once it is committed. */
export type Outbox = {
  /** How much is in it; `keep` takes back what came after. */
  count(): number;
  keep(count: number): void;
  send(): void;
};

export function createDatabase({ file, writer, reader, news }: Connections): Database {
  const session = createSession(writer, file);
  const run = (sql: string): void => {
    try {
      writer.exec(sql);
    } catch (error) {
      throw faultOf(error, file);
    }
  };

  async function tryOne(work: Work): Promise<PromiseSettledResult<unknown>> {
    run('SAVEPOINT one');
    const before = news.count();
    try {
      const value = await work(session);
      run('RELEASE one');
      return { status: 'fulfilled', value };
    } catch (reason) {
      // A full disk has already rolled everything back.
      if (!writer.isTransaction) throw reason;
      run('ROLLBACK TO one; RELEASE one');
      news.keep(before);
      return { status: 'rejected', reason };
    }
  }

  const works = createBatch<Work, PromiseSettledResult<unknown>>(async (batch) => {
    try {
      run('BEGIN IMMEDIATE');
      const settled: PromiseSettledResult<unknown>[] = [];
      for (const work of batch) settled.push(await tryOne(work));
      run('COMMIT');
      news.send();
      return settled;
    } catch (error) {
      news.keep(0);
      if (writer.isTransaction) writer.exec('ROLLBACK');
      throw error;
    }
  }, mostAtOnce);

  return {
    read: createSession(reader, file),
    async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
      const settled = await works.add(work);
      if (settled.status === 'rejected') throw settled.reason;
      return settled.value as T;
    },
    async close() {
      await works.idle();
      reader.close();
      writer.close();
    },
  };
}
