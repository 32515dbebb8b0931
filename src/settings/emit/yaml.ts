/** A text as YAML, in the quotes that Biome would choose. */
export const quoted = (text: string): string =>
  text.includes('"') && !/['\\]/.test(text) ? `'${text}'` : JSON.stringify(text);

export const indented = (text: string, columns: number): string =>
  text.replace(/^(?=.)/gm, ' '.repeat(columns));
