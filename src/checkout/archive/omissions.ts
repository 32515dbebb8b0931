import { createTally, shownNames, type Tally } from '../tree/shown.ts';

export type Omissions = {
  /** Whether this file may tell what the archive leaves out. */
  wants(parts: readonly string[], size: number): boolean;
  /** Its text. */
  read(parts: readonly string[], text: string): void;
  /** One line for each kind of thing that a clone has and this tree has not. */
  lines(): readonly string[];
};

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const largestPointer = 1024;
const pointer = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d+\n/;

/** What an archive leaves out beside the history, as far as its files tell. */
export function createOmissions(): Omissions {
  const pointers = createTally();
  const modules = createTally();
  const ignored = createTally();
  const isModules = (parts: readonly string[]): boolean => parts.join('/') === '.gitmodules';
  const isAttributes = (parts: readonly string[]): boolean => parts.at(-1) === '.gitattributes';
  return {
    wants: (parts, size) => size <= largestPointer || isModules(parts) || isAttributes(parts),
    read(parts, text) {
      if (isModules(parts)) {
        for (const [, path = ''] of text.matchAll(/^\s*path\s*=\s*"?(.*?)"?\s*$/gm))
          modules.add(path);
      } else if (isAttributes(parts)) {
        const folder = parts.slice(0, -1).join('/');
        for (const [, pattern = ''] of text.matchAll(
          /^\s*([^\s#]\S*)\s(?:.*\s)?export-ignore(?=\s|$)/gm,
        ))
          ignored.add(folder ? `${folder}/${pattern}` : pattern);
      } else if (pointer.test(text)) {
        pointers.add(parts.join('/'));
      }
    },
    lines: () => [
      ...line(modules, 'submodule', 'not in the archive', 'fetch what the deploy needs of it'),
      ...line(
        pointers,
        'file',
        'in Git LFS, and only a pointer here',
        'let the forge include LFS objects in archives, or use a clone',
      ),
      ...line(
        ignored,
        'pattern',
        'left out by export-ignore',
        'change .gitattributes if the deploy needs it',
      ),
    ],
  };
}

function line(
  { names, count }: Tally,
  thing: string,
  what: string,
  cure: string,
): readonly string[] {
  if (count === 0) return [];
  const things = count === 1 ? `1 ${thing} is` : `${count} ${thing}s are`;
  return [`${things} ${what}: ${shownNames(names, count)}; ${cure}`];
}
