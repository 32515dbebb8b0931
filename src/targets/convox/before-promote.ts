import { messageOf, RemoteError } from '../../errors.ts';
import { isForbidden, wordsOf } from './dialect.ts';
import { createExitMarker } from './exit-marker.ts';
import type { Process } from './shapes.ts';
import { after, before, type Deploying, ended, leftOf, type Promoting, stopped } from './stage.ts';
import { assertTrace } from './trace.ts';

/** What keeps the process alive until the command has run in it; it ends by itself, should nobody end it. */
const sleep = 'sleep 3600';
const startsWithinMs = 5 * 60_000;
const lookEveryMs = 1000;
const believed = 2;

/** Runs a command on the release that is to be promoted. Only an exit code of 0 that was seen lets the deploy go on. */
export async function runBeforePromote(d: Deploying, facts: Promoting): Promise<void> {
  const [service = '', command = ''] = split(d.values.convoxBeforePromote ?? '');
  await assertTrace(d, 'before promote', facts);
  await before(d, { ...facts, step: 'before promote' });
  d.job.progress(`running ${JSON.stringify(command)} in ${service} on release ${facts.release}`);
  let code: number | undefined;
  const started = await start(d, facts, service);
  try {
    await after(d, { ...facts, step: 'before promote', process: started.id });
    await waitUntilRuns(d, facts, started.id);
    code = await exec(d, facts, started.id, command);
  } finally {
    await end(d, started.id);
  }
  if (code !== 0) {
    throw ended('failure', `convox_before_promote ended with ${code}: ${leftOf(facts)}`);
  }
  await after(d, { ...facts, step: 'prepared' });
}

const split = (text: string): readonly string[] => {
  const at = text.indexOf(':');
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
};

async function start(d: Deploying, facts: Promoting, service: string): Promise<Process> {
  const { rack, ending } = d;
  const headers = { command: sleep, release: facts.release };
  try {
    const process = await rack.startProcess(service, headers, ending.signal);
    if (process.id) return process;
    throw ended('error', `${leftOf(facts)}: the rack did not say which process it has started`);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (d.job.signal.aborted) throw stopped(d, leftOf(facts));
    // What it may have started sleeps for an hour and changes nothing.
    const why = isForbidden(error) ? 'the credential may not run commands' : wordsOf(error);
    const outcome = error.kind === 'unavailable' ? 'error' : 'failure';
    throw ended(outcome, `${leftOf(facts)}, for convox_before_promote could not run: ${why}`);
  }
}

async function waitUntilRuns(d: Deploying, facts: Promoting, id: string): Promise<void> {
  const { rack, job, deps } = d;
  const until = deps.clock.now() + startsWithinMs;
  for (let good = 0, said = ''; good < believed; ) {
    if (job.signal.aborted) throw stopped(d, leftOf(facts));
    const status = await rack.process(id, job.signal).then(
      (process) => process.status,
      (error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        return error.kind === 'unavailable' ? 'not to be seen' : 'gone';
      },
    );
    good = status === 'running' ? good + 1 : 0;
    if (['gone', 'failed', 'crashed', 'complete'].includes(status)) {
      throw ended('failure', `${leftOf(facts)}: the process of convox_before_promote is ${status}`);
    }
    if (deps.clock.now() > until) {
      const why = `the process of convox_before_promote is still ${status} after 5 minutes`;
      throw ended('failure', `${leftOf(facts)}: ${why}`);
    }
    if (status !== said) deps.log.debug(`The process ${id} is ${status}`);
    said = status;
    await deps.clock.pause(lookEveryMs, job.signal);
  }
}

async function exec(d: Deploying, facts: Promoting, id: string, command: string): Promise<number> {
  const { rack, job } = d;
  const marker = createExitMarker();
  const pass = async (bytes: Buffer): Promise<void> => {
    if (bytes.length > 0) await job.output(bytes);
  };
  try {
    const socket = await rack.exec(id, command, job.signal);
    // There is no input.
    socket.send({ isText: false, bytes: Buffer.alloc(0) });
    for await (const { isText, bytes } of socket) {
      if (!isText) break;
      await pass(marker.push(bytes));
      if (marker.code() !== undefined) break;
    }
    await pass(marker.rest());
  } catch (error) {
    const isKnown = marker.code() !== undefined;
    // The last words of what broke off are the ones that count.
    await pass(marker.rest());
    if (!(error instanceof RemoteError)) throw error;
    if (!job.signal.aborted && !isKnown) throw unseen(facts, `: ${messageOf(error)}`);
  }
  const code = marker.code();
  if (code !== undefined) return code;
  if (job.signal.aborted) throw stopped(d, `convox_before_promote was ended, ${leftOf(facts)}`);
  throw unseen(facts, '');
}

/** The vendor's CLI takes this for success. */
const unseen = (facts: Promoting, why: string): Error =>
  ended(
    'failure',
    `convox_before_promote ended without an exit code, so what it did is not known; ${leftOf(facts)}${why}`,
  );

export async function end({ rack, ending, deps }: Deploying, id: string): Promise<void> {
  try {
    await rack.endProcess(id, ending.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    deps.log.warn(`The process ${id} could not be ended and sleeps for an hour: ${error.message}`);
  }
}
