const text = Symbol('html');

/** Markup, of ASCII: the bundle is, and a tagged template is not escaped. There is no way to make one of a text but through `html`, which escapes it. */
export type Html = { readonly [text]: string };
type Part = Html | string | number | undefined | false | readonly Part[];

export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  const parts = strings.flatMap((string, at) => [
    string,
    at < values.length ? markup(values[at]) : '',
  ]);
  return { [text]: parts.join('') };
}

function markup(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return text in part ? part[text] : part.map(markup).join('');
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (raw: string): string => raw.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);

/** For whoever sends it. */
export const textOf = (markup: Html): string => markup[text];
