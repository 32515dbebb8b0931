import { shortCommit } from '../order.ts';
import { yamlName } from '../settings/define.ts';
import { emptySecret } from '../settings/load.ts';
import type { Env } from '../settings/sources.ts';
import type { CredentialUse, TargetDeps, TargetEntry } from '../targets/target.ts';
import { version } from '../version.ts';
import { checkoutEntry, childEnv, type Prepared, whyNobody } from './prepare.ts';
import { fetchesTree } from './tree.ts';

export const targetDeps = (p: Prepared): TargetDeps => ({
  http: p.http,
  clock: p.host.clock,
  log: p.log,
  cwd: p.host.cwd,
  env: childEnv(p.host.env),
  fetchesTree: fetchesTree(p),
});

/** `slipway 0.1.0: deploy octo/hello 1a2b3c4d to production with command (promote on drone)` */
export function introduction({ order, context }: Prepared, target: TargetEntry): string {
  // An adopted deployment brings its own commit and environment: what CI says of itself is not what is deployed.
  const { deploymentId, written } = order;
  const commit = deploymentId ? written.commit : order.commit;
  const other = deploymentId && !commit ? `deployment ${deploymentId}` : order.ref;
  const what = [order.repo, (commit && shortCommit(commit)) ?? other].filter(Boolean).join(' ');
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
  const uses = [...Map.groupBy(credentialsOf(p), ({ setting }) => setting)].map(
    ([setting, all]) => {
      const key = Object.keys(p.loaded.values).find((each) => yamlName(each) === setting);
      const origin = key && p.loaded.origins.get(key);
      const hosts = all.map(({ host }) => host).join(' and ');
      return `${setting}${origin ? ` (${origin})` : ''} goes to ${hosts}`;
    },
  );
  if (uses.length === 0) return 'no credential leaves this container';
  return [...uses, ...proxiesIn(p.host.env)].join('; ');
}

/** Whoever sets a proxy may be somebody else than who wrote the settings. */
function proxiesIn(env: Env): readonly string[] {
  return ['HTTPS_PROXY', 'HTTP_PROXY'].flatMap((name) => {
    const proxy = env[name] || env[name.toLowerCase()];
    const host = proxy && URL.parse(proxy)?.host;
    const seen = name === 'HTTP_PROXY' ? 'http:// by way of' : 'https:// by way of';
    const what = name === 'HTTP_PROXY' ? ', which reads what passes' : '';
    return host ? [`${seen} ${host} (${name}${what})`] : [];
  });
}

export function credentialsOf(p: Prepared): readonly CredentialUse[] {
  const all = [
    ...(p.target?.credentials(p.loaded) ?? []),
    ...(checkoutEntry(p)?.credentials(p.loaded, p.order) ?? []),
    ...p.reporters.flatMap(({ entry }) => entry.credentials(p.loaded, p.order)),
  ];
  const seen = new Map(all.map((use) => [`${use.setting} ${use.host}`, use]));
  return [...seen.values()];
}

export function reportLine({ reporters, declined }: Prepared): string {
  if (reporters.length === 0) return `reports to this log only (${whyNobody(declined)})`;
  return `reports to ${reporters.map(({ entry, why }) => `${entry.id} (${why})`).join(' and ')}`;
}

/** A secret that did not arrive, and a deployment that nobody will be told of, are seldom meant. */
export function warnOfSilence({ loaded, order, reporters, log, values }: Prepared): void {
  const empty = loaded.empty.get('githubToken');
  const isHeard = reporters.some(({ entry }) => entry.forge !== undefined);
  if (isHeard || values.report.includes('none')) return;
  if (empty) log.warn(`${empty} ${emptySecret}`);
  if (order.deploymentId) {
    log.warn(
      `deployment ${order.deploymentId} stays as it is: there is no github_token to tell it`,
    );
  }
}
