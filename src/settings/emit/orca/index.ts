import { deployJob, statusJob } from './jobs.ts';
import { indent } from './parameters.ts';
import { githubStatus, type Site, serverRun } from './webhooks.ts';

export type OrcaOptions = {
  /** Base of Slipway's own server, as Spinnaker reaches it. */
  readonly publicUrl: string;
  /** The image for Jobs. */
  readonly image: string;
  /** Spinnaker's release, for the keys that came with it: `2026.1`. */
  readonly spinnaker?: string;
  /** Base of Spinnaker's UI, for links. */
  readonly deckUrl?: string;
};

/** A complete orca-local.yml; what the verb `orca` prints. Throws a SettingsError on an unreadable release. */
export function orcaYaml(options: OrcaOptions): string {
  const bare = (url: string): string => url.replace(/\/+$/, '');
  const deckUrl = bare(options.deckUrl ?? 'https://spinnaker.example.com');
  const site: Site = { publicUrl: bare(options.publicUrl), deckUrl, release: options.spinnaker };
  const lines = [
    ...preamble,
    '',
    'webhook:',
    '  preconfigured:',
    '    # One status on a GitHub deployment, straight from Orca.',
    ...indent(githubStatus(site), 4),
    '',
    '    # One run in Slipway, polled until it ends.',
    ...indent(serverRun(site), 4),
    '',
    ...hardening(site.publicUrl),
    '',
    'job:',
    '  preconfigured:',
    '    kubernetes:',
    '      # One status, from a container.',
    ...indent(statusJob(options.image, deckUrl), 6),
    '',
    '      # One deploy, from a container: build an image FROM slipway with the tools that the command needs.',
    ...indent(deployJob(options.image, deckUrl), 6),
  ];
  return `${lines.join('\n')}\n`;
}

const preamble = [
  '# orca-local.yml (Halyard: ~/.hal/default/profiles/orca-local.yml)',
  '#',
  '# Rules for every ${...} below:',
  '# - No colon inside the braces (no ?: and no ternary): Spring Boot would replace it at start-up.',
  '# - A variable of the environment of Orca, as in Bearer ${NAME}, is filled in by Spring Boot at start-up.',
  '# - Everything else reaches the expressions of Orca and is evaluated when the stage runs.',
  '# - In a payload, #toJson and no quotes: it escapes what users write, and makes null of what is missing.',
];

const hardening = (publicUrl: string): readonly string[] => [
  '  # From Spinnaker 1.37 on; once it is on, every webhook stage needs an entry for each method and URL.',
  '  # allowedRequestsEnabled: true',
  '  # allowedRequests:',
  '  #   - httpMethods: [GET, POST]',
  `  #     urlPrefix: ${publicUrl}/spinnaker/`,
  '  #     safeToRetry: true # from 2025.1 on; Slipway starts one run for one Idempotency-Key',
  '  #   - httpMethods: [POST]',
  '  #     urlPrefix: https://api.github.com/repos/',
  '',
  '# Only if Slipway runs in the cluster: from 1.36 on, *.local, *.internal and bare hosts are refused.',
  '# user-configured-url-restrictions: # at the top level, not below webhook',
  '#   excludedDomains: [spinnaker, localdomain, internal]',
];
