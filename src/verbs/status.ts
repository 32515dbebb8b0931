import { SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';
import { exits } from '../outcome.ts';
import { type Deployment, isTerminal, type Reporter, type State } from '../reporters/reporter.ts';
import { createChannel } from '../run/channel.ts';
import { limited } from '../run/stop.ts';
import { lineOf } from '../run/words.ts';
import { leave, outputsOf } from './leave.ts';
import { type Base, type Prepared, prepare } from './prepare.ts';
import { credentialLine, openForges, reportLine } from './wiring.ts';

const longestMs = 5 * 60_000;
/** After a stop. */
const lastTryMs = 4000;

/** Posts one status and ends. Resolves to the exit code. */
export async function status(base: Base): Promise<number> {
  const prepared = prepare(base, 'status');
  const { host, log, values, order, http } = prepared;
  const state = stateOf(prepared);
  const reporters = openForges(prepared, 'status');
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
  const text = lost.length === 0 ? `${state} was posted for ${place}` : `${state} did not arrive`;
  const exit = lost.length > 0 && values.requireStatus ? exits.statusLost.code : exits.ok.code;
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
  return leave(base, outputs, facts, { text: exit ? `${text} (exit ${exit})` : text, exit });
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
  readonly deployment: Deployment | undefined;
};

async function tell(p: Prepared, reporter: Reporter, state: State, ms: number): Promise<Told> {
  const { order, host, log, redactor } = p;
  const channel = createChannel(reporter, host.clock, log);
  channel.adopt(await ours(p, reporter, ms));
  const serves = !['failure', 'error', 'cancelled'].includes(state) && order.environmentUrl;
  const arrived = await channel.finish(
    {
      state,
      description: lineOf(redactor.text(order.description ?? describe(order, state))),
      ...(serves ? { environmentUrl: serves } : {}),
    },
    ms,
    { signal: host.signal, ms: lastTryMs },
  );
  return { reporter, arrived, deployment: channel.deployment() };
}

/** The deployment that an earlier step of this build opened, or the one that the order names. */
async function ours(p: Prepared, reporter: Reporter, ms: number): Promise<Deployment | undefined> {
  if (!reporter.forge) return undefined;
  const limit = limited(p.host.clock, ms, p.host.signal);
  try {
    const look = await reporter.forge.look(limit.signal, limit.until);
    return look.adopted ?? look.others.find(({ owner }) => owner?.key === p.order.runKey);
  } finally {
    limit.done();
  }
}

function describe(order: Order, state: State): string {
  const place = [order.environment, order.component].filter(Boolean).join('/');
  const doing = isTerminal(state) ? `Deployment ended as ${state}` : `Deployment is ${state}`;
  return `${doing.replace('_', ' ')}${place ? ` in ${place}` : ''}`;
}
