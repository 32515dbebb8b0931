import { isObject } from '../../settings/rules.ts';

/** Why a stage failed, from its context; in the order in which Spinnaker's own UI looks. */
export function reasonIn(context: Readonly<Record<string, unknown>>): string | undefined {
  const details = at(context, 'exception', 'details');
  const tasks = context['kato.tasks'];
  const last = Array.isArray(tasks) ? tasks.findLast((task) => at(task, 'exception')) : undefined;
  const found = [
    texts(at(details, 'errors')),
    texts(at(details, 'error')),
    texts(at(last, 'exception', 'message')),
    texts(at(context, 'webhook', 'error')),
    texts(context.failureMessage),
    texts(context.stageFailureMessage),
  ];
  return found.find((each) => each !== undefined);
}

/** Whole, for what is cut of a secret could not be redacted any more. */
function texts(value: unknown): string | undefined {
  const lines = [value]
    .flat()
    .flatMap((each) => (typeof each === 'string' ? [each.replace(/\s+/g, ' ').trim()] : []))
    .filter((each) => each !== '');
  return lines.length > 0 ? [...new Set(lines)].join('; ') : undefined;
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
