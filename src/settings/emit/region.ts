export type Form = 'markdown' | 'yaml' | 'groovy';

const marks: Readonly<Record<Form, (edge: string, name: string) => string>> = {
  markdown: (edge, name) => `<!-- ${edge} generated: ${name} -->`,
  yaml: (edge, name) => `# ${edge} generated: ${name}`,
  groovy: (edge, name) => `// ${edge} generated: ${name}`,
};

/** Replaces what stands between the two marks. Throws when they are not there exactly once, in order. */
export function replaceRegion(file: string, form: Form, name: string, content: string): string {
  const begin = marks[form]('begin', name);
  const end = marks[form]('end', name);
  const from = file.indexOf(`${begin}\n`);
  const to = file.indexOf(end);
  const once = (mark: string): boolean => file.indexOf(mark) === file.lastIndexOf(mark);
  if (from < 0 || to < from || !once(begin) || !once(end)) {
    throw new Error(`The file needs one line "${begin}" and after it one line "${end}".`);
  }
  const lead = form === 'markdown' ? '\n' : '';
  // With what the mark is indented by.
  const rest = file.slice(file.lastIndexOf('\n', to) + 1);
  return `${file.slice(0, from)}${begin}\n${lead}${content}\n${lead}${rest}`;
}
