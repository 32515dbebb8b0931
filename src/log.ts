export const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type Level = (typeof levels)[number];
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a run says to the person who reads the step's log. Every text is redacted on its way out. */
export interface Log {
  error(text: string, fields?: Fields): void;
  warn(text: string, fields?: Fields): void;
  info(text: string, fields?: Fields): void;
  debug(text: string, fields?: Fields): void;
  trace(text: string, fields?: Fields): void;
  /** When it last said or passed anything on; ms since the epoch. */
  spokeAt(): number;
  /** The deploy's own output, redacted as bytes. Resolves when more may come. */
  output(bytes: Uint8Array): Promise<void>;
  /** The deploy is over: what was kept back of its output goes out, and its last line is ended. Waits for nobody. */
  endOutput(): void;
}
