import { stripVTControlCharacters } from 'node:util';
import { type Fields, type Level, type Log, levels } from './log.ts';
import { createJsonPrinter, createTextPrinter } from './printers.ts';
import { type Redactor, withoutControls } from './redact.ts';
import { createReplacer, replaceText } from './replacer.ts';

/** The log of one run. */
export type Voice = Log & {
  /** One line for a machine, as it is, at the start of a line: Drone's card, Spinnaker's property. */
  verbatim(line: string): void;
  /** The last line of the run; its fields are for machines, for people they stand in the text. */
  verdict(text: string, isGood: boolean, fields: Fields): void;
  /** The end of what the deploy wrote, redacted and without colours: whole lines, at most 4 KiB. */
  lastTail(bytes?: number): string;
};

/** What the deploy's output may not hold, because somebody reads the log for it, and how it is shown instead. */
export type Guard = { readonly marker: string; readonly shown: string };

/** A line that starts with this is cut out of Drone's log and shown as the build's card. */
export const cardGuards: readonly Guard[] = [{ marker: '\u001b]1338;', shown: '\u241b]1338;' }];
/** Spinnaker takes these lines of the log as outputs of the stage; one that is broken fails it. */
export const spinnakerGuards: readonly Guard[] = [
  { marker: 'SPINNAKER_CONFIG_JSON=', shown: 'SPINNAKER_CONFIG_JSON =' },
  { marker: 'SPINNAKER_PROPERTY_', shown: 'SPINNAKER PROPERTY_' },
];

export type LogOptions = {
  /** Resolves when more may come. */
  write(bytes: string | Uint8Array): Promise<void> | void;
  readonly level: Level;
  readonly format: 'text' | 'json';
  readonly colour: boolean;
  readonly redactor: Redactor;
  readonly guards: readonly Guard[];
  /** So many bytes of output does the CI system's log keep; undefined when that is not known. */
  readonly outputLimit: number | undefined;
  now(): number;
};

const tailBytes = 4096;

export async function createLog(options: LogOptions): Promise<Voice> {
  const { redactor, now } = options;
  let spokeAt = now();
  const send = async (bytes: string | Uint8Array): Promise<void> => {
    spokeAt = now();
    try {
      await options.write(bytes);
    } catch {
      // Whoever read the log is gone; the deploy and its status are worth more than these words.
    }
  };
  const create = options.format === 'json' ? createJsonPrinter : createTextPrinter;
  const printer = await create({ ...options, send });
  const guard = createReplacer(options.guards.map(patternOf));
  const secrets = redactor.stream();
  const markers = guard();
  const tail = createTail(tailBytes);
  const limit = createLimit(options.outputLimit);

  const clean = (text: string): string =>
    shortened(replaceText(guard(), redactor.text(withoutControls(text))));
  const loudest = levels.indexOf(options.level);
  const say = (level: Level, text: string, fields?: Fields): void => {
    // What nobody hears need not be cleaned, which takes longer than the saying.
    if (levels.indexOf(level) > loudest) return;
    printer.say(level, clean(text), fields && cleanFields(fields, clean));
  };

  /** Synchronous up to the write, so that pieces keep their order however many callers there are. */
  const pass = (pieces: readonly Uint8Array[]): Promise<void> => {
    const bytes = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    if (bytes.length === 0) return Promise.resolve();
    tail.add(bytes);
    const from = limit.placeFor(bytes);
    if (from === undefined) return printer.pass(bytes);
    const passed = printer.pass(bytes.subarray(0, from));
    say('warn', limit.text);
    return from < bytes.length ? printer.pass(bytes.subarray(from)) : passed;
  };
  const guarded = (pieces: readonly Uint8Array[]): readonly Uint8Array[] =>
    pieces.flatMap((piece) => markers.push(piece));

  return {
    error: (text, fields) => say('error', text, fields),
    warn: (text, fields) => say('warn', text, fields),
    info: (text, fields) => say('info', text, fields),
    debug: (text, fields) => say('debug', text, fields),
    trace: (text, fields) => say('trace', text, fields),
    spokeAt: () => spokeAt,
    output: (bytes) => pass(guarded(secrets.push(bytes))),
    endOutput: () => {
      void pass([...guarded(secrets.end()), ...markers.end()]);
      printer.endLine();
      if (limit.isDue()) say('warn', limit.text);
    },
    verdict: (text, isGood, fields) =>
      say(isGood ? 'info' : 'error', text, options.format === 'json' ? fields : undefined),
    verbatim: (line) => {
      printer.endLine();
      void send(`${line}\n`);
    },
    lastTail: (bytes = tailBytes) => tail.text(bytes),
  };
}

const patternOf = ({ marker, shown }: Guard) => ({
  bytes: Buffer.from(marker),
  shown: Buffer.from(shown),
});

const longestText = 64 * 1024;
/** A remote may say anything; cut only here, because half a secret is not found any more. */
const shortened = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText).toWellFormed()}…`;

const cleanFields = (fields: Fields, clean: (text: string) => string): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' ? clean(value) : value,
    ]),
  );

/** Says once, between two lines, that the log will not hold everything. */
function createLimit(most: number | undefined): {
  /** Where in `bytes` it is to be said now. */
  placeFor(bytes: Uint8Array): number | undefined;
  isDue(): boolean;
  readonly text: string;
} {
  let passed = 0;
  let said = false;
  const size = `${Math.round((most ?? 0) / 104857.6) / 10} MiB`;
  return {
    text: `the output has passed ${size}, and the log of this CI system keeps no more: lines will be missing there; write long output to a file`,
    placeFor: (bytes) => {
      passed += bytes.length;
      const newline = !said && most !== undefined && passed > most ? bytes.indexOf(10) : -1;
      if (newline < 0) return undefined;
      said = true;
      return newline + 1;
    },
    isDue: () => {
      const due = !said && most !== undefined && passed > most;
      said ||= due;
      return due;
    },
  };
}

function createTail(size: number): { add(bytes: Uint8Array): void; text(most: number): string } {
  const kept = Buffer.alloc(size);
  let length = 0;
  let isCut = false;
  return {
    add: (bytes) => {
      const fresh = bytes.subarray(-size);
      const stay = Math.min(length, size - fresh.length);
      isCut ||= bytes.length > size || stay < length;
      kept.copyWithin(0, length - stay, length);
      kept.set(fresh, stay);
      length = stay + fresh.length;
    },
    text: (most) => {
      const from = Math.max(0, length - most);
      const text = kept.subarray(from, length).toString('utf8');
      // Half a line, or half a character, tells nobody anything.
      const whole = isCut || from > 0 ? text.slice(text.indexOf('\n') + 1) : text;
      return stripVTControlCharacters(whole).replace(/\r\n?/g, '\n').trim();
    },
  };
}
