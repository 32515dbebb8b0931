import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { News } from './store.ts';

export type Watchers = {
  add(listener: (news: News) => void): () => void;
  tell(news: News): void;
};

export function createWatchers(log: Log): Watchers {
  const listeners = new Set<(news: News) => void>();
  return {
    add(listener) {
      // One of its own, so that who listens twice with one function hears twice, and each can leave.
      const own = (news: News): void => listener(news);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell(news) {
      for (const listener of listeners) {
        try {
          listener(news);
        } catch (error) {
          log.error(`a listener of the store failed: ${messageOf(error)}`);
        }
      }
    },
  };
}
