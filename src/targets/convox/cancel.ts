import { RemoteError } from '../../errors.ts';
import type { Verdict } from '../target.ts';
import { wordsOf } from './dialect.ts';
import type { Judge } from './judge.ts';
import type { App } from './shapes.ts';
import type { Deploying, Promoting } from './stage.ts';

const hurryMs = 500;
/** Where no run is ending, and only convox_promote_timeout has passed. */
const patienceMs = 10_000;
const mostLooks = 3;

/** Ends our own rollout, and looks whether that works in the time there is. Another's is left alone. */
export async function cancelOwn(
  d: Deploying,
  { release, previous = '' }: Promoting,
  judge: Judge,
  outcome: 'cancelled' | 'timed_out',
): Promise<Verdict> {
  const { rack, ending, deps } = d;
  const { signal } = ending;
  const look = (): Promise<App | undefined> => rack.app(signal).catch(() => undefined);
  const first = await lookForOurs();
  if (first && isServing(first))
    return { outcome: 'success', description: `${release} is running` };
  if (!first) {
    const why = `${rack.name()} does not tell what rolls out there; nothing was cancelled`;
    return { outcome, description: why, goesOn: rack.name() };
  }
  if (judge.isOvertaken()) {
    const other = `the app is ${first.status} with release ${first.release}, which is not ours`;
    return { outcome, description: `${other} (${release} is); nothing was cancelled` };
  }
  if (!judge.isOurs()) {
    const description = `not known whether release ${release} was promoted; nothing was cancelled`;
    return { outcome: 'error', description, goesOn: `${rack.name()}, if it was promoted` };
  }
  // What goes back already needs nobody's word.
  const isBack = first.status === 'rollback';
  const refused = isBack ? undefined : await tell();
  const until = deps.clock.now() + patienceMs;
  for (let looks = 0; !signal.aborted && deps.clock.now() < until; looks += 1) {
    const app = await look();
    if (app && isServing(app)) return { outcome: 'success', description: `${release} is running` };
    if (app && previous !== '' && !['', previous, release].includes(app.release)) {
      const description = `release ${app.release} has followed ${release}, promoted by somebody else`;
      return { outcome, description };
    }
    if (app?.status === 'running' && app.release !== release) {
      return { outcome, description: `the rack went back to ${app.release || 'no release'}` };
    }
    if (refused !== undefined && looks > 1) break;
    await deps.clock.pause(hurryMs, signal);
  }
  const end = previous ? `release ${previous}` : 'no release';
  return refused === undefined
    ? {
        outcome,
        description: isBack ? 'it was undone' : 'told to cancel',
        goesOn: `${rack.name()}: it goes back to ${end}`,
      }
    : { outcome, description: refused, goesOn: `${rack.name()}, for ${refused}` };

  /** Only what is seen to be ours is cancelled; where the answer to the promotion is lost, it may show a little later. */
  async function lookForOurs(): Promise<App | undefined> {
    let app: App | undefined;
    for (let looks = 1; ; looks += 1) {
      app = (await look()) ?? app;
      if (app) judge.hear(app, deps.clock.now());
      const isOpen = !app || !(judge.isOurs() || judge.isOvertaken());
      if (!isOpen || looks === mostLooks || signal.aborted) return app;
      await deps.clock.pause(hurryMs, signal);
    }
  }
  function isServing(app: App): boolean {
    return app.status === 'running' && app.release === release && previous !== release;
  }
  async function tell(): Promise<string | undefined> {
    try {
      await rack.cancel(signal);
      deps.log.info('The rack was told to cancel the rollout');
      return undefined;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      return `the rack could not be told to cancel: ${wordsOf(error)}`;
    }
  }
}
