export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** Runs one statement, with `$1` for its first value, in words that SQLite and PostgreSQL share. */
export interface Session {
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
}

/** What both stores are written on. Rejects with a StoreError where the database itself fails. */
export interface Database {
  /** Reads what is committed. */
  readonly read: Session;
  /**
   * One durable transaction; rolled back when `work` rejects. `work` waits for nothing but the session, for others may
   * share the transaction, and may be run again.
   */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type Claimed = { readonly id: string; readonly attempt: number };

/** Who may have which run: the part that the two databases do in their own way. */
export interface Queue {
  /** Serialises intakes of all processes, within the transaction. */
  lock(session: Session): Promise<void>;
  add(
    session: Session,
    runs: readonly { readonly id: string; readonly slot: string }[],
  ): Promise<void>;
  /** Marks the next run as taken. Undefined when none may be. */
  take(session: Session): Promise<Claimed | undefined>;
  /** Renews; false when the lease is lost. */
  renew(session: Session, claimed: Claimed): Promise<boolean>;
  /** The run is over; false when the lease is lost. */
  finish(session: Session, claimed: Claimed): Promise<boolean>;
  giveBack(session: Session, claimed: Claimed): Promise<boolean>;
  /** Now, in ms since the epoch, by the clock that ends leases. */
  time(session: Session): Promise<number>;
  /** Runs that ended while they waited: nobody needs to take them any more. After the commit; may fail. */
  forget(ids: readonly string[]): Promise<void>;
}

/** Tells of changes once they are committed. */
export interface Herald {
  tell(session: Session, news: readonly Told[]): Promise<void>;
}
export type Told = {
  readonly id: string;
  readonly what: 'waiting' | 'changed' | 'cancel' | 'log' | 'ended';
};

/** `$3, $4, $5` for three values after two. */
export const places = (count: number, after = 0): string =>
  Array.from({ length: count }, (_, index) => `$${after + index + 1}`).join(', ');
