import { isDeep } from '../depth.ts';
import type { Fault } from '../errors.ts';
import { expressionIn } from '../settings/expression.ts';

/** Fields that hold an expression which Spinnaker left as it was, at whatever depth, each with the next step. */
export function unresolvedFields(body: Readonly<Record<string, unknown>>): readonly Fault[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const found = findExpression(value) ?? expressionIn(name);
    return found === undefined ? [] : [{ name, message: cureOf(found) }];
  });
}

function findExpression(value: unknown): string | undefined {
  if (typeof value === 'string') return expressionIn(value);
  if (typeof value !== 'object' || value === null) return undefined;
  // What is nested too deep to be written as text is refused for that.
  return isDeep(value) ? undefined : expressionIn(JSON.stringify(value));
}

function cureOf(found: string): string {
  const [, parameter] = /parameterValues\[\\?['"](\w+)/.exec(found) ?? [];
  const what = parameter
    ? `the parameter ${parameter} has no value`
    : 'what it names does not exist';
  const step = parameter
    ? `open the stage in Spinnaker and save it, so that ${parameter} gets its default, or set it to an empty text`
    : 'correct the expression in the stage, and see its evaluation summary';
  return `holds an expression that Spinnaker left as it was, because ${what}: ${step}`;
}

/** For a body that is no JSON, because one expression failed and Orca sent all of them as they are. */
export const isTemplate = (text: string): boolean => expressionIn(text) !== undefined;
export const templateCure =
  'is not JSON: Orca sent its template as it is, because one expression in it failed or a value holds an expression itself. The evaluation summary of the stage names it';
