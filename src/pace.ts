/** What is known of a deploy at a service when its next look is planned. */
export type Sight = {
  /** ms since we began to follow it. */
  readonly followed: number;
  /** ms since it began, by the service's clock. */
  readonly elapsed: number;
  /** Requests so far: the looks, and any other that is made while it goes on. */
  readonly spent: number;
  readonly percent: number | undefined;
  /** How long good ones of its kind took before, in ms. */
  readonly past: readonly number[];
};
type Span = { readonly from: number; readonly to: number };

/** At most one look a second; and at no moment more than a client has asked by then that asks every 3 s. */
const shortest = 1000;
const theirPause = 3000;
/** What ends before its time, a failed build above all, is seen only then: longer where all takes longer. */
const seldom = { least: 8000, most: 15_000, share: 0.02 };
/** From there on the end may come at any time: stages do not move evenly. */
const nearPercent = 80;
/** Due by the past alone, while the service itself says that much is left to do. */
const doubtful = 2500;

/**
 * How long to wait before the next look. Usual clients ask every 3 s from the start to the end. We ask seldom while
 * the end is not likely, and spend what this saves where it is: by how long earlier ones took, and by `percent`.
 * Where neither is known, as often as they do.
 *
 * No chance is in it: a look that comes later than planned misses the end by as much, and one that comes earlier asks
 * more than the usual client does. Many clients are kept apart by when each began to look, and by how long it waits
 * when the service is in trouble or somebody else deploys.
 */
export function nextLook(sight: Sight): number {
  const affordable = sight.spent * theirPause - sight.followed;
  return Math.max(wanted(sight), shortest, affordable);
}

function wanted({ followed, elapsed, spent, percent = 0, past }: Sight): number {
  if (spent === 0) return shortest;
  const span = likelyEnd(elapsed, past);
  const rest = restByPercent(elapsed, percent);
  if (!span && rest === undefined) return theirPause;
  const isDue = span !== undefined && span.from <= elapsed;
  const isNear = rest !== undefined && (percent >= nearPercent || rest <= theirPause);
  if (!isDue && !isNear) return untilLikely(elapsed, span, rest, Math.min(...past));
  const length = Math.max(isDue ? span.to - elapsed : 0, isNear ? rest * 1.5 : 0);
  const left = 1 + (followed + length) / theirPause - spent;
  const even = length / Math.max(left, 1);
  const isDoubtful = !isNear && rest !== undefined;
  return Math.min(isDoubtful ? Math.max(even, doubtful) : even, theirPause);
}

function untilLikely(
  elapsed: number,
  span: Span | undefined,
  rest: number | undefined,
  earliest: number,
): number {
  const total = elapsed + (rest ?? 0);
  const longest = Math.min(Math.max(seldom.least, total * seldom.share), seldom.most);
  const pause = Math.min(Math.max((span?.from ?? total) * 0.3, theirPause), longest);
  const untilNear = rest && Math.max(total * (nearPercent / 100) - elapsed, theirPause);
  if (!span) return Math.min(pause, untilNear ?? pause);
  // From the shortest on, any of them may be this one.
  const untilEarliest = Math.max(earliest - elapsed, theirPause);
  return Math.min(pause, untilEarliest, span.from - elapsed, untilNear ?? pause);
}

/** What would be left if it went on as fast as it did. */
const restByPercent = (elapsed: number, percent: number): number | undefined =>
  percent < 5 || elapsed <= 0 ? undefined : (elapsed * (100 - percent)) / percent;

/** The next stretch of time in which earlier ones ended. */
export function likelyEnd(elapsed: number, past: readonly number[]): Span | undefined {
  const margin = past.length < 3 ? 0.15 : past.length < 6 ? 0.07 : 0.03;
  // The looks are too few for the odd ones, early or late: those are told as the usual client tells them.
  const odd = Math.floor(past.length / 4);
  const usual = past.toSorted((a, b) => a - b).slice(odd, past.length - odd);
  const spans = usual.map((ms) => ({
    from: ms * (1 - margin) - shortest,
    to: ms * (1 + margin) + shortest,
  }));
  return joined(spans).find(({ to }) => to > elapsed);
}

/** From spans in order of their beginnings. */
function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && span.from <= last.to) result.splice(-1, 1, { from: last.from, to: span.to });
    else result.push(span);
  }
  return result;
}
