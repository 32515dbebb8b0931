import { limited } from '../ending.ts';
import { collect, RemoteError, SettingsError } from '../errors.ts';
import type { Deployment } from '../forges/forge.ts';
import type { Order } from '../order.ts';
import { exitOfRemote, exits } from '../outcome.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type Channel, createChannel } from '../run/channel.ts';
import { visibly } from '../run/patience.ts';
import { lineOf } from '../run/words.ts';
import { isTerminal, type State, subjectOf } from '../status.ts';
import { openForges } from './audience.ts';
import { leave, outputsOf } from './leave.ts';
import { type Base, judge, type Prepared } from './prepare.ts';
import { credentialLine, reportLine } from './wiring.ts';

const longestMs = 5 * 60_000;
const longestLookMs = 40_000;
/** After a stop. */
const lastTryMs = 4000;

/** Posts one status and ends. Resolves to the exit code. */
export async function status(base: Base): Promise<number> {
  const { prepared, faults: read } = judge(base, 'status');
  const { host, log, loaded, values, order, http } = prepared;
  const faults = [...read];
  const isFaulty = loaded.faulty.has('state');
  const state = isFaulty ? undefined : collect(faults, () => stateOf(prepared));
  const reporters = collect(faults, () => openForges(prepared, 'status'));
  if (!state || !reporters || faults.length > 0) throw new SettingsError(faults);
  log.info(credentialLine(prepared));
  log.info(reportLine(prepared));
  if (values.dryRun) {
    log.info(`dry_run: ${state} is not posted`);
    return 0;
  }
  const ms = Math.min(longestMs, values.timeout);
  const startedAt = host.clock.now();
  const all = reporters.map((reporter) => tell(prepared, reporter, state, ms));
  const told = await Promise.all(all).finally(() => http.close());
  const lost = told.filter(({ arrived, reporter }) => !arrived && reporter.required);
  const place = order.environment ?? order.commit ?? 'this build';
  const text = lost.length === 0 ? `${state} was posted for ${place}` : lossText(state, lost);
  const exit = lost.length > 0 && values.requireStatus ? exitOfLoss(lost) : exits.ok.code;
  if (lost.length > 0 && exit === exits.ok.code) log.warn(`${text} (require_status: false)`);
  const outputs = outputsOf(
    {
      order,
      outcome: lost.length === 0 ? 'success' : 'error',
      description: text,
      deployment: told.find(({ deployment }) => deployment)?.deployment,
      state: lost.length === 0 ? state : undefined,
      environmentUrl: order.environmentUrl,
    },
    [],
    (warning) => log.warn(warning),
  );
  const facts = { durationMs: host.clock.now() - startedAt, repo: order.repo, ref: order.ref };
  return leave(base, outputs, facts, {
    text: exit ? `${text} (slipway exits with ${exit})` : text,
    exit,
  });
}

/** Never a guess: a status that nobody asked for and CI does not know would be a lie. */
function stateOf({ values, context }: Prepared): State {
  if (values.state) return values.state;
  if (context.status) return context.status;
  const message =
    context.system === 'none'
      ? 'is required: there is no CI system that says how the build goes'
      : `is required: ${context.system} does not say how the build goes so far`;
  throw new SettingsError([{ name: 'PLUGIN_STATE', message }]);
}

type Told = {
  readonly reporter: Reporter;
  readonly arrived: boolean;
  /** What kept it from arriving. */
  readonly fault: RemoteError | undefined;
  readonly deployment: Deployment | undefined;
};

const lossText = (state: State, lost: readonly Told[]): string =>
  `${state} ${lost.some(({ fault }) => fault?.unknown) ? 'may not have arrived' : 'did not arrive'} at ${lost.map(({ reporter }) => reporter.id).join(' and ')}`;

/** A credential that does not work is the author's to mend; everything else is a lost status. */
const exitOfLoss = (lost: readonly Told[]): number =>
  lost.some(({ fault }) => fault && exitOfRemote[fault.kind] === exits.credentials.code)
    ? exits.credentials.code
    : exits.statusLost.code;

async function tell(p: Prepared, reporter: Reporter, state: State, ms: number): Promise<Told> {
  const { order, host, log, redactor } = p;
  const until = host.clock.now() + ms;
  const channel = createChannel(reporter, host.clock, log);
  const known = await ours(p, reporter, ms);
  if (known) channel.adopt(known);
  await openNow(p, channel, ms);
  const serves = !['failure', 'error', 'cancelled'].includes(state) && order.environmentUrl;
  const left = Math.max(until - host.clock.now(), lastTryMs);
  const posting = channel.finish(
    {
      state,
      description: lineOf(redactor.text(order.description ?? describe(order, state))),
      ...(serves ? { environmentUrl: serves } : {}),
      of: subjectOf(order, (text) => redactor.text(text), channel.deployment()?.url),
    },
    left,
    { signal: host.signal, ms: lastTryMs },
  );
  const arrived = await visibly(
    { clock: host.clock, log },
    `${reporter.id} does not answer yet`,
    left,
    posting,
  );
  return { reporter, arrived, fault: channel.denied(), deployment: channel.deployment() };
}

/** What is wrong with the settings shows here, and is no lost status; the rest is tried again with the post. */
async function openNow(p: Prepared, channel: Channel, ms: number): Promise<void> {
  const limit = limited(p.host.clock, Math.min(ms / 2, longestLookMs), p.host.signal);
  try {
    await channel.open(limit.signal, limit.until);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    p.log.debug(`${channel.reporter.id} is not open yet: ${error.message}`);
  } finally {
    limit.done();
  }
}

/**
 * The deployment that an earlier step of this build opened, or the one that the order names. What cannot be looked at
 * may still be posted to: the order names a deployment, and a commit status needs no look.
 */
async function ours(p: Prepared, reporter: Reporter, ms: number): Promise<Deployment | undefined> {
  if (!reporter.forge) return undefined;
  const limit = limited(p.host.clock, Math.min(ms / 2, longestLookMs), p.host.signal);
  try {
    const look = await reporter.forge.look(limit.signal, limit.until);
    return look.adopted ?? look.others.find(({ owner }) => owner?.key === p.order.runKey);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    // What is not there is said by the post.
    const level = error.status === 404 ? 'debug' : 'warn';
    p.log[level](`${reporter.id} could not look, and posts all the same: ${error.message}`);
    return undefined;
  } finally {
    limit.done();
  }
}

function describe(order: Order, state: State): string {
  const place = [order.environment, order.component].filter(Boolean).join('/');
  const doing = isTerminal(state) ? `Deployment ended as ${state}` : `Deployment is ${state}`;
  return `${doing.replace('_', ' ')}${place ? ` in ${place}` : ''}`;
}
