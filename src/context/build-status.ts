import type { Context } from './context.ts';

type Status = Exclude<Context['status'], undefined>;

const words: Readonly<Record<Status, readonly string[]>> = {
  failure: ['failure', 'failed', 'error', 'false'],
  cancelled: ['cancelled', 'canceled', 'killed'],
  success: ['success', 'succeeded', 'succeededwithissues', 'true'],
};

/** The worst of what a build's and a stage's words say; words of things that still run say nothing. */
export function statusOf(...said: readonly (string | undefined)[]): Context['status'] {
  const lower = said.map((word) => word?.toLowerCase() ?? '');
  const worst = Object.entries(words).find(([, means]) =>
    lower.some((word) => means.includes(word)),
  );
  return worst?.[0] as Context['status'];
}

/** What the exit code of a build's script says. */
export function statusOfExit(code: string | undefined): Context['status'] {
  if (code === undefined || !/^\d+$/.test(code)) return undefined;
  return Number(code) === 0 ? 'success' : 'failure';
}
