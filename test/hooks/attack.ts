import type { Random } from '../support/random.ts';
import type { Delivery } from './deliveries.ts';
import { forgeries } from './forgeries.ts';

type Ids = readonly string[];
export type Delivered = {
  readonly status: number;
  /** Runs that the answer names. */
  readonly ids: Ids;
};
export type Attacked = {
  readonly deliver: (delivery: Delivery) => Promise<Delivered>;
  /** Runs that there are. */
  readonly runs: () => Promise<number>;
};

/** Headers that name a delivery; only GitLab's signature covers its own. */
const names = /^(?:x-.*-delivery|x-request-uuid|idempotency-key)$/;

/**
 * A server that takes the true deliveries once, then so many forged ones, with replays between them under ids that
 * nobody knows. Everything that it believed, in words.
 */
export async function attack(
  { deliver, runs }: Attacked,
  originals: readonly Delivery[],
  count: number,
  random: Random,
): Promise<string[]> {
  const broken: string[] = [];
  const started = new Map<Delivery, Ids>();
  for (const original of originals) {
    const { status, ids } = await deliver(original);
    if (status !== 202) broken.push(`the true one of ${original.forge}: ${status}`);
    started.set(original, ids);
  }
  const before = await runs();
  for (const forgery of forgeries(originals, count, random)) {
    const { status } = await deliver(forgery);
    if (status !== 401) broken.push(`${forgery.forge} ${forgery.trick}: ${status}`);
    if (random.int(10) > 0) continue;
    const original = random.pick(originals);
    const renamed = Object.entries(original.headers).map(([name, value]) => [
      name,
      names.test(name) && random.int(2) ? `replay-${random.int(1e9)}` : value,
    ]);
    const again = await deliver({ ...original, headers: Object.fromEntries(renamed) });
    if (again.status === 202 && String(again.ids) === String(started.get(original))) continue;
    broken.push(`a replay of ${original.forge}: ${again.status} ${again.ids}`);
  }
  const after = await runs();
  if (after !== before) broken.push(`${after} runs, and not ${before}`);
  return broken;
}
