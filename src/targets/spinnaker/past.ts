import type { Job } from '../target.ts';
import type { Service } from './service.ts';

/** How long good executions of the pipeline took before: read on the side, for nothing waits for it. */
export type Past = {
  /** Once; what is asked later is not. */
  ask(pipelineId: string | undefined): void;
  /** In ms; none until Gate has answered. */
  known(): readonly number[];
  end(): void;
};

export function createPast(service: Service, { signal }: Job): Past {
  const over = new AbortController();
  let known: readonly number[] = [];
  let isAsked = false;
  return {
    ask(pipelineId) {
      if (isAsked || pipelineId === undefined) return;
      isAsked = true;
      const either = AbortSignal.any([signal, over.signal]);
      void service.durations(pipelineId, either).then(
        (found) => {
          known = found;
        },
        () => {},
      );
    },
    known: () => known,
    end: () => over.abort(),
  };
}
