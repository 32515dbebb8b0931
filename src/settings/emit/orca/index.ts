import { deployJob, statusJob } from './jobs.ts';
import { indent } from './parameters.ts';
import { hardening, preamble } from './rules.ts';
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
    ...hardening(site.publicUrl, true),
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
