import type { Config, Deployment } from './config.ts';
import { startersOf } from './silence.ts';
import { speaksFor } from './webhook.ts';

/** What a file comes to, for the person who checks it: what is deployed where, who may, what starts it. */
export function summaryOf(file: string, config: Config): readonly string[] {
  const { deployments, tokens, webhooks, page, metrics } = config;
  const counts = [
    count(deployments.length, 'deployment'),
    count(tokens.length, 'token'),
    count(webhooks.length, 'webhook'),
  ];
  return [
    `${file} is usable: ${counts.join(', ')}`,
    ...deployments.flatMap((deployment) => ['', ...linesOf(deployment, config)]),
    '',
    ...tokens.map(
      ({ name, may, deployments: globs }) =>
        `token ${name} may ${may.join(', ')}: ${may.includes('admin') ? 'everything' : globs.join(', ')}`,
    ),
    ...webhooks.map(
      ({ forge, forgeUrl, repositories }) =>
        `webhook of ${forge} at ${new URL(forgeUrl).host}: ${repositories.join(', ')}`,
    ),
    `page: ${page.access}; metrics: ${metrics.access}`,
  ];
}

function linesOf(deployment: Deployment, config: Config): readonly string[] {
  const { name, repository, environment, component, target, refs, checkout, busy, open } =
    deployment;
  const place = component ? `${environment}/${component}` : environment;
  return [
    `${name}: ${repository} to ${place} with ${target}`,
    `  started by ${startsOf(deployment, config).join('; ')}`,
    `  commits of ${refs ? refs.join(', ') : 'any branch or tag'}; checkout ${checkout}; busy ${busy}`,
    `  a request may set ${open.join(', ') || 'nothing'}`,
  ];
}

function startsOf(deployment: Deployment, config: Config): readonly string[] {
  const { on, name } = deployment;
  const starters = startersOf(config, name).map((token) => token.name);
  const isHooked = config.webhooks.some((hook) => speaksFor(hook, deployment));
  const byHook = isHooked ? '' : ' (no webhook)';
  return [
    ...(on.api ? [`the API (${starters.join(', ') || 'no token may'})`] : []),
    ...(on.deployment ? [`a deployment at GitHub${byHook}`] : []),
    ...(on.push.length > 0 ? [`a push to ${on.push.join(', ')}${byHook}`] : []),
    ...(on.tag.length > 0 ? [`a tag ${on.tag.join(', ')}${byHook}`] : []),
  ];
}

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;
