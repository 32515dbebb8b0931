import type { Deployment, Home, Webhook } from './config.ts';
import type { WrittenFile } from './file.ts';
import { matchesAnyCase } from './globs.ts';
import type { Report } from './tree.ts';

export type WrittenWebhook = NonNullable<WrittenFile['webhooks']>[number];

export function webhookOf(
  written: Partial<WrittenWebhook>,
  path: string,
  line: number,
  report: Report,
): Webhook {
  const { forge, secret, token, signing_token, repositories = [] } = written;
  const given = Object.entries({ secret, token, signing_token }).filter(([, value]) => value);
  const wanted = forge === 'gitlab' ? ['token', 'signing_token'] : ['secret'];
  const [proof = 'secret', value = { env: '' }] = given[0] ?? [];
  if (forge && (given.length !== 1 || !wanted.includes(proof))) {
    const message = `needs ${wanted.join(' or ')} to prove that a delivery is of ${forge}, and nothing beside`;
    report(path, line, message);
  }
  const forgeUrl = siteOf(forge ?? 'github', written.forge_url, path, line, report);
  return {
    path,
    forge: forge ?? 'github',
    forgeUrl,
    proof: proof as Webhook['proof'],
    value,
    repositories,
  };
}

const sites: Readonly<Partial<Record<Home, string>>> = {
  github: 'https://github.com',
  gitlab: 'https://gitlab.com',
  bitbucket: 'https://bitbucket.org',
  diversion: 'https://app.diversion.dev',
};

/** Base of the forge's site, without a slash at its end. */
export function siteOf(
  forge: Home,
  written: string | undefined,
  path: string,
  line: number,
  report: Report,
): string {
  const site = written?.replace(/\/+$/, '') ?? sites[forge];
  if (site) return site;
  report(`${path}.forge_url`, line, `is required for ${forge}, such as https://git.example.com`);
  return '';
}

/** Whether a webhook's deliveries are believed where they are about a deployment's repository. */
export const speaksFor = (hook: Webhook, { forge, forgeUrl, repository }: Deployment): boolean =>
  hook.forge === forge &&
  hook.forgeUrl.toLowerCase() === forgeUrl.toLowerCase() &&
  matchesAnyCase(hook.repositories, repository);
