import { runInNewContext } from 'node:vm';
import { readEntry } from './expand.ts';

/** Every line of the step that a person wrote, and what it is in JavaScript. Groovy has no other say in these tests. */
const lines: Readonly<Record<string, string>> = {
  'def call(Map settings = [:]) {': 'function call(settings = {}) {',
  "def unknown = settings.keySet() - names() - ['image']":
    "const unknown = Object.keys(settings).filter((name) => ![...names(), 'image'].includes(name));",
  'if (unknown) {': 'if (unknown.length > 0) {',
  'error("slipway takes no ${unknown.join(\', \')}: secrets come by withCredentials, as PLUGIN_NAME")':
    "error(`slipway takes no ${unknown.join(', ')}: secrets come by withCredentials, as PLUGIN_NAME`);",
  'def variables = ["SLIPWAY_IMAGE=${settings.image ?: \'slipway\'}".toString()]':
    "const variables = [`SLIPWAY_IMAGE=${settings.image || 'slipway'}`];",
  "for (name in settings.keySet() - ['image']) {":
    "for (const name of Object.keys(settings).filter((key) => key !== 'image')) {",
  'variables.add("PLUGIN_${name.toUpperCase()}=${text(settings[name])}".toString())':
    'variables.push(`PLUGIN_${name.toUpperCase()}=${text(settings[name])}`);',
  'withEnv(variables) {': 'withEnv(variables, () => {',
  'sh(script())': 'sh(script());',
  'def text(value) {': 'function text(value) {',
  'if (value == null) {': 'if (value === null) {',
  "return ''": "return '';",
  'def written = value instanceof List || value instanceof Map ? groovy.json.JsonOutput.toJson(value) : value':
    "const written = typeof value === 'object' ? JSON.stringify(value) : value;",
  "return written.toString().replace('$', '$$')":
    "return String(written).replaceAll('$', () => '$$');",
  'def names() {': 'function names() {',
  'return [': 'return [',
  ']': '];',
  'def script() {': 'function script() {',
};

function translated(groovy: string): string {
  const [whole = '', script = ''] = /'''\n([\s\S]*?)\n *'''/.exec(groovy) ?? [];
  const open: string[] = [];
  const body = groovy
    .replace(`return ${whole}`, 'SCRIPT')
    .split('\n')
    .map((line) => {
      const bare = line.trim();
      if (bare === '' || bare.startsWith('//')) return '';
      if (bare === '}') return open.pop() ?? '}';
      // In Groovy a backslash before the end of a line joins it with the next.
      if (bare === 'SCRIPT') return `return ${JSON.stringify(script.replaceAll('\\\n', ''))};`;
      if (/^'\w+',$/.test(bare)) return bare;
      const known = lines[bare];
      if (known === undefined) throw new Error(`no translation of: ${bare}`);
      if (known.endsWith('{')) open.push(known.endsWith('=> {') ? '});' : '}');
      return known;
    });
  return body.join('\n');
}

export type Step = { readonly variables: readonly string[]; readonly script: string };

/** The step's call with what it hands to `withEnv` and `sh`; throws what it hands to `error`. */
export function called(settings: Readonly<Record<string, unknown>>): Step {
  const source = translated(readEntry('jenkins/vars/slipway.groovy'));
  const step: { variables: readonly string[]; script: string } = { variables: [], script: '' };
  runInNewContext(`${source}\ncall(settings)`, {
    settings,
    error(message: string) {
      throw new Error(message);
    },
    withEnv(variables: readonly string[], body: () => void) {
      step.variables = [...variables];
      body();
    },
    sh(script: string) {
      step.script = script;
    },
  });
  return step;
}

/** As `withEnv` sets what it is given: a variable that is known is replaced, and two dollars are one. */
export function environmentOf(
  variables: readonly string[],
  known: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = variables.map((each) => {
    const [, name = '', value = ''] = /^([A-Z_]+)=([\s\S]*)$/.exec(each) ?? [];
    const filled = value.replace(/\$(\$|\w+|\{[\w.]+\})/g, (whole, text: string) =>
      text === '$' ? '$' : (known[text.replace(/[{}]/g, '')] ?? whole),
    );
    return [name, filled];
  });
  return Object.fromEntries(pairs);
}
