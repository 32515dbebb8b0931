import type { Shape } from './shape.ts';
import { isEmpty, textOf } from './tree.ts';

/** Where the value of a secret is; the value itself never stands in slipway.yml. */
export type SecretRef = { readonly env: string } | { readonly file: string };

export const refText = (ref: SecretRef): string =>
  'env' in ref ? `the variable ${ref.env}` : `the file ${ref.file}`;

const how = '{ env: NAME } for a variable of the server, or { file: /path } for a file';
const variable = /^[A-Za-z_]\w{0,127}$/;

export const secretRef: Shape<SecretRef> = {
  schema: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties: {
      env: { type: 'string', pattern: variable.source },
      file: { type: 'string', pattern: '\\S' },
    },
  },
  read: (tree, path, report) => {
    if (tree.kind === 'scalar') {
      // Whoever can read the file has seen it.
      report(path, tree.line, `stands in the file as it is: replace the secret, and write ${how}`);
      return undefined;
    }
    const [only, ...more] = tree.kind === 'map' ? [...tree.entries] : [];
    const [name, entry] = only ?? [];
    const value = entry?.value.kind === 'scalar' && !isEmpty(entry.value) ? entry.value : undefined;
    const text = value ? textOf(value).trim() : '';
    if (more.length > 0 || !value || (name !== 'env' && name !== 'file')) {
      report(path, tree.line, `must be ${how}`);
      return undefined;
    }
    if (name === 'file') return { file: text };
    if (variable.test(text)) return { env: text };
    // It may be the secret itself.
    report(`${path}.env`, value.line, 'must be the name of a variable, such as HELLO_TOKEN');
    return undefined;
  },
};
