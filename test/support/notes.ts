import type { Level, Log } from '../../src/log.ts';

export type Notes = Log & {
  /** `level text`, in order. */
  readonly lines: string[];
  at(level: Level): readonly string[];
};

/** A log that keeps every line of every level. */
export function takeNotes(): Notes {
  const lines: string[] = [];
  const note = (level: Level) => (text: string, fields?: object) =>
    void lines.push(`${level} ${text}${fields ? ` ${JSON.stringify(fields)}` : ''}`);
  return {
    lines,
    at: (level) =>
      lines
        .filter((line) => line.startsWith(`${level} `))
        .map((line) => line.slice(level.length + 1)),
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    trace: note('trace'),
    spokeAt: () => 0,
    endOutput: () => {},
    output: async (bytes) => void lines.push(`output ${Buffer.from(bytes).toString()}`),
  };
}
