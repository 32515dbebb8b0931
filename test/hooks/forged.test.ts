import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hook } from '../../src/hooks/hook.ts';
import { hooks } from '../../src/hooks/index.ts';
import { seeded } from '../support/random.ts';
import { deliveries, now } from './deliveries.ts';
import { forgeries, tricks } from './forgeries.ts';

const hookOf = (forge: string): Hook => {
  const hook = hooks.find((each) => each.forge === forge);
  if (!hook) throw new Error(`no hook of ${forge}`);
  return hook;
};

const forged = suite('forged deliveries');

forged('of 10,000 none is accepted, and the true ones all are', () => {
  const originals = deliveries('correct horse battery staple');
  const seen = new Map<string, number>();
  for (const forgery of forgeries(originals, 10_000, seeded(20_261_128))) {
    const { forge, trick, proof, body, headers } = forgery;
    seen.set(trick, (seen.get(trick) ?? 0) + 1);
    const { verify, read, deliveryId } = hookOf(forge);
    const entries = [{ ...proof, value: 'an older one' }, proof];
    const verified = verify(entries, body, headers, now);
    assert.not.ok(verified.ok, `${forge} ${trick}: ${JSON.stringify(headers)}`);
    // Read by nobody, but nothing that comes in may throw.
    read(body, headers);
    deliveryId(headers);
  }
  assert.equal([...seen.keys()].sort(), Object.keys(tricks).sort());
  for (const [title, count] of seen) assert.ok(count > 100, `${title}: ${count}`);
  for (const { forge, proof, body, headers } of originals) {
    assert.ok(hookOf(forge).verify([proof], body, headers, now).ok, forge);
  }
});

forged.run();
