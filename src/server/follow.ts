import { stripVTControlCharacters } from 'node:util';
import { inert } from '../deployments/refusal.ts';
import { isOver, type Run, type RunEvent } from '../store/run.ts';
import type { LogPiece, Store } from '../store/store.ts';
import type { Bell, Bells } from './bells.ts';
import type { Links } from './links.ts';
import { runView } from './run-view.ts';
import { heartbeatMs, sse, sseHeartbeat, sseStart } from './stream.ts';

export type FollowDeps = {
  readonly store: () => Store;
  readonly bells: Bells;
  readonly links: Links;
};

/** The log as bytes, up to now or until the run is over. */
export async function* logBytes(
  { store, bells }: FollowDeps,
  id: string,
  isFollowed: boolean,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  const bell = bells.hang(id, signal);
  for (let from = 0; !signal.aborted; ) {
    // Looked at before the log is read, so that what is written before the end is not missed.
    const run = await store().runs.get(id);
    const piece = await store().runs.log(id, from);
    if (piece.cut > 0) yield cutLine(piece);
    if (piece.bytes.length > 0) yield piece.bytes;
    from = piece.next;
    if (piece.next < piece.size) continue;
    if (!isFollowed || !run || isOver(run.status)) return;
    await bell.next(heartbeatMs);
  }
}

const cutLine = ({ cut }: LogPiece): string => `\n[${cut} bytes of the log were not kept]\n`;

/** Everything that happened in a run, in the words of the store, then its end. */
export async function* eventStream(
  deps: FollowDeps,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { store, bells, links } = deps;
  const bell = bells.hang(id, signal);
  yield sseStart;
  for (let last = after; !signal.aborted; ) {
    const run = await store().runs.get(id);
    const events = await store().runs.events(id, last);
    for (const event of events) yield inert(sse(event.what, eventView(event), event.number));
    last = events.at(-1)?.number ?? last;
    if (events.length > 0) continue;
    if (!run || isOver(run.status)) {
      if (run) yield inert(sse('end', runView(run, links)));
      return;
    }
    yield* quiet(bell);
  }
}

const eventView = ({ at, ...event }: RunEvent): object => ({
  ...event,
  // The name of a machine is the operator's alone to know.
  owner: undefined,
  at: new Date(at).toISOString(),
});

async function* quiet(bell: Bell): AsyncGenerator<string> {
  await bell.next(heartbeatMs);
  // It tells the front that the connection lives, and us when it does not.
  yield sseHeartbeat;
}

/** For the page: the log as lines of plain text, and what is shown of the run whenever that changes. */
export async function* liveStream(
  deps: FollowDeps,
  id: string,
  { from, show }: { readonly from: number; show(run: Run): string },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { store, bells } = deps;
  const bell = bells.hang(id, signal);
  let shown = '';
  yield sseStart;
  for (let at = from; !signal.aborted; ) {
    const run = await store().runs.get(id);
    const ended = !run || isOver(run.status);
    const lines = linesOf(await store().runs.log(id, at, pieceBytes), ended);
    if (lines.text !== '') yield sse('log', lines.text, lines.next);
    // What is shown says how long ago things were, so it is the run itself that is compared.
    const known = JSON.stringify(run ?? '');
    if (run && known !== shown) yield sse('run', show(run));
    shown = known;
    const isAll = lines.next === at;
    at = lines.next;
    if (!isAll) continue;
    if (ended) {
      yield sse('end', '');
      return;
    }
    yield* quiet(bell);
  }
}
const pieceBytes = 64 * 1024;
const newline = 10;

/** Whole lines of a piece, as people read them; what is behind the last line break waits for the rest of its line. */
export function linesOf(
  { bytes, from, next, size, cut }: LogPiece,
  isLast: boolean,
): { readonly text: string; readonly next: number } {
  const end = bytes.lastIndexOf(newline) + 1;
  // A line longer than a piece is cut; so is the last one, which nobody ended.
  const isWhole = (isLast && next === size) || (end === 0 && next < size);
  const length = isWhole ? bytes.length : end;
  const note = cut > 0 ? `[${cut} bytes of the log were not kept]\n` : '';
  return {
    text: note + plain(bytes.subarray(0, length)),
    next: length === 0 ? from : from + length,
  };
}

/** Without colours, and of a line that was written over and over its last form. */
const plain = (bytes: Uint8Array): string =>
  stripVTControlCharacters(Buffer.from(bytes).toString('utf8'))
    .split('\n')
    .map((line) => {
      const text = line.replace(/\r$/, '');
      return text.slice(text.lastIndexOf('\r') + 1).replace(controls, '');
    })
    .join('\n');
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g;
