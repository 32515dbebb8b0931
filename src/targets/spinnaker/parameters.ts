import type { Order } from '../../order.ts';
import { filled, placeholder, placeholderNames } from '../../placeholders.ts';
import { nearestOf } from '../../settings/nearest.ts';
import type { Pipeline } from './wire.ts';

export type Parameters = Readonly<Record<string, string>>;

const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(placeholder)].map(([, name = '']) => name.trim());

/** A slip of the fingers; any other text in double braces is the author's own template. */
export function placeholderFault(given: Parameters): string | undefined {
  for (const [parameter, text] of Object.entries(given)) {
    for (const name of namesIn(text)) {
      const near = placeholderNames.includes(name) ? undefined : nearestOf(name, placeholderNames);
      // Not as it stands there: the parameters are secret, and a log would show stars.
      if (near) return `has an unknown placeholder in ${parameter}; did you mean {{${near}}}?`;
    }
  }
  return undefined;
}

/**
 * What the pipeline is given. A parameter that is nothing but what the order does not say is left to its default;
 * where that stands in a text, it is a fault.
 */
export function parametersOf(
  given: Parameters,
  order: Order,
): { readonly parameters: Parameters; readonly fault?: string } {
  const parameters: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const missing = namesIn(text).find(
      (each) => placeholderNames.includes(each) && filled(each, order) === undefined,
    );
    if (missing !== undefined && text.trim().replace(placeholder, '') === '') continue;
    if (missing !== undefined) {
      return { parameters, fault: `holds {{${missing}}} in ${name}, and the order has none` };
    }
    parameters[name] = fill(text, order);
  }
  return { parameters };
}

function fill(text: string, order: Order): string {
  let done = '';
  let from = 0;
  // The two halves of an expression may come from two texts that stand side by side.
  const add = (part: string): void => {
    done += done.endsWith('$') && part.startsWith('{') ? ` ${part}` : part;
  };
  for (const { 0: whole, 1: name = '', index } of text.matchAll(placeholder)) {
    if (!placeholderNames.includes(name.trim())) continue;
    add(text.slice(from, index));
    add(harmless(filled(name.trim(), order) ?? ''));
    from = index + whole.length;
  }
  add(text.slice(from));
  return done;
}

/** Spinnaker evaluates `${…}` wherever it stands, and whoever wrote a commit's message is not to be trusted. */
export const harmless = (text: string): string => text.replaceAll('${', '$ {');

/** What Spinnaker would refuse. `written`: what the author wrote, also where the order fills nothing in. */
export function missingIn(
  pipeline: Pipeline,
  given: Iterable<string>,
  written: Parameters,
): string | undefined {
  const names = new Set(given);
  const missing = pipeline.parameters
    .filter(({ isRequired, hasDefault, name }) => isRequired && !hasDefault && !names.has(name))
    .map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const [what, each] = missing.length === 1 ? ['parameter', 'it'] : ['parameters', 'them'];
  const isLeft = missing.some((name) => Object.hasOwn(written, name));
  const why = isLeft ? '; a placeholder of which the order says nothing is left out' : '';
  return `lacks the ${what} ${missing.join(', ')}: pipeline ${pipeline.name} requires ${each}${why}`;
}

/** What Spinnaker would take without a word. */
export function oddIn(pipeline: Pipeline, given: Parameters): readonly string[] {
  const known = pipeline.parameters.map(({ name }) => name);
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = pipeline.parameters.find((each) => each.name === name);
    if (!parameter) {
      const near = nearestOf(name, known);
      const cure = near ? `; did you mean ${near}?` : '';
      return [`pipeline ${pipeline.name} declares no parameter ${name}${cure}`];
    }
    const isOption = parameter.options.length === 0 || parameter.options.includes(value);
    return isOption || namesIn(value).length > 0
      ? []
      : [`the value of parameter ${name} is none of its options: ${parameter.options.join(', ')}`];
  });
}
