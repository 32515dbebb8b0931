import type { Clock } from '../clock.ts';
import type { News, Store } from '../store/store.ts';

/** Rings when something happened to one run. */
export type Bell = {
  /** Resolves at the first ring since the last call, at the latest after `ms`, or when the listener leaves. */
  next(ms: number): Promise<void>;
};
export type Bells = {
  hang(id: string, signal: AbortSignal): Bell;
  /** Whoever waits goes on at once; nothing rings after. */
  end(): void;
};

/** One listener at the store for all who follow runs. */
export function createBells(store: () => Store, clock: Clock): Bells {
  const ringers = new Map<string, Set<() => void>>();
  let leave: (() => void) | undefined;

  function hear(news: News): void {
    const rung = news.what === 'missed' ? [...ringers.values()] : [ringers.get(news.id) ?? []];
    for (const ring of rung.flatMap((each) => [...each])) ring();
  }

  function hang(id: string, signal: AbortSignal): Bell {
    leave ??= store().watch(hear);
    let hasRung = false;
    let wake = new AbortController();
    const ring = (): void => {
      hasRung = true;
      wake.abort('rung');
    };
    const ours = ringers.get(id) ?? new Set();
    ringers.set(id, ours.add(ring));
    const unhang = (): void => {
      ours.delete(ring);
      if (ours.size === 0 && ringers.get(id) === ours) ringers.delete(id);
      ring();
    };
    if (signal.aborted) unhang();
    else signal.addEventListener('abort', unhang, { once: true });
    return {
      async next(ms) {
        if (!hasRung) await clock.pause(ms, wake.signal);
        hasRung = signal.aborted;
        if (!hasRung) wake = new AbortController();
      },
    };
  }

  return { hang, end: () => leave?.() };
}
