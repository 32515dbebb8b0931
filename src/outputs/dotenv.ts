import type { RunOutputs } from './run-outputs.ts';
import { byteLength, cutBytes, type Rendered, singleLine } from './text.ts';

/**
 * `output_file` as dotenv, in the form that GitLab's dotenv report takes: one line a value, nothing quoted or escaped,
 * no comments, no empty lines. `maxBytes` bounds the file: GitLab refuses a larger one as a whole.
 */
export function renderDotenv(outputs: RunOutputs, maxBytes = Number.POSITIVE_INFINITY): Rendered {
  const values = new Map([...outputs].map(([name, value]) => [name, singleLine(value)]));
  const lost = new Set<string>();
  while (byteLength(linesOf(values)) > maxBytes) {
    const [name, value] = longest(values);
    if (value === '') break;
    values.set(name, cutBytes(value, Math.floor(byteLength(value) / 2)));
    lost.add(name);
  }
  return {
    text: linesOf(values),
    lost: [...lost].map((name) => `${name} was cut, because GitLab takes no more than 5 KiB`),
  };
}

const linesOf = (values: RunOutputs): string =>
  [...values].map(([name, value]) => `${name}=${value}\n`).join('');

const longest = (values: RunOutputs): readonly [string, string] =>
  [...values].reduce((a, b) => (byteLength(b[1]) > byteLength(a[1]) ? b : a), ['', '']);

/** `output_file` as JSON. */
export const renderJson = (outputs: RunOutputs): string =>
  `${JSON.stringify(Object.fromEntries(outputs), null, 2)}\n`;
