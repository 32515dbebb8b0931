import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** What callers can make the server write: of each kind a few a minute, and then how many more there were. */
export type Sparing = {
  say(level: 'warn' | 'error', kind: string, text: string): void;
  /** Tells what was left out so far. */
  end(): void;
};

const most = 10;
const windowMs = 60_000;

type Window = { said: number; leftOut: number; readonly close: () => void };

export function createSparing(log: Log, clock: Clock): Sparing {
  const over = new AbortController();
  const windows = new Map<string, Window>();

  function open(level: 'warn' | 'error', kind: string): Window {
    const window: Window = {
      said: 0,
      leftOut: 0,
      close() {
        windows.delete(kind);
        if (window.leftOut === 0) return;
        log[level](`${kind}: ${window.leftOut} more lines of the last minute are left out`);
      },
    };
    windows.set(kind, window);
    void clock.pause(windowMs, over.signal).then(window.close);
    return window;
  }

  return {
    say(level, kind, text) {
      const window = windows.get(kind) ?? open(level, kind);
      if (window.said < most) {
        window.said += 1;
        log[level](text);
      } else window.leftOut += 1;
    },
    end: () => over.abort(),
  };
}
