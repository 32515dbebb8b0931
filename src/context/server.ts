import { type Context, contextOf } from './context.ts';
import { hostOf } from './repo-url.ts';

/** What a server knows of a run that it is about to start. */
export type ServerFacts = {
  readonly runId: string;
  /** ms since the epoch, when the run was accepted. */
  readonly createdAt: number;
  /** Base of every link to this server; its host is part of the run key. */
  readonly publicUrl: string;
  readonly forge: Exclude<Context['forge'], undefined>;
  /** Base of the forge's site. */
  readonly forgeUrl: string;
  readonly repository: string;
  /** What started it: a request, or an event of the forge. */
  readonly source: 'api' | 'spinnaker' | 'page' | 'deployment' | 'push' | 'tag';
  readonly actor?: string | undefined;
  /** As the forge itself has them, of the event that started the run; a delivery only names. */
  readonly commit?: string | undefined;
  readonly ref?: string | undefined;
  readonly task?: string | undefined;
  readonly deploymentId?: string | undefined;
};

const events: readonly ServerFacts['source'][] = ['deployment', 'push', 'tag'];

/** A run of the server as the verbs see a build of CI. There is no build link: nobody else posts for this run. */
export function serverContext(facts: ServerFacts): Context {
  const { runId, publicUrl, forge, forgeUrl, repository, source } = facts;
  const base = publicUrl.replace(/\/+$/, '');
  return contextOf('server', {
    host: hostOf(base),
    repo: repository,
    repoUrl: `${forgeUrl.replace(/\/+$/, '')}/${repository}`,
    forge,
    commit: facts.commit,
    ref: facts.ref,
    event: source,
    deploys: true,
    task: facts.task,
    deploymentId: facts.deploymentId,
    startedByForge: events.includes(source),
    execution: runId,
    createdAt: facts.createdAt,
    stepUrl: `${base}/runs/${runId}`,
    actor: facts.actor,
  });
}
