import { fullSha } from '../context/git-names.ts';
import type { Forge, HookEvent, Reading } from './hook.ts';

type Push = {
  readonly forge: Forge;
  readonly repository: string | undefined;
  /** `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string | undefined;
  readonly sha: string | undefined;
  /** The branch or tag is gone. */
  readonly isDeletion: boolean;
  readonly actor: string | undefined;
};

/** Longer than any forge allows: nobody has to keep it. */
const longest = 512;
const isRepository = (text: string): boolean =>
  text.length <= longest && /^[\w.~-]+(?:\/[\w.~-]+)+$/.test(text);

export function pushEvent(push: Push): HookEvent | string {
  const { forge, repository, ref = '', sha, isDeletion, actor } = push;
  if (!repository || !isRepository(repository)) return 'names no repository';
  const [, group, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (!name || ref.length > longest) return 'is a push of neither a branch nor a tag';
  if (isDeletion) return `is the deletion of ${group === 'tags' ? 'a tag' : 'a branch'}`;
  const commit = fullSha(sha);
  if (!commit) return 'names no commit';
  return {
    forge,
    kind: group === 'tags' ? 'tag' : 'push',
    repository,
    ref: name,
    sha: commit,
    deploymentId: undefined,
    environment: undefined,
    actor,
    identity: [forge, repository.toLowerCase(), ref, commit].join(' '),
  };
}

type Made = {
  readonly repository: string | undefined;
  readonly id: unknown;
  readonly environment: string | undefined;
  readonly ref: string | undefined;
  readonly sha: string | undefined;
  readonly actor: string | undefined;
};

export function deploymentEvent(made: Made): HookEvent | string {
  const { repository, id, environment, ref, sha, actor } = made;
  if (!repository || !isRepository(repository)) return 'names no repository';
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0) return 'names no deployment';
  if (!environment || environment.length > longest) return 'names no environment';
  return {
    forge: 'github',
    kind: 'deployment',
    repository,
    ref,
    sha: fullSha(sha),
    deploymentId: String(id),
    environment,
    actor,
    identity: ['github', repository.toLowerCase(), 'deployment', id].join(' '),
  };
}

/** One event, or why it is none. */
export const readingOf = (event: HookEvent | string): Reading =>
  typeof event === 'string' ? { kind: 'ignored', why: event } : { kind: 'events', events: [event] };
