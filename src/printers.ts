import { type Fields, type Level, levels } from './log.ts';

/** Puts what was said and what the deploy wrote into the form of one kind of log. */
export type Printer = {
  say(level: Level, text: string, fields: Fields | undefined): void;
  /** Resolves when more may come. */
  pass(bytes: Uint8Array): Promise<void>;
  /** Ends a line that the deploy left open. */
  endLine(): void;
};

export type PrinterOptions = {
  send(bytes: string | Uint8Array): Promise<void>;
  readonly level: Level;
  readonly colour: boolean;
  now(): number;
};

const prefixes: Readonly<Record<Level, readonly [string, number]>> = {
  error: ['error: ', 31],
  warn: ['warning: ', 33],
  info: ['', 0],
  debug: ['debug: ', 2],
  trace: ['trace: ', 2],
};
const newline = 10;

/** For a person: no times, which CI systems show themselves, and our lines never inside one of the deploy's. */
export function createTextPrinter({ send, level, colour }: PrinterOptions): Printer {
  const loudest = levels.indexOf(level);
  let atStart = true;
  return {
    say: (at, text, fields) => {
      if (levels.indexOf(at) > loudest) return;
      const [prefix, code] = prefixes[at];
      const shown = colour && prefix ? `\u001b[${code}m${prefix.trim()}\u001b[0m ` : prefix;
      const lead = atStart ? '' : '\n';
      atStart = true;
      void send(`${lead}${shown}${text}${fieldsText(fields)}\n`);
    },
    pass: (bytes) => {
      atStart = bytes.at(-1) === newline;
      return send(bytes);
    },
    endLine: () => {
      if (atStart) return;
      atStart = true;
      void send('\n');
    },
  };
}

function fieldsText(fields: Fields = {}): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  return shown.length === 0 ? '' : ` (${shown.map(([k, v]) => `${k}: ${v}`).join(', ')})`;
}

/** For machines: one JSON object a line, by pino, which is loaded only here because loading it takes time. */
export async function createJsonPrinter(options: PrinterOptions): Promise<Printer> {
  const { pino } = await import('pino');
  let sent: Promise<void> = Promise.resolve();
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) => {
        sent = options.send(line);
      },
    },
  );
  // The deploy's output is shown at every level, as it is in text.
  const output = logger.child({ stream: 'output' }, { level: 'info' });
  const cutter = createLineCutter((line, whole) => {
    output.info(whole ? {} : { cut: true }, Buffer.from(line).toString('utf8'));
  });
  return {
    say: (at, text, fields) => logger[at](fields ?? {}, text),
    pass: (bytes) => {
      cutter.push(bytes);
      return sent;
    },
    endLine: () => cutter.end(),
  };
}

// A log line of Docker's.
const longestLine = 16 * 1024;

/** Cuts bytes at line breaks, and longer lines (`whole` is false) between two characters. */
function createLineCutter(take: (line: Uint8Array, whole: boolean) => void): {
  push(bytes: Uint8Array): void;
  end(): void;
} {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    push: (bytes) => {
      let data = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      for (;;) {
        const end = data.subarray(0, longestLine + 1).indexOf(newline);
        if (end < 0 && data.length <= longestLine) break;
        const cut = end < 0 ? characterStart(data, longestLine) : end;
        take(withoutReturn(data.subarray(0, cut)), end >= 0);
        data = data.subarray(end < 0 ? cut : end + 1);
      }
      rest = new Uint8Array(data);
    },
    end: () => {
      if (rest.length > 0) take(rest, true);
      rest = new Uint8Array(0);
    },
  };
}

const withoutReturn = (line: Uint8Array): Uint8Array =>
  line.at(-1) === 13 ? line.subarray(0, -1) : line;

/** The last index up to `index` where a UTF-8 character starts. */
function characterStart(bytes: Uint8Array, index: number): number {
  for (let at = index; at > index - 4; at--) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return index;
}
