import type { Context } from '../context/context.ts';
import { quoted } from '../errors.ts';
import { nearestOf } from '../settings/nearest.ts';
import type { Read } from './read.ts';

const git = ['push', 'tag', 'pull_request'];
const words = (text: string): readonly string[] => text.split(' ');

/** The events of systems whose words are known; a system that is not here may call them anything. */
const knownEvents: Readonly<Record<string, readonly string[]>> = {
  drone: [...git, ...words('promote rollback cron custom')],
  woodpecker: [
    ...git,
    ...words('pull_request_closed pull_request_metadata release cron manual deployment'),
  ],
  'github-actions': words(
    'branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment fork gollum image_version issue_comment issues label merge_group milestone page_build public pull_request pull_request_review pull_request_review_comment pull_request_target push registry_package release repository_dispatch schedule status watch workflow_call workflow_dispatch workflow_run',
  ),
  gitlab: words(
    'api chat external external_pull_request_event merge_request_event ondemand_dast_scan ondemand_dast_validation parent_pipeline pipeline push schedule security_orchestration_policy trigger web webide',
  ),
  travis: words('push pull_request api cron'),
  circleci: git,
  jenkins: git,
  bitbucket: git,
  azure: words(
    'Manual IndividualCI BatchedCI Schedule ValidateShelveset CheckInShelveset PullRequest BuildCompletion ResourceTrigger',
  ),
};

/** What `events` replaces where it is set. */
const usualEvents: Readonly<Record<string, readonly string[]>> = {
  drone: ['promote', 'rollback'],
  woodpecker: ['deployment'],
};

/** A word that no event has lets nothing through, and nobody would notice. */
export function eventWarnings({ context, values, loaded }: Read): readonly string[] {
  const { system } = context;
  const known = knownEvents[system];
  if (!known || !values.events) return [];
  const unknown = values.events.filter((word) => !isEvent(word, context));
  const name = loaded.origins.get('events') ?? 'events';
  return [...new Set(unknown)].map((word) => {
    const nearest = nearestOf(word, known);
    const cure = nearest ? `did you mean ${nearest}?` : `they are ${known.join(', ')}`;
    return `${name} names ${quoted(word)}, which is no event of ${system}; ${cure}`;
  });
}

const isEvent = (word: string, { system, event }: Context): boolean =>
  (knownEvents[system]?.includes(word) ?? true) || word === event;

/** Not every build of a pipeline deploys; a step that does not is no failure. */
export function skippedEvent({ context, values, loaded, isTampered }: Read): string | undefined {
  const { event, system, deploys } = context;
  // Whoever added a variable may have added `events`: that is a fault, and no reason to pass.
  if (loaded.faulty.has('events') || isTampered) return undefined;
  if (values.events ? event && values.events.includes(event) : deploys) return undefined;
  // A slip of the fingers is warned about, and not worth copying.
  const written = values.events?.filter((word) => isEvent(word, context));
  const allowed = [...(written ?? usualEvents[system] ?? []), event].join(',');
  const cure = event ? ` (to allow it too, set events: ${allowed})` : '';
  return `nothing to do: the event of this ${system} build is ${event ?? 'not known'}, which does not deploy${cure}`;
}
