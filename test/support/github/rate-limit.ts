const WINDOW = 3_600_000;
const LIMIT = 5000;

type Resource = 'core' | 'graphql';

export type RateLimit = ReturnType<typeof createRateLimit>;

/** The primary limit of one token: 5000 an hour, by the server's clock. */
export function createRateLimit(now: () => number) {
  const windows = new Map<Resource, { used: number; resetAt: number }>();
  const current = (resource: Resource) => {
    const found = windows.get(resource);
    if (found && now() < found.resetAt) return found;
    const fresh = { used: 0, resetAt: Math.ceil((now() + WINDOW) / 1000) * 1000 };
    windows.set(resource, fresh);
    return fresh;
  };
  const show = (resource: Resource) => {
    const { used, resetAt } = current(resource);
    return { limit: LIMIT, used, remaining: Math.max(0, LIMIT - used), reset: resetAt / 1000 };
  };
  return {
    spend(resource: Resource): void {
      current(resource).used++;
    },
    show,
    headers(resource: Resource): Record<string, string> {
      const { limit, used, remaining, reset } = show(resource);
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-used': String(used),
        'x-ratelimit-reset': String(reset),
        'x-ratelimit-resource': resource,
      };
    },
  };
}
