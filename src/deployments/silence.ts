import type { Config, Deployment } from './config.ts';
import { matchesAny } from './globs.ts';
import type { Report } from './tree.ts';
import { speaksFor } from './webhook.ts';

/** What nobody can start, and two that share one place unawares: hardly meant, but no harm. */
export function warnOfSilence(config: Config, lineAt: (at: number) => number, warn: Report): void {
  const slots = new Map<string, string>();
  for (const [at, deployment] of config.deployments.entries()) {
    const { path, name, on, repository } = deployment;
    const say = (place: string, message: string): void => warn(place, lineAt(at), message);
    if (on.api && startersOf(config, name).length === 0) {
      say(path, `is for the API, but no token may deploy ${name}`);
    }
    const waits = on.deployment || on.push.length + on.tag.length > 0;
    if (waits && !config.webhooks.some((hook) => speaksFor(hook, deployment))) {
      say(`${path}.on`, `waits for deliveries of ${repository}, which no entry of webhooks covers`);
    }
    const slot = slotOf(deployment);
    const other = slots.get(slot);
    const message = `has the repository and environment of ${other}, so they run one after the other: give each a component if both serve side by side`;
    if (other) say(path, message);
    slots.set(slot, other ?? name);
  }
}

/** Tokens that may start a deployment. */
export const startersOf = ({ tokens }: Config, name: string): Config['tokens'] =>
  tokens.filter(
    ({ may, deployments }) =>
      may.includes('admin') || (may.includes('deploy') && matchesAny(deployments, name)),
  );

/** One run at a time has it. */
export const slotOf = ({ repository, environment, component = '', forgeUrl }: Deployment): string =>
  [forgeUrl, repository, environment, component].join(' ').toLowerCase();
