import type { Exchanged } from './ok-http.ts';

/** What ends a task at once, whatever it waits for. */
export class TaskCrash extends Error {
  override readonly name = 'TaskCrash';
}

export class PathMissing extends Error {
  override readonly name = 'PathMissing';
}

/** What `exchange(…, Object.class)` makes of an answer: a map, a list, a scalar, a text, or nothing. */
export function converted({ code, headers, bytes }: Exchanged): unknown {
  if (code === 204 || code === 304 || bytes.length === 0) return null;
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const text = bytes.toString();
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('RestClientException: Error while extracting response');
  }
}

const steps = /\.([\w-]+)|\[['"]([^'"]+)['"]\]|\[(\d+)\]/g;

/** json-path on a definite path. */
export function readPath(body: unknown, path: string): unknown {
  if (body === null || body === undefined) {
    throw new TaskCrash('IllegalArgumentException: json object can not be null');
  }
  let at: unknown = body;
  for (const [, plain, quoted, index] of path.matchAll(steps)) {
    const key = plain ?? quoted ?? Number(index);
    const fits =
      typeof at === 'object' && at !== null && Array.isArray(at) === (typeof key === 'number');
    if (!fits || !(key in (at as object))) throw new PathMissing(path);
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

export type Verdict = 'RUNNING' | 'SUCCEEDED' | 'CANCELED' | 'TERMINAL';
export type Words = {
  readonly successStatuses?: string;
  readonly canceledStatuses?: string;
  readonly terminalStatuses?: string;
};

/** A status to Orca's own word. No list is a default; the later list wins. */
export function verdictOf(
  value: unknown,
  { successStatuses, canceledStatuses, terminalStatuses }: Words,
): Verdict {
  if (typeof value === 'number') return value === 100 ? 'SUCCEEDED' : 'RUNNING';
  if (successStatuses === undefined) throw new TaskCrash('NullPointerException');
  const lists = [
    ['SUCCEEDED', successStatuses],
    ['CANCELED', canceledStatuses],
    ['TERMINAL', terminalStatuses],
  ] as const;
  const words = new Map(
    lists.flatMap(([verdict, list]) =>
      (list ?? '').split(',').map((word) => [word.trim().toUpperCase(), verdict] as const),
    ),
  );
  return words.get(String(value).toUpperCase()) ?? 'RUNNING';
}
