import type { RunOutputs } from './run-outputs.ts';
import { byteLength, cutBytes, type Rendered, singleLine } from './text.ts';

/** `output_file` as dotenv: one line a value, nothing quoted or escaped, no comments, no empty lines. */
export const renderDotenv = (outputs: RunOutputs): string =>
  linesOf(new Map([...outputs].map(([name, value]) => [name, singleLine(value)])));

const mostBytes = 5 * 1024;
/** `%NAME%`, which has no escape; `%C3%A9` of a URL is no variable that anybody has. */
const windowsVariable = /%(?![0-9A-Fa-f]{2}%)[A-Za-z_]\w*%/;

/**
 * The same as GitLab's dotenv report takes it. It refuses a file of more than 5 KiB as a whole, and hands variables to
 * later jobs with `$NAME` and `%NAME%` filled in, whatever of that job's secrets they name: `$$` is its dollar.
 * https://docs.gitlab.com/ci/variables/#prevent-cicd-variable-expansion
 */
export function renderGitlabReport(outputs: RunOutputs): Rendered {
  const values = new Map<string, string>();
  const notes: string[] = [];
  const lost = new Set<string>();
  for (const [name, value] of outputs) {
    const line = singleLine(value);
    if (windowsVariable.test(line)) {
      values.set(name, '');
      notes.push(`${name} was left empty, because GitLab would fill in the %NAME% in it`);
    } else values.set(name, line.replaceAll('$', '$$$$'));
  }
  while (byteLength(linesOf(values)) > mostBytes) {
    const [name, value] = longest(values);
    if (value === '') break;
    // Half of a `$$` would be a dollar that is filled in.
    const half = cutBytes(value, Math.floor(byteLength(value) / 2)).replace(/\$+$/, '');
    values.set(name, half);
    lost.add(name);
  }
  return {
    text: linesOf(values),
    lost: [
      ...notes,
      ...[...lost].map((name) => `${name} was cut, because GitLab takes no more than 5 KiB`),
    ],
  };
}

const linesOf = (values: RunOutputs): string =>
  [...values].map(([name, value]) => `${name}=${value}\n`).join('');

const longest = (values: RunOutputs): readonly [string, string] =>
  [...values].reduce((a, b) => (byteLength(b[1]) > byteLength(a[1]) ? b : a), ['', '']);

/** `output_file` as JSON. */
export const renderJson = (outputs: RunOutputs): string =>
  `${JSON.stringify(Object.fromEntries(outputs), null, 2)}\n`;
