/**
 * What Spinnaker does to orca-local.yml before anything is sent, for the expressions that ours uses: Spring's
 * PropertyPlaceholderHelper at start-up, then kork's ExpressionTransform when a stage runs. Strict: any
 * other expression fails as one that does not parse.
 */
export type Facts = {
  readonly parameterValues: Readonly<Record<string, unknown>>;
  readonly execution: { readonly id: string; readonly application: string; readonly name: unknown };
  readonly stage: { readonly id: string; readonly startTime: number };
};

/** Every text of a document, whatever it is nested in. */
export function mapTexts(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  );
}

/** `${name}` and `${name:default}`; what cannot be resolved stays as it is. */
export function springPass(text: string, properties: Readonly<Record<string, string>>): string {
  let result = text;
  let start = result.indexOf('${');
  while (start >= 0) {
    const end = closing(result, start + 2);
    if (end < 0) return result;
    const placeholder = springPass(result.slice(start + 2, end), properties);
    const colon = placeholder.indexOf(':');
    const found =
      properties[placeholder] ??
      (colon < 0
        ? undefined
        : (properties[placeholder.slice(0, colon)] ?? placeholder.slice(colon + 1)));
    if (found === undefined) start = result.indexOf('${', end + 1);
    else {
      const value = springPass(found, properties);
      result = result.slice(0, start) + value + result.slice(end + 1);
      start = result.indexOf('${', start + value.length);
    }
  }
  return result;
}

/** Index of the brace that closes one opened before `from`; inner pairs are counted. */
function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') open += 1;
    if (text[at] === '}') open -= 1;
    if (open === 0) return at;
  }
  return -1;
}

/** Bodies of every `${…}` of a text. */
export function expressionsOf(text: string): readonly string[] {
  return partsOf(text).flatMap((part) => (typeof part === 'string' ? [] : [part.expression]));
}

type Part = string | { readonly expression: string };
function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', from)) {
    const end = closing(text, start + 2);
    if (end < 0) throw new Error(`no ending suffix for ${text.slice(start)}`);
    if (start > from) parts.push(text.slice(from, start));
    parts.push({ expression: text.slice(start + 2, end) });
    from = end + 1;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/**
 * A text that is one expression keeps the type of its value; a mixed one is joined as text, and a null in it
 * stays literal; where any expression throws, the whole text goes out as it is.
 */
export function transform(text: string, facts: Facts): unknown {
  try {
    const parts = partsOf(text);
    const values = parts.map((part) =>
      typeof part === 'string' ? part : (evaluate(part.expression.trim(), facts) ?? literal(part)),
    );
    return values.length === 1 ? values[0] : values.map(String).join('');
  } catch {
    return text;
  }
}

const literal = ({ expression }: { expression: string }): string => `\${${expression}}`;

function evaluate(expression: string, facts: Facts): unknown {
  const [, parameter] = /^parameterValues\['(\w+)'\]$/.exec(expression) ?? [];
  if (parameter) return facts.parameterValues[parameter] ?? undefined;
  const [, fact] = /^execution\.(id|application|name)$/.exec(expression) ?? [];
  if (fact) return facts.execution[fact as 'id'];
  const [, part] = /^#currentStage\(\)\.(id|startTime)$/.exec(expression) ?? [];
  if (part) return facts.stage[part as 'id' | 'startTime'];
  const [, json] = /^#toJson\((.+)\)$/.exec(expression) ?? [];
  if (json) return toJson(evaluate(json, facts));
  const [, joined] = /^'' \+ (.+)$/.exec(expression) ?? [];
  if (joined) return `${evaluate(joined, facts)}`;
  throw new Error(`EL1041E: not an expression of ours: ${expression}`);
}

/** Orca refuses to write what it would evaluate again. */
function toJson(value: unknown): string {
  const json = JSON.stringify(value ?? null);
  if (json.includes('${')) throw new Error('result for toJson cannot contain an expression');
  return json;
}
