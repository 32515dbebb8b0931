import type { Checkout } from '../checkout/checkout.ts';
import { SettingsError } from '../errors.ts';
import type { Reporter, Verb } from '../reporters/reporter.ts';
import { yamlName } from '../settings/define.ts';
import type { CredentialUse, Target, TargetDeps, TargetEntry } from '../targets/target.ts';
import { version } from '../version.ts';
import { childEnv, type Prepared } from './prepare.ts';
import { shownPayload } from './redaction.ts';
import { checkoutEntry, fetchesTree } from './tree.ts';

/** What a deploy is made of. */
export type Parts = {
  readonly target: Target | undefined;
  readonly checkout: Checkout | undefined;
  readonly reporters: readonly Reporter[];
};

export const targetDeps = (p: Prepared): TargetDeps => ({
  http: p.http,
  clock: p.host.clock,
  log: p.log,
  cwd: p.host.cwd,
  env: childEnv(p.host.env),
  fetchesTree: fetchesTree(p),
});

export const openReporters = (p: Prepared, verb: Verb): readonly Reporter[] =>
  p.reporters.map(({ entry }) =>
    entry.open(p.loaded, shownPayload(p.order, p.redactor), {
      verb,
      http: p.http,
      clock: p.host.clock,
      log: p.log,
    }),
  );

/** For verbs that are nothing without a forge. */
export function openForges(p: Prepared, verb: Verb): readonly Reporter[] {
  if (p.reporters.length > 0) return openReporters(p, verb);
  const message = `finds nobody to tell: ${p.declined.join('; ')}`;
  throw new SettingsError([{ name: p.loaded.origins.get('report') ?? 'report', message }]);
}

/** `slipway 0.1.0: deploy octo/hello 1a2b3c4d to production with command (promote on drone)` */
export function introduction({ order, context }: Prepared, target: TargetEntry): string {
  // An adopted deployment brings its own commit and environment: what CI says of itself is not what is deployed.
  const { deploymentId, written } = order;
  const commit = deploymentId ? written.commit : order.commit;
  const other = deploymentId && !commit ? `deployment ${deploymentId}` : order.ref;
  const what = [order.repo, commit?.slice(0, 8) ?? other].filter(Boolean).join(' ');
  const environment = deploymentId ? written.environment : order.environment;
  const where = [environment, order.component].filter(Boolean).join('/');
  const why =
    context.system === 'none'
      ? ''
      : ` (${context.event ?? 'event not known'} on ${context.system})`;
  return `slipway ${version}: ${order.task}${what ? ` ${what}` : ''}${where ? ` to ${where}` : ''} with ${target.id}${why}`;
}

/** Said in every run: a credential that goes to a host which nobody meant must be seen. */
export function credentialLine(p: Prepared): string {
  const uses = credentialsOf(p).map(({ setting, host }) => {
    const key = Object.keys(p.loaded.values).find((each) => yamlName(each) === setting);
    const origin = key && p.loaded.origins.get(key);
    return `${setting}${origin ? ` (${origin})` : ''} goes to ${host}`;
  });
  return uses.length > 0 ? uses.join('; ') : 'no credential leaves this container';
}

function credentialsOf(p: Prepared): readonly CredentialUse[] {
  const all = [
    ...(p.target?.credentials(p.loaded) ?? []),
    ...(checkoutEntry(p)?.credentials(p.loaded, p.order) ?? []),
    ...p.reporters.flatMap(({ entry }) => entry.credentials(p.loaded, p.order)),
  ];
  const seen = new Map(all.map((use) => [`${use.setting} ${use.host}`, use]));
  return [...seen.values()];
}

export function reportLine({ reporters, declined }: Prepared): string {
  if (reporters.length === 0) return `reports to this log only (${declined.join('; ')})`;
  return `reports to ${reporters.map(({ entry, why }) => `${entry.id} (${why})`).join(' and ')}`;
}

/** A secret that did not arrive, and a deployment that nobody will be told of, are seldom meant. */
export function warnOfSilence({ loaded, order, reporters, log, values }: Prepared): void {
  const empty = loaded.empty.get('githubToken');
  if (reporters.length > 0 || values.report.includes('none')) return;
  if (empty)
    log.warn(`${empty} is empty: the secret was not found, or is not exposed to this event`);
  if (order.deploymentId) {
    log.warn(
      `deployment ${order.deploymentId} stays as it is: there is no github_token to tell it`,
    );
  }
}
