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
    parameters[name] = text.replace(placeholder, (whole, each: string) =>
      placeholderNames.includes(each.trim()) ? harmless(filled(each.trim(), order) ?? '') : whole,
    );
  }
  return { parameters };
}

/** Spinnaker evaluates `${…}` wherever it stands, and whoever wrote a commit's message is not to be trusted. */
export const harmless = (text: string): string => text.replaceAll('${', '$ {');

/** What Spinnaker would refuse. */
export function missingIn(pipeline: Pipeline, given: Iterable<string>): string | undefined {
  const names = new Set(given);
  const missing = pipeline.parameters
    .filter(({ isRequired, hasDefault, name }) => isRequired && !hasDefault && !names.has(name))
    .map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const [what, each] = missing.length === 1 ? ['parameter', 'it'] : ['parameters', 'them'];
  return `lacks the ${what} ${missing.join(', ')}: pipeline ${pipeline.name} requires ${each}`;
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
