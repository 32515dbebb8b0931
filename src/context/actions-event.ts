import type { Facts } from './context.ts';

/** What the event file of GitHub Actions says of a deployment or a pull request. */
export type ActionsEvent = {
  readonly deployment: Readonly<Record<'id' | 'sha' | 'ref' | 'environment' | 'task', Said>>;
  /** Head of the pull request, and the repository it lies in. */
  readonly head: Readonly<Record<'sha' | 'ref' | 'repo', Said>>;
};
type Said = string | undefined;

/** Never throws: of a file that is missing or broken nothing is known. */
export function readActionsEvent(path: string | undefined, facts: Facts): ActionsEvent {
  const event = parse(path ? facts.readFile(path) : undefined);
  const deployment = (key: string): Said => textAt(event, 'deployment', key);
  const head = (...keys: string[]): Said => textAt(event, 'pull_request', 'head', ...keys);
  return {
    deployment: {
      id: deployment('id'),
      sha: deployment('sha'),
      ref: deployment('ref'),
      environment: deployment('environment'),
      task: deployment('task'),
    },
    head: { sha: head('sha'), ref: head('ref'), repo: head('repo', 'full_name') },
  };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function textAt(value: unknown, ...keys: readonly string[]): Said {
  const found = keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
