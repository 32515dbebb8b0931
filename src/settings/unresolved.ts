import type { Setting } from './define.ts';
import { expressionIn } from './expression.ts';

const reference = /["']?\bfrom_secret["']?\s*:/;

/**
 * Text that an earlier stage should have replaced, and the cure. In scripts, templates and prose it is the
 * author's business. The text itself is not shown: it may stand in a secret.
 */
export function unresolved(setting: Setting, raw: string): string | undefined {
  const { is: rule, secret } = setting;
  if (rule.template) return undefined;
  if (
    (!rule.prose || secret || isCollection(raw)) &&
    (reference.test(raw) || raw.trim() === 'from_secret')
  ) {
    return 'holds the text from_secret: Drone resolves it only as the whole setting, not inside a list or map';
  }
  if (rule.prose && !secret) return undefined;
  if (raw.trim().toLowerCase() === 'placeholder') {
    return 'is still the word placeholder: the stage that starts this container did not fill it in';
  }
  if (expressionIn(raw) !== undefined) {
    return 'holds an unresolved ${…}: what it names does not exist where this pipeline is read';
  }
  if (expressionIn(raw, ['<+', '>']) !== undefined) {
    return 'holds an unresolved <+…> expression: Harness did not find what it names';
  }
  if (/^\$\([\w.-]+\)$/.test(raw.trim())) {
    return 'is an unresolved $(…): Azure Pipelines knows no variable of that name';
  }
  return undefined;
}

const isCollection = (raw: string): boolean => /^[[{]/.test(raw.trim());
